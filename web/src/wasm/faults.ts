import type { CoreErrorCode, SimulatedOperation } from './core'
import { failureFromJson } from './failure'
import type { RawDatabase } from './module'

/** A fault in terms of the core; see `read_fault` in bindings/convert.hpp. */
export interface CoreFault {
  readonly operation: SimulatedOperation
  readonly effect: 'refuse' | 'loseReply' | 'disconnect' | 'delay'
  readonly nth?: number
  readonly times?: number
  readonly delayMs?: number
  readonly error?: {
    readonly code: CoreErrorCode
    readonly message?: string
    readonly facts?: Readonly<Record<string, string | number>>
  }
}

/** The faults that wait for calls to one database. */
export class DatabaseFaults {
  private mayHold = false

  constructor(
    private readonly raw: RawDatabase,
    private readonly run: <T>(call: () => T) => T,
  ) {}

  /** Answers the function that takes it back. Throws CoreError naming what is wrong with it. */
  add(fault: CoreFault): () => void {
    const number = this.run(() => this.raw.addFault(JSON.stringify(fault)))
    if (number === 0) throw failureFromJson(this.raw.lastError())
    this.mayHold = true
    return () => this.run(() => this.raw.removeFault(number))
  }

  clear(): void {
    this.run(() => this.raw.clearFaults())
  }

  /** No call can be hit. */
  get none(): boolean {
    if (this.mayHold) this.mayHold = this.raw.hasFaults()
    return !this.mayHold
  }
}
