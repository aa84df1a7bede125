import type { ClientOperations } from '../client/api'
import { keepOutOfProxies } from '../wasm/opaque'

/**
 * KurrentDB's own interface: streams of events, as `@kurrent/kurrentdb-client` has it. A session's own client has it, and
 * so has the official one.
 */
export type EventClient = ClientOperations

/** Where a lazy client finds the client that does the work. */
export interface ClientSource {
  /** Loads what is needed. */
  open(): Promise<EventClient>
  /** The client, when it is there already. */
  readonly opened: EventClient | undefined
}

/**
 * A client that is there at once and loads with its first operation. Everything else is as the client it stands for has
 * it, but for one thing: before that is loaded, what it would throw at once arrives as a rejection or as an `error` event.
 */
export function lazyClient(source: ClientSource): EventClient {
  return new LazyClient(source) as unknown as EventClient
}

/** Answered by a promise. */
const promised = [
  'appendToStream', 'multiStreamAppend', 'appendRecords', 'deleteStream', 'tombstoneStream', 'getStreamMetadata',
  'setStreamMetadata', 'createPersistentSubscriptionToStream', 'createPersistentSubscriptionToAll',
  'updatePersistentSubscriptionToStream', 'updatePersistentSubscriptionToAll', 'deletePersistentSubscriptionToStream',
  'deletePersistentSubscriptionToAll', 'getPersistentSubscriptionToStreamInfo', 'getPersistentSubscriptionToAllInfo',
  'listAllPersistentSubscriptions', 'listPersistentSubscriptionsToStream', 'listPersistentSubscriptionsToAll',
  'replayParkedMessagesToStream', 'replayParkedMessagesToAll', 'restartPersistentSubscriptionSubsystem',
  'createProjection', 'updateProjection', 'deleteProjection', 'enableProjection', 'disableProjection',
  'abortProjection', 'resetProjection', 'getProjectionState', 'getProjectionResult', 'getProjectionStatus',
  'listProjections', 'restartSubsystem',
] as const
/** Answered by an iterator. */
const iterated = ['readStream', 'readAll'] as const
/** Answered by a readable stream. */
const subscribed = [
  'subscribeToStream', 'subscribeToAll', 'subscribeToPersistentSubscriptionToStream',
  'subscribeToPersistentSubscriptionToAll',
] as const

type Listed = (typeof promised)[number] | (typeof iterated)[number] | (typeof subscribed)[number]
/** Not generated below. */
type Handwritten = 'connectionName' | 'credentialsProvider' | 'setCredentialsProvider' | 'dispose'
/** Does not compile while an operation is missing above. */
type Missing = Exclude<keyof EventClient, Listed | Handwritten>
const complete: [Missing] extends [never] ? true : Missing = true
void complete

type Operation = (...given: unknown[]) => unknown
type Operations = Readonly<Record<string, Operation>>
type Provider = EventClient['credentialsProvider']

class LazyClient {
  private provider: Provider

  constructor(private readonly source: ClientSource) {
    keepOutOfProxies(this)
  }

  /** Empty until the client is there. */
  get connectionName(): string {
    return this.source.opened?.connectionName ?? ''
  }

  get credentialsProvider(): Provider {
    return this.provider
  }

  setCredentialsProvider(provider: Provider): void {
    this.provider = provider
    this.source.opened?.setCredentialsProvider(provider)
  }

  async dispose(): Promise<void> {
    await this.source.opened?.dispose()
  }

  /** The client that does the work, when it is there. */
  get opened(): Operations | undefined {
    return this.prepared(this.source.opened)
  }

  async open(): Promise<Operations> {
    return this.prepared(await this.source.open())!
  }

  /** A client that was opened after the provider was set, perhaps in another environment, does not know it yet. */
  private prepared(client: EventClient | undefined): Operations | undefined {
    if (this.provider && client?.credentialsProvider !== this.provider) client?.setCredentialsProvider(this.provider)
    return client as unknown as Operations | undefined
  }

  /** For `databaseOf`. */
  get [Symbol.for('kurrentlite/home')](): unknown {
    return (this.source.opened as { [home: symbol]: unknown } | undefined)?.[Symbol.for('kurrentlite/home')]
  }
}

function define(names: readonly string[], run: (client: LazyClient, name: string, given: unknown[]) => unknown): void {
  for (const name of names) {
    const value = function (this: LazyClient, ...given: unknown[]): unknown {
      const { opened } = this
      return opened ? opened[name]!(...given) : run(this, name, given)
    }
    Object.defineProperty(LazyClient.prototype, name, { value, writable: true, configurable: true })
  }
}

define(promised, async (client, name, given) => (await client.open())[name]!(...given))
define(iterated, (client, name, given) => iterateLater(client, name, given))
define(subscribed, (client, name, given) => subscribeLater(client.open().then((opened) => opened[name]!(...given))))

async function* iterateLater(client: LazyClient, name: string, given: unknown[]): AsyncGenerator<unknown> {
  yield* (await client.open())[name]!(...given) as AsyncIterable<unknown>
}

/** What answers with the stream itself may be asked before there is one. */
const chained = new Set([
  'on', 'once', 'off', 'addListener', 'removeListener', 'prependListener', 'prependOnceListener', 'removeAllListeners',
  'pause', 'resume', 'setMaxListeners', 'destroy',
])
/** Answered by a promise. */
const awaited = new Set(['ack', 'nack'])

type Readable = Record<PropertyKey, unknown>

/** A readable stream that is still being opened: keeps what is asked of it, then hands everything on. */
function subscribeLater(opening: Promise<unknown>): object {
  let stream: Readable | undefined
  let asked: { readonly name: string; readonly given: unknown[] }[] = []
  const opened = opening.then((found) => {
    stream = found as Readable
    for (const { name, given } of asked) call(stream, name, given)
    asked = []
    return stream
  })
  opened.catch((error: unknown) => {
    const listeners = asked.filter(({ name, given }) => chained.has(name) && given[0] === 'error')
    for (const { given } of listeners) (given[1] as (error: unknown) => void)(error)
  })
  const later = (name: string) => {
    if (name === 'unsubscribe') return () => opened.then((found) => call(found, name, []), () => undefined)
    if (awaited.has(name)) return (...given: unknown[]) => opened.then((found) => call(found, name, given))
    if (!chained.has(name)) return undefined
    return (...given: unknown[]) => {
      asked.push({ name, given })
      return proxy
    }
  }
  const proxy: object = new Proxy(
    {},
    {
      get(_target, name) {
        if (name === '__v_skip') return true
        if (stream) return typeof stream[name] === 'function' ? stream[name].bind(stream) : stream[name]
        if (name === Symbol.asyncIterator) return () => iterateStream(opened)
        return typeof name === 'string' ? later(name) : undefined
      },
    },
  )
  return proxy
}

const call = (stream: Readable, name: string, given: unknown[]): unknown => (stream[name] as Operation)(...given)

async function* iterateStream(opened: Promise<Readable>): AsyncGenerator<unknown> {
  yield* (await opened) as unknown as AsyncIterable<unknown>
}
