import { turn } from './environment'
import type { RawDatabase } from './module'

/**
 * Time as one database lives it: timestamps, `$maxAge`, simulated latencies, deadlines and retries follow it. It runs with
 * the host's clock until it is frozen or moved.
 */
export class DatabaseTime {
  constructor(
    private readonly raw: RawDatabase,
    private readonly run: <T>(call: () => T) => T,
  ) {}

  now(): Date {
    return new Date(this.run(() => this.raw.clockNow()))
  }

  freeze(): void {
    this.run(() => this.raw.clockFreeze())
  }

  resume(): void {
    this.run(() => this.raw.clockResume())
  }

  set(ms: number): void {
    this.run(() => this.raw.clockSet(ms))
  }

  /** Timers on the way run at their own times; resolves when they and what they led to in JavaScript have run. */
  async advance(ms: number): Promise<void> {
    let left = ms
    do {
      // A step ends at the next timer, whose consequences may set further ones.
      left -= this.run(() => this.raw.clockAdvance(left))
      await turn()
    } while (left > 0 || this.run(() => this.raw.clockDue()))
  }
}
