import type { EventClient } from '../services/event_client'
import { after } from '../services/timers'
import type { AllStreamSubscription, CaughtUp, Filter, Position, ResolvedEvent, StreamSubscription } from '../client/types/index'

/** Names all streams together. */
export const ALL_STREAMS = '$all'

/** After what to begin: a revision of the stream, or a position in `$all`. */
export type EventPlace = 'start' | 'end' | bigint | Position

/**
 * `idle`: nothing to follow; `connecting`; `catching-up`: events of the past come; `live`: they came, new ones follow;
 * `paused`; `retrying`: the connection broke, another one is tried; `failed`: trying again would be of no use.
 */
export type FollowStatus = 'idle' | 'connecting' | 'catching-up' | 'live' | 'paused' | 'retrying' | 'failed'

/** What an `EventFollower` follows. */
export interface FollowTarget {
  /** A stream, or `$all`. */
  readonly stream: string
  readonly from: EventPlace
  readonly resolveLinkTos?: boolean
  /** Of `$all` only. */
  readonly filter?: Filter
  /** Milliseconds before the first new try; about twice as long before each further one, 30 s at most. */
  readonly retryDelay: number
}

/** What an `EventFollower` tells. */
export interface FollowListener {
  /** The next event waits for a promise. What is thrown ends the following, before this event. */
  event(event: ResolvedEvent): unknown
  status(status: FollowStatus, error: Error | null): void
  /** Everything up to here is handled. */
  checkpoint?(place: EventPlace): void
}

type Subscription = StreamSubscription | AllStreamSubscription

const LONGEST_DELAY_MS = 30_000
/** Events that may wait for a slow listener before reading pauses. */
const QUEUE_EVENTS = 64

/** Failures that stay, however often one tries. */
const LASTING = new Set([
  'access-denied', 'stream-deleted', 'stream-tombstoned', 'invalid-argument', 'unsupported', 'kurrentdb-disabled',
  'invalid-config', 'operation-cancelled',
])

/**
 * A catch-up subscription that outlives its connection: when that breaks, it goes on behind the last event handled. Each
 * event is handled once, in order, one at a time.
 */
export class EventFollower {
  private place: EventPlace
  private subscription: Subscription | undefined
  private queue: ResolvedEvent[] = []
  /** The listener's promise for an event. */
  private handling = false
  private startsWhenHandled = false
  /** How many events to handle until it is live; `undefined` while more of the past may come. */
  private untilLive: number | undefined
  private attempt = 0
  private cancelRetry: (() => void) | undefined
  private current: FollowStatus = 'idle'
  private stopped = false

  constructor(
    private readonly client: EventClient,
    private readonly target: FollowTarget,
    private readonly listener: FollowListener,
  ) {
    this.place = target.from
  }

  get status(): FollowStatus {
    return this.current
  }

  /** Begins, or goes on behind the last event handled. */
  start(): void {
    this.leave()
    if (this.stopped) return
    this.startsWhenHandled = this.handling
    this.tell('connecting')
    if (!this.handling) this.subscribe()
  }

  /** Ends the connection; `start` goes on. */
  pause(): void {
    this.leave()
    if (!this.stopped) this.tell('paused')
  }

  /** Ends it for good. */
  stop(): void {
    this.leave()
    this.stopped = true
  }

  private subscribe(): void {
    const { target, client } = this
    const options = { resolveLinkTos: target.resolveLinkTos ?? false }
    let subscription: Subscription
    try {
      subscription =
        target.stream === ALL_STREAMS
          ? client.subscribeToAll({ ...options, fromPosition: this.place as Position, ...this.filter() })
          : client.subscribeToStream(target.stream, { ...options, fromRevision: this.place as bigint })
    } catch (thrown) {
      this.fail(thrown)
      return
    }
    this.subscription = subscription
    const whileCurrent =
      <A extends unknown[]>(run: (...given: A) => void) =>
      (...given: A): void => {
        if (this.subscription === subscription) run(...given)
      }
    const readable = subscription as StreamSubscription
    readable.on('error', whileCurrent((error: Error) => this.lose(error)))
    readable.on('end', whileCurrent(() => this.lose(null)))
    readable.on('confirmation', whileCurrent(() => this.tell('catching-up')))
    readable.on('caughtUp', whileCurrent((info: CaughtUp | undefined) => this.catchUp(info)))
    readable.on('fellBehind', whileCurrent(() => this.tell('catching-up')))
    readable.on('data', whileCurrent((event: ResolvedEvent) => this.take(event)))
  }

