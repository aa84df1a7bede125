import type {
  CoreConfig, Database, DatabaseStatistics, ImportedEvent, ServicesHandle, SimulationOptions, StoredEvent,
} from './core'
import { textEncoder } from './environment'
import { appendRequest, readPage, type EventPage, type Expected, type Names, type OutgoingEvent } from './events'
import { failure, failureFromJson } from './failure'
import { From, Topic, type RawDatabase } from './module'
import { keepOutOfProxies } from './opaque'
import type { Runtime } from './runtime'
import { WasmServices } from './services'

const PAGE_EVENTS = 500

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const only = pieces[0]
  if (pieces.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}

/** Outcome of an append. */
export interface Appended {
  readonly revision: bigint | undefined
  readonly position: bigint | undefined
}

/** One database in linear memory. */
export class WasmDatabase implements Database {
  readonly handle: number
  readonly raw: RawDatabase
  private readonly services = new Set<WasmServices>()
  private closed = false
  private streamNames: (string | undefined)[] = []
  private typeNames: (string | undefined)[] = []
  private readonly names: Names = {
    stream: (id) => (this.streamNames[id] ??= this.raw.streamName(id)),
    type: (id) => (this.typeNames[id] ??= this.raw.typeName(id)),
  }

  constructor(
    private readonly runtime: Runtime,
    memoryLimit: number,
  ) {
    keepOutOfProxies(this)
    this.handle = runtime.newHandle()
    this.raw = new runtime.module.Database(this.handle, memoryLimit)
  }

  openServices(config: CoreConfig, simulation: SimulationOptions = 'instant'): ServicesHandle {
    this.ensureOpen()
    const services = new WasmServices(
      this.runtime, this.raw, this.runtime.configJson(config), this.runtime.simulationJson(simulation),
      () => this.services.delete(services),
    )
    this.services.add(services)
    return services
  }

  statistics(): DatabaseStatistics {
    return JSON.parse(this.run(() => this.raw.statistics())) as DatabaseStatistics
  }

  readEvents(stream: string, { from = 0n, maxCount = Infinity }: { from?: bigint; maxCount?: number } = {}) {
    const next = (at: bigint, count: number) => this.raw.readStream(stream, false, From.Given, at, count)
    try {
      return this.readPages(from, maxCount, next, ({ revision }) => revision)
    } catch (thrown) {
      const code = (thrown as { failure?: { code?: string } }).failure?.code
      if (code === 'StreamNotFound' || code === 'StreamDeleted') return []
      throw thrown
    }
  }

  readAllEvents({ after, maxCount = Infinity }: { after?: bigint; maxCount?: number } = {}) {
    const next = (at: bigint, count: number) => this.raw.readAll(false, From.Given, at, count)
    return this.readPages(after === undefined ? 0n : after + 1n, maxCount, next, ({ position }) => position.commit)
  }

  /** Reads page after page; `place` tells where an event stands, the next page beginning one further. */
  private readPages(
    from: bigint, maxCount: number, read: (at: bigint, count: number) => number, place: (event: StoredEvent) => bigint,
  ): StoredEvent[] {
    const events: StoredEvent[] = []
    let at = from
    while (events.length < maxCount) {
      const wanted = Math.min(PAGE_EVENTS, maxCount - events.length)
      const page = this.page(() => read(at, wanted))
      for (const event of page.events) events.push(event)
      const last = page.events.at(-1)
      if (last === undefined || (!page.more && page.events.length < wanted)) break
      at = place(last) + 1n
    }
    return events
  }

  private page(read: () => number): EventPage {
    const address = this.run(read)
    if (address === 0) throw this.lastError()
    return readPage(this.runtime.module.HEAPU8, address >>> 0, this.names)
  }

  appendEvents(stream: string, events: readonly ImportedEvent[]): void {
    this.append(stream, 'any', events.map(outgoing))
  }

