import type { WasmDatabase } from '../wasm/database'
import { monotonic, turn } from '../wasm/environment'
import { newEventId } from '../wasm/event_ids'
import { PageFlag, type ResolvedStoredEvent } from '../wasm/events'
import type { OutgoingEvents } from '../wasm/outgoing_events'
import { failure } from '../wasm/failure'
import { type Network, NetworkOperation } from '../wasm/network'
import type { Appended, AppendPlan, Beginning, Streams } from '../wasm/streams'
import type { ClientOperations } from './api'
import { readConnectionString, type ConnectionSettings } from './connection_string_settings'
import { BACKWARDS, END, FORWARDS, NO_STREAM, START } from './constants'
import { StreamNotFoundError, WrongExpectedVersionError } from './errors'
import { jsonEvent } from './events'
import { deadlineExceeded, type Protocol, toClientError } from './failures'
import { type Home, homeOf } from './home'
import { notBuiltOperations } from './not_built'
import { outgoingEvents, outgoingRecords } from './outgoing'
import {
  checkedStateOf, checkFromRevision, checkpointEventsOf, countOf, expectedStateOf, filterText, positionBeginning,
  revisionBeginning, streamNameOf,
} from './parameters'
import { PagedReader } from './reader'
import { metastreamOf } from './stream_names'
import { shownMetadata, storedMetadata } from './stream_metadata'
import { CatchUpSubscription, type Opened } from './subscription'
import type {
  AllStreamResolvedEvent, AllStreamSubscription, AppendRecordInput, AppendRecordsResult, AppendResult, AppendStreamRequest,
  AppendStreamState, AppendToStreamOptions, BaseOptions, ConsistencyCheck, Credentials, CredentialsProvider,
  DeleteResult, DeleteStreamOptions, EventData, EventType, GetStreamMetadataOptions, GetStreamMetadataResult,
  MultiAppendResult, Position, ReadAllOptions, ReadStreamOptions, ResolvedEvent,
  SetStreamMetadataOptions, StreamMetadata, StreamState, StreamSubscription, SubscribeToAllOptions,
  SubscribeToStreamOptions, TombstoneStreamOptions,
} from './types/index'
import type { HostReadableOptions } from './types/host'
import type { CustomStreamMetadata } from './types/metadata'

const FIRST_PAGE_EVENTS = 100
const PAGE_EVENTS = 250

/** Where `databaseOf` finds the database of a client, also of one from another copy of this package. */
export const HOME = Symbol.for('kurrentlite/home')

/** What a reader asks for page by page. */
type ReadPage = (
  streams: Streams, options: { backwards: boolean; from: Beginning; maxCount: number; resolveLinks: boolean }, who: number,
) => ReturnType<Streams['readStream']>

export interface KurrentDBClient extends ClientOperations {}

