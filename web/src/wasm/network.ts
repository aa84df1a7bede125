import { defer } from './environment'
import { failure } from './failure'
import { Topic, type RawDatabase, type RawNetwork } from './module'
import { keepOutOfProxies } from './opaque'
import type { Runtime } from './runtime'

/** What a simulated call does: a number of `Operation` in src/include/kurrentlite/simulation.hpp. */
export const enum NetworkOperation {
  Connect = 0,
  Append = 1,
  Read = 2,
  Delete = 3,
  Subscribe = 4,
  Statistics = 5,
}

/** The simulated network between one client and its database. */
export class Network {
  private readonly handle: number
  private readonly raw: RawNetwork
  private readonly stopListening: () => void
  private closed = false
  private freed = false

  constructor(
    private readonly runtime: Runtime, database: RawDatabase, simulation: string, private readonly onLost: () => void,
    private readonly onFreed: (network: Network) => void,
  ) {
    keepOutOfProxies(this)
    this.handle = runtime.newHandle()
    this.raw = runtime.guard(() => new runtime.module.Network(this.handle, database, simulation))
    let wasConnected = false
    this.stopListening = runtime.listen(this.handle, Topic.Connection, () => {
      if (this.closed) return
      const isConnected = this.raw.connected()
      if (wasConnected && !isConnected) this.onLost()
      wasConnected = isConnected
    })
  }

  /**
   * Runs `act` when the call has reached the database and resolves when its answer is back. Rejects with CoreError when the
   * network fails, or when both ways take longer than the deadline.
   */
  async travel<T>(operation: NetworkOperation, deadlineMs: number, act: () => T): Promise<T> {
    this.ensureOpen()
    const departed = this.runtime.begin(this.handle, (call) => this.raw.depart(call, operation, deadlineMs))
    await departed.result
    let outcome: { readonly value: T } | { readonly error: unknown }
    try {
      outcome = { value: act() }
    } catch (error) {
      outcome = { error }
    }
    await this.runtime.begin(this.handle, (call) => this.raw.comeBack(call, departed.call)).result
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** Resolves when what a subscription has to deliver has come over. */
  async deliver(): Promise<void> {
    this.ensureOpen()
    await this.runtime.begin(this.handle, (call) => this.raw.deliver(call)).result
  }

  /** Breaks the connection. */
  lose(): void {
    if (!this.closed) this.runtime.guard(() => this.raw.lose())
  }

  setSimulation(simulation: string): void {
    if (!this.closed) this.runtime.guard(() => this.raw.setSimulation(simulation))
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.runtime.abandon(this.handle)
    // Perhaps called from within the core.
    defer(() => this.free())
  }

  /** Closes it here and now: its database is about to go, which it must not outlive. */
  free(): void {
    this.close()
    if (this.freed) return
    this.freed = true
    this.stopListening()
    this.raw.delete()
    this.onFreed(this)
  }

  private ensureOpen(): void {
    if (this.closed) throw failure('Cancelled', 'The connection is closed.')
  }
}
