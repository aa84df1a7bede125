import { CoreError } from '../wasm/core'
import { type ReadEvent, toWire, type WireEvent, type WirePosition, writePosition } from './client_wire'

/** As much of a client's subscription as is used here. */
export interface FollowedStream {
  on(event: string, listener: (...args: any[]) => void): unknown
  unsubscribe(): Promise<void>
  pause(): unknown
  resume(): unknown
}

/** What the core takes at once, and how many events may wait before the subscription is paused. */
const batchMax = 500
const waitingMax = 2_000

interface Batch {
  readonly events: readonly WireEvent[]
  readonly caughtUp: boolean
  readonly checkpoint?: WirePosition
}

/** One subscription of a client, whose events are fetched batch by batch. */
export class ClientFollower {
  /** Resolves when the database has accepted the subscription. */
  readonly confirmed: Promise<void>
  private readonly stream: FollowedStream
  private readonly waiting: WireEvent[] = []
  private caughtUp = false
  private position: WirePosition | undefined
  private failure: unknown
  private isPaused = false
  private fetch: { resolve: (batch: Batch) => void; reject: (error: unknown) => void } | undefined

  constructor(subscribe: (follower: ClientFollower) => FollowedStream) {
    this.stream = subscribe(this)
    this.confirmed = new Promise((resolve, reject) => {
      this.stream.on('confirmation', () => resolve())
      this.stream.on('error', reject)
    })
    // Whoever follows fetches, and is told there.
    this.confirmed.catch(() => undefined)
    this.stream.on('data', (event: ReadEvent) => this.take(event))
    this.stream.on('caughtUp', () => {
      this.caughtUp = true
      this.hand()
    })
    this.stream.on('error', (error: unknown) => this.fail(error))
    this.stream.on('end', () => this.fail(ended()))
  }

  /** Waits for events, or for the first time that there are none left. At most one call at a time. */
  next(): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.fetch = { resolve, reject }
      this.hand()
    })
  }

  /** For the filter's `checkpointReached`. */
  checkpoint(position: { commit: bigint; prepare: bigint }): void {
    this.position = writePosition(position)
  }

  stop(): void {
    this.fail(ended())
    this.stream.unsubscribe().catch(() => undefined)
  }

  private take(event: ReadEvent): void {
    this.waiting.push(toWire(event))
    if (this.waiting.length >= waitingMax && !this.isPaused) {
      this.isPaused = true
      this.stream.pause()
    }
    this.hand()
  }

  private fail(error: unknown): void {
    this.failure ??= error
    this.hand()
  }

  /** Gives what there is to whoever waits for it. */
  private hand(): void {
    const { fetch } = this
    if (!fetch) return
    if (this.waiting.length > 0 || this.caughtUp) {
      this.fetch = undefined
      fetch.resolve(this.batch())
    } else if (this.failure !== undefined) {
      this.fetch = undefined
      fetch.reject(this.failure)
    }
  }

  private batch(): Batch {
    const events = this.waiting.splice(0, batchMax)
    const isLast = this.waiting.length === 0
    const caughtUp = isLast && this.caughtUp
    if (isLast) this.caughtUp = false
    if (isLast && this.isPaused) {
      this.isPaused = false
      this.stream.resume()
    }
    const checkpoint = isLast ? this.position : undefined
    if (isLast) this.position = undefined
    return { events, caughtUp, ...(checkpoint && { checkpoint }) }
  }
}

const ended = (): CoreError =>
  new CoreError({ code: 'Unavailable', message: 'The subscription ended.', facts: {}, violations: [] })