/**
 * A client of `@kurrent/kurrentdb-client` for a database in this process: same methods, options, results and errors. Two
 * clients for the same host and port share one database; `databaseOf(client)` has what goes beyond the official interface.
 * Made by `KurrentDBClient.connectionString`, which checks the text and loads nothing; the first operation does.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- operations that are not built yet
export class KurrentDBClient implements ClientOperations {
  readonly connectionName: string
  private provider: CredentialsProvider | undefined
  private readonly subscriptions = new Set<CatchUpSubscription>()
  private network: Network | undefined

  /**
   * A client for the database that the text names: `kurrentdb://user:password@host:port?option=value&…`. Also a template
   * tag, which joins its parts without escaping them. Checks the text and connects with the first operation.
   * @throws a `ParseError`, or an `Error` that names the option
   */
  static connectionString(
    connectionString: TemplateStringsArray | string, ...parts: (string | number | boolean)[]
  ): KurrentDBClient {
    const text =
      typeof connectionString === 'string'
        ? connectionString
        : connectionString.map((chunk, index) => `${chunk}${parts[index] ?? ''}`).join('')
    const settings = readConnectionString(text)
    return new KurrentDBClient(settings, homeOf(settings.authority))
  }

  protected constructor(
    private readonly settings: ConnectionSettings,
    private readonly home: Home,
  ) {
    this.connectionName = settings.connectionName ?? newEventId()
    Object.defineProperty(this, HOME, { value: home })
    // What it holds does not work through the proxies of reactive state.
    Object.defineProperty(this, '__v_skip', { value: true })
  }

  get credentialsProvider(): CredentialsProvider | undefined {
    return this.provider
  }

  setCredentialsProvider(provider: CredentialsProvider | undefined): void {
    this.provider = provider
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.unsubscribe()))
    await turn() // for those who read: `end` and `close`
    if (this.network === undefined) return
    this.home.networks.delete(this.network)
    this.network.close()
    this.network = undefined
  }

  // Writing

  async appendToStream<E extends EventType = EventType>(
    streamName: string, events: EventData<E> | EventData<E>[], options: AppendToStreamOptions = {},
  ): Promise<AppendResult> {
    const began = monotonic()
    const encoder = this.home.database?.streams.encoderFor(streamName)
    return this.append(streamName, outgoingEvents(events, encoder), options.streamState, options, began)
  }

  private append(
    streamName: string, events: OutgoingEvents, state: AppendStreamState | undefined, options: BaseOptions,
    began = monotonic(),
  ): AppendResult | Promise<AppendResult> {
    const expected = expectedStateOf(state, 'streamState')
    const refused = (error: unknown): AppendResult => {
      if (this.settings.throwOnAppendFailure || !(error instanceof WrongExpectedVersionError)) throw error
      const { actualState } = error
      const met = actualState === NO_STREAM ? -1n : actualState
      return { success: false, nextExpectedRevision: met, position: undefined }
    }
    try {
      const answer = this.call(NetworkOperation.Append, 'append', options, (streams, who) =>
        streams.append(streamNameOf(streamName), expected, events, who), began,
      )
      return answer instanceof Promise ? answer.then(appended, refused) : appended(answer)
    } catch (error) {
      return refused(error)
    }
  }

  async multiStreamAppend<E extends EventType = EventType>(requests: AppendStreamRequest<E>[]): Promise<MultiAppendResult> {
    const events = outgoingRecords(requests.flatMap((request) => request.events), 'multiStreamAppend')
    const plan: AppendPlan = {
      requests: requests.map(({ streamName, events: { length: count }, expectedState: state }) => ({
        stream: streamNameOf(streamName), expected: String(expectedStateOf(state, 'expectedState')), count,
      })),
    }
    return this.appendMany(plan, events)
  }

  async appendRecords<E extends EventType = EventType>(
    records: AppendRecordInput<E>[], checks: ConsistencyCheck[] = [],
  ): Promise<AppendRecordsResult> {
    const events = outgoingRecords(records.map(({ record }) => record), 'appendRecords')
    const streams = [...new Set(records.map(({ streamName }) => streamNameOf(streamName)))]
    const numbers = new Map(streams.map((stream, number) => [stream, number]))
    const plan: AppendPlan = {
      streams,
      of: records.map(({ streamName }) => numbers.get(streamNameOf(streamName))!),
      checks: checks.map(({ streamName, expectedState: state }) => ({
        stream: streamNameOf(streamName), expected: checkedStateOf(state),
      })),
    }
    return this.appendMany(plan, events)
  }

  private async appendMany(plan: AppendPlan, events: OutgoingEvents): Promise<MultiAppendResult> {
    const { position, revisions } = await this.call(NetworkOperation.Append, 'multi-append', undefined, (streams, who) =>
      streams.appendMany(plan, events, who),
    )
    return {
      position: position ?? -1n,
      responses: revisions.map(([streamName, revision]) => ({ streamName, revision })),
    }
  }

  async deleteStream(streamName: string, options: DeleteStreamOptions = {}): Promise<DeleteResult> {
    return this.remove(streamName, false, options)
  }

  async tombstoneStream(streamName: string, options: TombstoneStreamOptions = {}): Promise<DeleteResult> {
    return this.remove(streamName, true, options)
  }

  private async remove(
    streamName: string, tombstone: boolean, options: BaseOptions & { expectedRevision?: StreamState },
  ): Promise<DeleteResult> {
    const expected = expectedStateOf(options.expectedRevision, 'expectedRevision')
    const position = await this.call(NetworkOperation.Delete, tombstone ? 'tombstone' : 'delete', options, (streams, who) =>
      streams.remove(streamNameOf(streamName), tombstone, expected, who),
    )
    return { position: { commit: position, prepare: position } }
  }

  // Reading

  readStream<E extends EventType = EventType>(
    streamName: string, options: ReadStreamOptions = {},
  ): AsyncIterableIterator<ResolvedEvent<E>> {
    const { fromRevision = START } = options
    checkFromRevision(fromRevision)
    return this.read(options, () => revisionBeginning(fromRevision), (streams, page, who) =>
      streams.readStream(streamNameOf(streamName), page, who),
    ) as AsyncIterableIterator<ResolvedEvent<E>>
  }

  readAll(options: ReadAllOptions = {}): AsyncIterableIterator<AllStreamResolvedEvent> {
    const { fromPosition = START, filter } = options
    let text: string | undefined
    return this.read(options, () => positionBeginning(fromPosition), (streams, page, who) =>
      streams.readAll(page, (text ??= filterText(filter)), who),
    ) as AsyncIterableIterator<AllStreamResolvedEvent>
  }

  private read(
    options: ReadStreamOptions & ReadAllOptions, begin: () => Beginning, readPage: ReadPage,
  ): PagedReader<ResolvedStoredEvent> {
    const { maxCount = Number.MAX_SAFE_INTEGER, resolveLinkTos = false, direction = FORWARDS } = options
    let from: Beginning | undefined
    let backwards = direction === BACKWARDS
    let left = 0
    let pageSize = FIRST_PAGE_EVENTS
    let who: number | undefined
    return new PagedReader(async () => {
      if (from === undefined) {
        from = begin()
        // In the official client, too, an end has but one direction, whatever the option says.
        if (from === START || from === END) backwards = from === END
        left = countOf(maxCount)
      }
      if (left === 0) return { items: [], more: false }
      const page = { backwards, from, maxCount: Math.min(left, pageSize), resolveLinks: resolveLinkTos }
      const act = (streams: Streams, caller: number) => readPage(streams, page, (who = caller))
      const { events, flags, place } =
        who === undefined
          ? await this.call(NetworkOperation.Read, 'read', options, act)
          : this.carryOut('read', this.home.database!, (database) => act(database.streams, who!))
      from = place
      left -= events.length
      pageSize = PAGE_EVENTS
      return { items: events, more: (flags & PageFlag.More) !== 0 }
    })
  }

  // Following

  subscribeToStream<E extends EventType = EventType>(
    streamName: string, options: SubscribeToStreamOptions = {}, readableOptions: HostReadableOptions = {},
  ): StreamSubscription<E> {
    const from = kept(() => revisionBeginning(options.fromRevision ?? START))
    return this.subscribe(options, readableOptions, false, undefined, (streams, who) =>
      streams.subscribeToStream(streamNameOf(streamName), from(), who),
    ) as unknown as StreamSubscription<E>
  }

  subscribeToAll(options: SubscribeToAllOptions = {}, readableOptions: HostReadableOptions = {}): AllStreamSubscription {
    const { fromPosition = START, filter } = options
    const checkpointEvents = checkpointEventsOf(filter)
    const from = kept(() => positionBeginning(fromPosition))
    return this.subscribe(options, readableOptions, true, filter?.checkpointReached, (streams, who) =>
      streams.subscribeToAll(from(), filterText(filter), checkpointEvents, who),
    ) as unknown as AllStreamSubscription
  }

  private subscribe(
    options: SubscribeToStreamOptions & SubscribeToAllOptions, readableOptions: object, isAll: boolean,
    checkpointReached: unknown, open: (streams: Streams, who: number) => number,
  ): CatchUpSubscription {
    const opened = (database: WasmDatabase, who: number): Opened => ({
      streams: database.streams,
      subscription: open(database.streams, who),
      network: () => (this.home.quiet ? undefined : this.openNetwork(database)),
    })
    const { home } = this
    const subscription: CatchUpSubscription = new CatchUpSubscription(
      {
        home, isAll, resolveLinks: options.resolveLinkTos ?? false, isShared: options.sharedEvents ?? false,
        checkpointReached: checkpointReached as undefined,
        open: () => {
          // Without anything to wait for it begins here and now: what is appended next is news to it.
          if (home.database !== undefined && home.quiet && (options.credentials ?? this.provider) === undefined) {
            return opened(home.database, home.userNumber(home.database, this.settings.credentials))
          }
          return this.call(NetworkOperation.Subscribe, 'read', { ...options, deadline: Infinity }, (_streams, who) =>
            opened(home.database!, who),
          )
        },
        closed: () => this.subscriptions.delete(subscription),
      },
      readableOptions,
    )
    this.subscriptions.add(subscription)
    return subscription
  }

  // Metadata

  async getStreamMetadata<M extends CustomStreamMetadata = CustomStreamMetadata>(
    streamName: string, options: GetStreamMetadataOptions = {},
  ): Promise<GetStreamMetadataResult<M>> {
    const last: ReadStreamOptions = { ...options, fromRevision: END, maxCount: 1, direction: BACKWARDS }
    try {
      for await (const { event, commitPosition } of this.readStream(metastreamOf(streamNameOf(streamName)), last)) {
        if (!event?.isJson) break
        return {
          streamName,
          metadata: shownMetadata(event.data as object) as StreamMetadata<M>,
          ...(commitPosition === undefined ? {} : { metastreamRevision: commitPosition }),
        }
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error
    }
    return { streamName }
  }

  async setStreamMetadata<M extends StreamMetadata = StreamMetadata>(
    streamName: string, metadata: StreamMetadata<M>, options: SetStreamMetadataOptions & AppendToStreamOptions = {},
  ): Promise<AppendResult> {
    const event = jsonEvent({ type: '$metadata', data: storedMetadata(metadata) })
    const { expectedRevision, streamState = expectedRevision } = options
    return this.append(metastreamOf(streamNameOf(streamName)), outgoingEvents(event, undefined), streamState, options)
  }

  // One call

  /** The answer itself when nothing has to be waited for, which is faster than any promise; throws as well, then. */
  private call<T>(
    operation: NetworkOperation, protocol: Protocol, options: BaseOptions | undefined,
    act: (streams: Streams, who: number) => T, began = monotonic(),
  ): T | Promise<T> {
    const { database, quiet } = this.home
    if (database === undefined || !quiet) return this.callLater(operation, protocol, options, act, began)
    const credentials = this.credentialsFor(options)
    if (credentials !== undefined && 'then' in credentials) {
      return this.callLater(operation, protocol, options, act, began, credentials)
    }
    this.ensureInTime(database, options, began)
    return this.carryOut(protocol, database, (at) => act(at.streams, this.home.userNumber(at, credentials)))
  }

  private async callLater<T>(
    operation: NetworkOperation, protocol: Protocol, options: BaseOptions | undefined,
    act: (streams: Streams, who: number) => T, began: number, given?: Promise<Credentials | undefined>,
  ): Promise<T> {
    const database = this.home.database ?? (await this.home.open())
    const credentials = await (given ?? this.credentialsFor(options))
    const run = (at: WasmDatabase) => act(at.streams, this.home.userNumber(at, credentials))
    const deadlineMs = this.ensureInTime(database, options, began)
    if (this.home.quiet) return this.carryOut(protocol, database, run)
    try {
      return await this.openNetwork(database).travel(operation, deadlineMs, () => run(database))
    } catch (thrown) {
      throw toClientError(thrown, protocol)
    }
  }

  /** Milliseconds that a call may take. What took too long on this side must not happen any more. */
  private ensureInTime(database: WasmDatabase, options: BaseOptions | undefined, began: number): number {
    const deadlineMs = options?.deadline ?? this.settings.defaultDeadline
    if (deadlineMs <= 0 || (!database.time.frozen && monotonic() - began >= deadlineMs)) throw deadlineExceeded()
    return deadlineMs
  }

  private carryOut<T>(protocol: Protocol, database: WasmDatabase, run: (database: WasmDatabase) => T): T {
    try {
      return run(database)
    } catch (thrown) {
      throw toClientError(thrown, protocol)
    }
  }

  private credentialsFor(options: BaseOptions | undefined): Credentials | undefined | Promise<Credentials | undefined> {
    return options?.credentials ?? (this.provider ? this.provider() : this.settings.credentials)
  }

  private openNetwork(database: WasmDatabase): Network {
    if (this.network === undefined) {
      this.network = database.openNetwork(this.home.simulation, () => {
        const lost = toClientError(failure('Unavailable', 'The connection was lost.'), 'read')
        for (const subscription of [...this.subscriptions]) subscription.fail(lost)
      })
      this.home.networks.add(this.network)
    }
    return this.network
  }
}

Object.assign(KurrentDBClient.prototype, notBuiltOperations((client) => (client as unknown as { settings: ConnectionSettings }).settings.defaultDeadline))

function appended({ revision, position }: Appended): AppendResult {
  return { success: true, nextExpectedRevision: revision ?? -1n, position: positionOf(position) }
}

function positionOf(position: bigint | undefined): Position | undefined {
  return position === undefined ? undefined : { commit: position, prepare: position }
}

/** What `act` answers or throws now, for later: subscriptions tell what is wrong as an `error`. */
function kept<T>(act: () => T): () => T {
  try {
    const answer = act()
    return () => answer
  } catch (thrown) {
    return () => {
      throw thrown
    }
  }
}
