import type { ServiceOperation, ServicesHandle, SimulationOptions, SimulationProfile } from './core'
import { failure } from './failure'
import { Topic, type RawDatabase, type RawServices } from './module'
import { keepOutOfProxies } from './opaque'
import type { Runtime } from './runtime'

const TOPICS = { connection: Topic.Connection, streams: Topic.Streams, users: Topic.Users } as const

/** The C++ services over one simulated connection. */
export class WasmServices implements ServicesHandle {
  private readonly handle: number
  private readonly raw: RawServices
  private closed = false

  constructor(
    private readonly runtime: Runtime, database: RawDatabase, config: string, simulation: string,
    private readonly onClose: () => void,
  ) {
    keepOutOfProxies(this)
    this.handle = runtime.newHandle()
    this.raw = runtime.guard(() => new runtime.module.Services(this.handle, database, config, simulation))
  }

  call(operation: ServiceOperation, json: string): Promise<unknown> {
    if (this.closed) return Promise.reject(closedFailure())
    return this.runtime.start(this.handle, (call) => this.raw.call(call, operation, json))
  }

  connection(): unknown {
    return JSON.parse(this.run(() => this.raw.connection()))
  }

  simulation(): SimulationProfile {
    return JSON.parse(this.run(() => this.raw.simulation())) as SimulationProfile
  }

  setSimulation(simulation: SimulationOptions): void {
    const json = this.runtime.simulationJson(simulation)
    this.run(() => this.raw.setSimulation(json))
  }

  on(what: 'connection' | 'streams' | 'users', listener: () => void): () => void {
    return this.runtime.listen(this.handle, TOPICS[what], listener)
  }

  /** Reads the lists anew, after the database's content was replaced. */
  resync(): void {
    this.run(() => this.raw.resync())
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.onClose()
    this.raw.delete()
    this.runtime.abandon(this.handle)
  }

  private run<T>(call: () => T): T {
    if (this.closed) throw closedFailure()
    return this.runtime.guard(call)
  }
}

function closedFailure() {
  return failure('Cancelled', 'The services are closed.')
}