  /** Appends at once, whatever the simulation. Throws CoreError. */
  append(stream: string, expected: Expected, events: readonly OutgoingEvent[]): Appended {
    const { size, write } = appendRequest(stream, expected, events)
    const address = this.run(() => this.raw.request(size))
    if (address === 0) throw this.lastError()
    write(this.runtime.module.HEAPU8, address >>> 0)
    const outcome = this.run(() => this.raw.append(size))
    if (outcome === 0) throw this.lastError()
    const view = new DataView(this.runtime.module.HEAPU8.buffer, outcome >>> 0, 24)
    return {
      revision: view.getUint32(0, true) === 0 ? undefined : view.getBigUint64(8, true),
      position: view.getUint32(4, true) === 0 ? undefined : view.getBigUint64(16, true),
    }
  }

  reset(): void {
    this.run(() => this.raw.reset())
    this.contentReplaced()
  }

  head(): bigint {
    return BigInt.asUintN(64, this.run(() => this.raw.head()))
  }

  journal(after = 0n): Uint8Array {
    const pieces = this.run(() => this.raw.journal(after))
    if (pieces === null) throw this.lastError()
    return concatenate(pieces)
  }

  replay(journal: Uint8Array): void {
    const address = this.run(() => this.raw.request(journal.length))
    if (address === 0) throw this.lastError()
    this.runtime.module.HEAPU8.set(journal, address >>> 0)
    if (!this.run(() => this.raw.replay(journal.length))) throw this.lastError()
    this.contentReplaced()
  }

  /** Numbers of names are given anew, and lists are read anew. */
  private contentReplaced(): void {
    this.streamNames = []
    this.typeNames = []
    for (const services of this.services) services.resync()
  }

  onAppend(listener: () => void): () => void {
    this.ensureOpen()
    const stop = this.runtime.listen(this.handle, Topic.Append, listener)
    this.raw.listen(true)
    return () => {
      stop()
      if (!this.closed) this.raw.listen(this.runtime.isListenedTo(this.handle, Topic.Append))
    }
  }

  close(): void {
    if (this.closed) return
    for (const services of [...this.services]) services.close()
    this.closed = true
    this.raw.delete()
  }

  private run<T>(call: () => T): T {
    this.ensureOpen()
    return this.runtime.guard(call)
  }

  private ensureOpen(): void {
    if (this.closed) throw failure('Cancelled', 'The database is closed.')
  }

  private lastError() {
    return failureFromJson(this.raw.lastError())
  }
}

/** JSON becomes text here, once; bytes stay bytes. */
function outgoing({ id, type, data, metadata, created }: ImportedEvent): OutgoingEvent {
  const part = (value: unknown) => (value instanceof Uint8Array ? value : JSON.stringify(value))
  const content = part(data) as string | Uint8Array | undefined
  if (id !== undefined && !UUID.test(id)) throw failure('InvalidArgument', `The event id "${id}" is no UUID.`)
  if (content === undefined) throw failure('InvalidArgument', `The data of event type "${type}" is nothing JSON can hold.`)
  return {
    ...(id === undefined ? {} : { id }),
    ...(created === undefined ? {} : { created: millisecondsOf(created, type) }),
    type,
    data: content,
    metadata: metadata === undefined ? NO_BYTES : (part(metadata) as string | Uint8Array | undefined) ?? NO_BYTES,
  }
}

function millisecondsOf(created: Date, type: string): number {
  const ms = created instanceof Date ? created.getTime() : Number.NaN
  if (!(Math.abs(ms) <= TIME_MAX_MS)) {
    throw failure('InvalidArgument', `The created of event type "${type}" is no valid Date within 29,000 years of 1970.`)
  }
  return ms
}

/** See `kTimeMaxMs` in bindings/event_codec.cpp. */
const TIME_MAX_MS = 9.2e14
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const NO_BYTES = textEncoder.encode('')
