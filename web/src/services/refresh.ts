import { after } from './timers'
import { monotonic } from '../wasm/environment'

/** A list that takes less time to read than this is read at once. */
const cheapMs = 5

/** Reading a list anew: never twice at a time, and in the background only as often as it is cheap. */
export class Refresh {
  private running: Promise<void> | undefined
  private next: Promise<void> | undefined
  private costMs = 0
  private cancelTimer: (() => void) | undefined

  constructor(
    private readonly work: () => Promise<void>,
    /** Whether a refresh in the background may wait for a timer. */
    private readonly mayWait: boolean,
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
   * Runs soon. Changes in quick succession cost at most a fifth of the time; nobody asked, so nobody is told of
   * failures.
   */
  runInBackground(): void {
    if (this.cancelTimer) return
    const start = (): void => {
      this.cancelTimer = undefined
      this.run().catch(() => undefined)
    }
    if (this.costMs < cheapMs || !this.mayWait) start()
    else this.cancelTimer = after(this.costMs * 5, start)
  }

  cancel(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  private start(): Promise<void> {
    const begin = monotonic()
    const current = this.work().finally(() => {
      this.costMs = monotonic() - begin
      if (this.running === current) this.running = undefined
    })
    this.running = current
    return current
  }
}
