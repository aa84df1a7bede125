import { type CallLimits, CoreError, type HostCalls, type ServiceOperation, type ServicesHandle, type SimulationOptions, type SimulationProfile } from './core'
import { failure } from './failure'
import { Topic, type RawDatabase, type RawPort, type RawServices } from './module'
import { keepOutOfProxies } from './opaque'
import type { Runtime } from './runtime'

const TOPICS = {
  connection: Topic.Connection,
  streams: Topic.Streams,
  users: Topic.Users,
  live: Topic.Live,
  pending: Topic.Pending,
} as const

/** The C++ services, over one simulated connection or a client that JavaScript has. */
export class WasmServices implements ServicesHandle {
  private readonly handle: number
  private readonly raw: RawServices
  private closed = false

  private constructor(
    private readonly runtime: Runtime,
    make: (services: WasmServices, handle: number) => RawServices,
    private readonly onClose: () => void,
    private readonly isSimulated: boolean,
  ) {
    keepOutOfProxies(this)
    this.handle = runtime.newHandle()
    this.raw = runtime.guard(() => make(this, this.handle))
  }

  /** Over a simulated connection to a database. */
  static overDatabase(runtime: Runtime, database: RawDatabase, config: string, simulation: string, onClose: () => void) {
    const { Services } = runtime.module
    return new WasmServices(runtime, (_, handle) => new Services(handle, database, config, simulation), onClose, true)
  }

  /** Over a client that JavaScript has. */
  static overHost(runtime: Runtime, config: string, host: HostCalls): WasmServices {
    const { Services } = runtime.module
    return new WasmServices(
      runtime,
      (services, handle) => new Services(handle, services.portOf(host), config),
      () => host.close(),
      false,
    )
  }

  private portOf(host: HostCalls): RawPort {
    const answer = (call: number, ok: boolean, value: unknown): void => {
      if (!this.closed) this.runtime.guard(() => this.raw.answer(call, ok, JSON.stringify(value ?? null)))
    }
    return {
      begin(call, operation, args) {
        // Later, so that the core is never called from within a call of its own.
        void Promise.resolve()
          .then(() => host.run(operation, JSON.parse(args)))
          .then(
            (value) => answer(call, true, value),
            (error: unknown) => answer(call, false, failureJson(error)),
          )
      },
      // The official clients cannot cancel a call; its answer is ignored.
      abandon: () => undefined,
    }
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
    this.ensureSimulated()
    return JSON.parse(this.run(() => this.raw.simulation())) as SimulationProfile
  }

  setSimulation(simulation: SimulationOptions): void {
    this.ensureSimulated()
    const json = this.runtime.simulationJson(simulation)
    this.run(() => this.raw.setSimulation(json))
  }

  healthHistory(limit: number): unknown {
    return JSON.parse(this.run(() => this.raw.healthHistory(limit)))
  }

  series(seconds: number, operation: string): unknown {
    return JSON.parse(this.run(() => this.raw.series(seconds, operation)))
  }

  pendingWrites(): number {
    return this.run(() => this.raw.pendingWrites())
  }

  onSpans(listener: (spans: readonly unknown[]) => void): void {
    this.runtime.listen(this.handle, Topic.Spans, () => {
      if (!this.closed) listener(JSON.parse(this.run(() => this.raw.takeSpans())) as unknown[])
    })
    this.run(() => this.raw.trace(true))
  }

  on(what: keyof typeof TOPICS, listener: () => void): () => void {
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

  private ensureSimulated(): void {
    if (this.isSimulated) return
    throw failure('InvalidArgument', 'A real client has no simulated network: the option `simulation` and its like do nothing here.')
  }

  private run<T>(call: () => T): T {
    if (this.closed) throw closedFailure()
    return this.runtime.guard(call)
  }
}

/** An error as `read_error` in src/clients/host/host_wire.cpp reads it. */
function failureJson(error: unknown): unknown {
  if (!(error instanceof CoreError)) return { code: 'Unknown', message: error instanceof Error ? error.message : String(error) }
  const { code, message, facts } = error.failure
  const written = Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? value : { n: String(value) }])
  return { code, message, facts: Object.fromEntries(written) as unknown }
}

function closedFailure() {
  return failure('Cancelled', 'The services are closed.')
}
