import { after } from './timers'
import { monotonic } from '../wasm/environment'

/** A list that takes less time to read than this is read at once. */
const cheapMs = 5

/** How often a list is read anew by itself. */
export interface RefreshPace {
  /** Whether a refresh in the background may wait for a timer. */
  readonly mayWait: boolean
  /** A pause in the background lasts so many times as long as the reading before it. @defaultValue 5 */
  readonly rest?: number
}

/** Reading a list anew: never twice at a time, and in the background only as often as it is cheap. */
export class Refresh {
  private running: Promise<void> | undefined
  private next: Promise<void> | undefined
  private costMs = 0
  private ended = 0
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly work: () => Promise<void>,
    private readonly pace: RefreshPace,
  ) {}

  /** Whoever calls sees the outcome of a run that began after the call; calls during a run share the next one. */
  run(): Promise<void> {
    if (!this.running) return this.start()
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined
        return this.start()
      })
    return this.next
  }

  /**
   * Runs at once after a pause that was long enough, and otherwise when it is: changes in quick succession cost only a share
   * of the time, a sixth unless told otherwise. Nobody asked, so nobody is told of failures.
   */
  runInBackground(): void {
    if (this.cancelTimer) return
    const start = (): void => {
      this.cancelTimer = undefined
      this.run().catch(() => undefined)
    }
    const { mayWait, rest = 5 } = this.pace
    const waitMs = this.costMs < cheapMs || !mayWait ? 0 : this.ended + this.costMs * rest - monotonic()
    if (waitMs <= 0) start()
    else this.cancelTimer = after(waitMs, start)
  }

  cancel(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  private start(): Promise<void> {
    const begin = monotonic()
    const current = this.work().finally(() => {
      this.ended = monotonic()
      this.costMs = this.ended - begin
      if (this.running === current) this.running = undefined
    })
    this.running = current
    return current
  }
}
