import { turn } from './environment'
import type { RawDatabase } from './module'

/**
 * Time as one database lives it: timestamps, `$maxAge`, simulated latencies, deadlines and retries follow it. It runs with
 * the host's clock until it is frozen or moved.
 */
export class DatabaseTime {
  private standing = false

  constructor(
    private readonly raw: RawDatabase,
    private readonly run: <T>(call: () => T) => T,
  ) {}

  now(): Date {
    return new Date(this.run(() => this.raw.clockNow()))
  }

  /** Time stands still. */
  get frozen(): boolean {
    return this.standing
  }

  freeze(): void {
    this.run(() => this.raw.clockFreeze())
    this.standing = true
  }

  resume(): void {
    this.run(() => this.raw.clockResume())
    this.standing = false
  }

  set(ms: number): void {
    this.run(() => this.raw.clockSet(ms))
  }

  /** Timers on the way run at their own times; resolves when they and what they led to in JavaScript have run. */
  async advance(ms: number): Promise<void> {
    let left = ms
    do {
      // A step ends at the next timer, whose consequences may set further ones.
      const moved = this.run(() => this.raw.clockAdvance(left))
      left = Math.round((left - moved) * 1000) / 1000 // whole microseconds, as the core counts
      await turn()
    } while (left > 0 || this.run(() => this.raw.clockDue()))
  }
}