  /** Tells how far a filtered subscription has come also where nothing matches. */
  private filter(): { filter: Filter } | undefined {
    const { filter } = this.target
    if (!filter) return undefined
    const checkpointReached: Filter['checkpointReached'] = async (subscription, position) => {
      await filter.checkpointReached?.(subscription, position)
      if (this.queue.length === 0 && !this.handling) this.reach(position)
    }
    return { filter: { ...filter, checkpointReached } }
  }

  private take(event: ResolvedEvent): void {
    this.queue.push(event)
    if (this.queue.length >= QUEUE_EVENTS) this.subscription?.pause()
    this.drain()
  }

  private catchUp(info: CaughtUp | undefined): void {
    // Who began at the end goes on there, also when the connection breaks before the first event.
    const end = info?.revision ?? info?.position
    if (this.place === 'end' && end !== undefined) this.reach(end)
    const waiting = (this.subscription as { readableLength?: number } | undefined)?.readableLength ?? 0
    this.untilLive = this.queue.length + waiting
    this.checkLive()
  }

  private checkLive(): void {
    if (this.untilLive !== 0) return
    this.untilLive = undefined
    this.attempt = 0
    this.tell('live')
  }

  private drain(): void {
    while (!this.handling && this.queue.length > 0) {
      const event = this.queue[0]!
      let outcome: unknown
      try {
        outcome = this.listener.event(event)
      } catch (thrown) {
        this.fail(thrown)
        return
      }
      if (isPromise(outcome)) this.await(event, outcome)
      else this.handled(event)
    }
    if (this.queue.length < QUEUE_EVENTS / 2 && this.subscription?.isPaused?.()) this.subscription.resume()
  }

  private await(event: ResolvedEvent, outcome: PromiseLike<unknown>): void {
    this.handling = true
    const then = (act: () => void): void => {
      this.handling = false
      act()
      if (this.startsWhenHandled && !this.stopped && this.current === 'connecting') this.subscribe()
      else this.drain()
      this.startsWhenHandled = false
    }
    outcome.then(
      () => then(() => this.handled(event)),
      (thrown: unknown) => then(() => this.fail(thrown)),
    )
  }

  private handled(event: ResolvedEvent): void {
    if (this.queue[0] === event) {
      this.queue.shift()
      if (this.untilLive !== undefined) this.untilLive -= 1
    }
    const record = event.link ?? event.event
    if (record && this.target.stream === ALL_STREAMS && record.position) this.reach(record.position)
    else if (record && this.target.stream !== ALL_STREAMS) this.reach(record.revision)
    this.checkLive()
  }

  private reach(place: EventPlace): void {
    this.place = place
    if (!this.stopped) this.listener.checkpoint?.(place)
  }

  /** The connection is gone; `null` when it was ended on the other side. */
  private lose(error: Error | null): void {
    this.leave()
    if (error && LASTING.has(String((error as { type?: unknown }).type))) return this.tell('failed', error)
    const longest = Math.min(this.target.retryDelay * 2 ** this.attempt, LONGEST_DELAY_MS)
    this.attempt += 1
    this.tell('retrying', error)
    this.cancelRetry = after(longest * (0.5 + Math.random() / 2), () => this.start())
  }

  private fail(thrown: unknown): void {
    this.leave()
    this.tell('failed', thrown instanceof Error ? thrown : new Error(String(thrown)))
  }

  private leave(): void {
    const { subscription } = this
    this.subscription = undefined
    this.queue = []
    this.untilLive = undefined
    this.startsWhenHandled = false
    this.cancelRetry?.()
    this.cancelRetry = undefined
    subscription?.unsubscribe().catch(() => undefined)
  }

  private tell(status: FollowStatus, error: Error | null = null): void {
    if (this.stopped || (status === this.current && error === null)) return
    this.current = status
    this.listener.status(status, error)
  }
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
