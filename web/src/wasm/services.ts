import type { CallLimits, ServiceOperation, ServicesHandle, SimulationOptions, SimulationProfile } from './core'
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

  call(operation: ServiceOperation, json: string, { timeoutMs = 0, signal }: CallLimits = {}): Promise<unknown> {
    if (this.closed) return Promise.reject(closedFailure())
    const start = (call: number) => this.raw.call(call, operation, json, timeoutMs)
    if (!signal) return this.runtime.start(this.handle, start)
    if (signal.aborted) return Promise.reject(failure('Cancelled', 'The operation was cancelled before it began.'))
    return this.startUntil(signal, start)
  }

  private async startUntil(signal: AbortSignal, start: (call: number) => void): Promise<unknown> {
    const { call, result } = this.runtime.begin(this.handle, start)
    const error = () => failure('Cancelled', 'The operation was cancelled. What it had written stays written.')
    const cancel = () => {
      if (this.runtime.giveUp(call, error())) this.run(() => this.raw.cancel(call))
    }
    signal.addEventListener('abort', cancel)
    try {
      return await result
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  actAs(user: string | null): void {
    this.run(() => this.raw.actAs(user))
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
