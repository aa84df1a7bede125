import type {
  CoreConfig, Database, DatabaseStatistics, ImportedEvent, ServicesHandle, SimulationOptions, StoredEvent,
} from './core'
import { CoreError } from './core'
import { PageFlag, type EventPage } from './events'
import { failure, failureFromJson } from './failure'
import { DatabaseFaults } from './faults'
import type { RawDatabase } from './module'
import { Network } from './network'
import { keepOutOfProxies } from './opaque'
import { OutgoingEvents } from './outgoing_events'
import type { Runtime } from './runtime'
import { WasmServices } from './services'
import { Streams, type PageOptions } from './streams'
import { DatabaseTime } from './time'

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

/** One database in linear memory. */
export class WasmDatabase implements Database {
  /** What clients do. */
  readonly streams: Streams
  readonly time: DatabaseTime
  readonly faults: DatabaseFaults
  private readonly services = new Set<WasmServices>()
  private readonly networks = new Set<Network>()
  private closed = false

  constructor(
    private readonly runtime: Runtime,
    handle: number,
    private readonly raw: RawDatabase,
  ) {
    keepOutOfProxies(this)
    const run = <T>(call: () => T) => this.run(call)
    this.streams = new Streams(runtime, raw, handle, () => this.ensureOpen())
    this.time = new DatabaseTime(raw, run)
    this.faults = new DatabaseFaults(raw, run)
  }

  openServices(config: CoreConfig, simulation: SimulationOptions = 'instant'): ServicesHandle {
    this.ensureOpen()
    const services = WasmServices.overDatabase(
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
    try {
      return readPages(from, maxCount, (options) => this.streams.readStream(stream, options))
    } catch (thrown) {
      const code = thrown instanceof CoreError ? thrown.failure.code : ''
      if (code === 'StreamNotFound' || code === 'StreamDeleted') return []
      throw thrown
    }
  }

  readAllEvents({ after, maxCount = Infinity }: { after?: bigint; maxCount?: number } = {}) {
    const from = after === undefined ? 0n : after + 1n
    return readPages(from, maxCount, (options) => this.streams.readAll(options))
  }

  appendEvents(stream: string, events: readonly ImportedEvent[]): void {
    this.streams.append(stream, 'any', outgoing(events, OutgoingEvents.with(this.streams.encoderFor(stream))))
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
    const address = this.streams.request(journal.length) // before the view is taken: memory may grow
    this.runtime.module.HEAPU8.set(journal, address)
    if (!this.run(() => this.raw.replay(journal.length))) throw this.lastError()
    this.contentReplaced()
  }

  /** An independent database with the same content and time, which shares memory until either side writes. */
  fork(): WasmDatabase {
    const handle = this.runtime.newHandle()
    const fork = new WasmDatabase(this.runtime, handle, this.run(() => this.raw.fork(handle)))
    if (this.time.frozen) fork.time.freeze()
    return fork
  }

  /** Takes over the content of `other`, which keeps it too. */
  adopt(other: WasmDatabase): void {
    other.ensureOpen()
    this.run(() => this.raw.adopt(other.raw))
    this.contentReplaced()
  }

  /** Numbers of names are given anew, and lists are read anew. */
  private contentReplaced(): void {
    this.streams.contentReplaced()
    for (const services of this.services) services.resync()
  }

  /** A simulated network for one client. `onLost` runs when its connection breaks. */
  openNetwork(simulation: SimulationOptions, onLost: () => void): Network {
    this.ensureOpen()
    const network = new Network(this.runtime, this.raw, this.runtime.simulationJson(simulation), onLost, (freed) =>
      this.networks.delete(freed),
    )
    this.networks.add(network)
    return network
  }

  /** The text of a simulation that `Network.setSimulation` takes. Throws CoreError naming what is wrong with it. */
  simulationJson(simulation: SimulationOptions): string {
    return this.runtime.simulationJson(simulation)
  }

  onAppend(listener: () => void): () => void {
    return this.streams.onAppend(listener)
  }

  close(): void {
    if (this.closed) return
    for (const services of [...this.services]) services.close()
    for (const network of [...this.networks]) network.free()
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

/** Reads page after page. */
function readPages(from: bigint, maxCount: number, read: (options: PageOptions) => EventPage): StoredEvent[] {
  const events: StoredEvent[] = []
  let at = from
  while (events.length < maxCount) {
    const wanted = Math.min(PAGE_EVENTS, maxCount - events.length)
    const page = read({ backwards: false, from: at, maxCount: wanted, resolveLinks: false })
    for (const { event } of page.events) events.push(event!)
    if ((page.flags & PageFlag.More) === 0) break
    at = page.place
  }
  return events
}

/** Bytes stay bytes, everything else becomes JSON. */
function outgoing(events: readonly ImportedEvent[], batch: OutgoingEvents): OutgoingEvents {
  for (const { id, type, data, metadata, created } of events) {
    const part = (value: unknown, isData: boolean) => {
      if (value instanceof Uint8Array) return batch.binary(value, isData)
      if (value !== undefined && batch.value(value, isData)) return
      const text = JSON.stringify(value) as string | undefined
      if (text === undefined && isData) {
        throw failure('InvalidArgument', `The data of event type "${type}" is nothing JSON can hold.`)
      }
      batch.text(text ?? '', isData)
    }
    batch.begin(id, type, created === undefined ? 0 : millisecondsOf(created, type))
    part(metadata, false)
    part(data, true)
    batch.end(!(data instanceof Uint8Array))
  }
  return batch
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
