import { defer, turn } from '../wasm/environment'
import { newEventId } from '../wasm/event_ids'
import { PageFlag, type EventPage } from '../wasm/events'
import type { Network } from '../wasm/network'
import type { Streams } from '../wasm/streams'
import type { Follower, Home } from './home'
import { HostReadable } from './host_readable'
import { toClientError } from './failures'
import type { Position } from './types/core'

const PAGE_EVENTS = 512

/** What a subscription follows, and how it gets there. */
export interface Source {
  readonly home: Home
  readonly resolveLinks: boolean
  /** Others may get the same objects. */
  readonly isShared: boolean
  /** Places are positions, else revisions. */
  readonly isAll: boolean
  /** Subscribes; answers the number in `streams`. May be called at once, when nothing has to be waited for. */
  open(): Opened | Promise<Opened>
  readonly checkpointReached?: ((subscription: never, position: Position) => Promise<void> | void) | undefined
  /** The subscription is over, for whatever reason. */
  closed(): void
}

export interface Opened {
  readonly streams: Streams
  readonly subscription: number
  /** Undefined where nothing is simulated. */
  network(): Network | undefined
}

/**
 * A catch-up subscription. Pulls pages from the database as its reader takes events, so that a slow reader costs no memory.
 * Everything is emitted in the order in which the database tells it.
 */
export class CatchUpSubscription extends HostReadable implements Follower {
  id?: string
  private opened: Opened | undefined
  private page: EventPage | undefined
  private at = 0
  /** The reader wants more. */
  private wanted = true
  /** Waits for a checkpoint or the network; nothing is handed out meanwhile. */
  private held = false
  private over = false
  private stopListening: (() => void) | undefined
  /** Why the database ended it, when the page says so. */
  private endReason: unknown

  constructor(private readonly source: Source, options: object = {}) {
    super({ ...options, objectMode: true } as object)
    source.home.followers.add(this)
    // A signal that is aborted already destroys the stream before its fields exist; whoever made it has it only later.
    if (this.destroyed) defer(() => this.stop())
    else void this.start()
  }

  /** Ends the subscription; events that wait in it are still delivered. Resolves when the database knows. */
  async unsubscribe(): Promise<void> {
    await turn()
    this.finish()
  }

  /** No event is on its way to a reader that takes events. */
  isSettled(): boolean {
    if (this.over || this.destroyed) return true
    if (this.opened === undefined || this.held) return false
    if (!this.wanted) return this.readableFlowing !== true || this.isPaused()
    return this.page === undefined && this.readableLength === 0 && !this.opened.streams.hasNews(this.opened.subscription)
  }

  fail(error: unknown): void {
    if (this.over) return
    this.stop()
    if (error === undefined) this.push(null)
    else this.emit('error', error)
  }

  /** The reader has room. */
  override _read(): void {
    this.wanted = true
    // Not from within: what is pushed there waits, and events would overtake it.
    defer(() => this.pump())
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if ((this.source as Source | undefined) !== undefined) this.stop()
    callback(error)
  }

  private async start(): Promise<void> {
    try {
      const opening = this.source.open()
      const opened = opening instanceof Promise ? await opening : opening
      if (this.over) opened.streams.unsubscribe(opened.subscription)
      else this.opened = opened
    } catch (thrown) {
      await turn()
      this.fail(toClientError(thrown, 'subscribe'))
      return
    }
    await turn() // as if it came over a network: listeners are attached by then
    if (this.over) return
    this.id = newEventId()
    this.emit('confirmation')
    if (this.over) return
    this.stopListening = this.opened!.streams.onAppend(() => this.news())
    this.pump()
  }

  private news(): void {
    if (this.over || this.held || !this.wanted || this.page !== undefined) return
    const network = this.opened?.network()
    if (network === undefined || !this.opened!.streams.hasNews(this.opened!.subscription)) this.pump()
    else void this.hold(network.deliver())
  }

  /** Hands out what there is until the reader has enough. */
  private pump(): void {
    while (this.id !== undefined && !this.over && !this.held && this.wanted) {
      const page = this.page ?? this.take(this.opened!)
      if (page === undefined) return
      if (this.at < page.events.length) {
        this.wanted = this.push(page.events[this.at++])
        continue
      }
      this.page = undefined
      if (!this.finishPage(page)) return
    }
  }

  private take({ streams, subscription }: Opened): EventPage | undefined {
    try {
      this.page = streams.take(subscription, PAGE_EVENTS, this.source.resolveLinks, this.source.isShared)
    } catch (thrown) {
      this.fail(toClientError(thrown, 'subscribe'))
      return undefined
    }
    if ((this.page.flags & PageFlag.Ended) !== 0) this.endReason = streams.endReason()
    this.at = 0
    return this.page
  }

  /** What comes behind the events of a page. False when there is nothing more for now. */
  private finishPage({ flags, place, now }: EventPage): boolean {
    if ((flags & PageFlag.Checkpoint) !== 0) {
      const { checkpointReached } = this.source
      if (checkpointReached) {
        const position = { commit: place, prepare: place }
        const reached = tried(() => checkpointReached(this as never, position))
        if (reached) void this.hold(reached)
      }
    } else if ((flags & PageFlag.CaughtUp) !== 0) {
      this.emit('caughtUp', {
        date: new Date(now),
        ...((flags & PageFlag.HasPlace) === 0 ? {} : this.source.isAll ? { position: { commit: place, prepare: place } } : { revision: place }),
      })
    } else if ((flags & PageFlag.Ended) !== 0) {
      this.fail(toClientError(this.endReason, 'subscribe'))
    }
    return (flags & PageFlag.More) !== 0
  }

  private async hold(until: PromiseLike<void>): Promise<void> {
    this.held = true
    try {
      await until
      this.held = false
      this.pump()
    } catch (thrown) {
      this.held = false
      this.fail(toClientError(thrown, 'subscribe'))
    }
  }

  private finish(): void {
    if (this.over) return
    this.stop()
    this.push(null)
  }

  private stop(): void {
    if (this.over) return
    this.over = true
    this.stopListening?.()
    this.page = undefined
    try {
      this.opened?.streams.unsubscribe(this.opened.subscription)
    } catch {
      // The database is closed already.
    }
    this.source.home.followers.delete(this)
    this.source.closed()
  }
}

/** A promise when `act` answers with one, of whatever copy of the language, or throws. */
function tried(act: () => PromiseLike<void> | void): PromiseLike<void> | undefined {
  try {
    const result = act()
    return typeof (result as PromiseLike<void> | undefined)?.then === 'function' ? (result as PromiseLike<void>) : undefined
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}
