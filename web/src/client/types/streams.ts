/** Subscriptions: readable streams of events, which also emit what happens to them. */

import type { Position } from './core'
import type {
  AllStreamResolvedEvent,
  EventType,
  PersistentSubscriptionToAllResolvedEvent,
  PersistentSubscriptionToStreamResolvedEvent,
  ResolvedEvent,
} from './events'
import type { HostReadable } from './host'
import type { PersistentAction } from './persistent'

/** A finite read as a readable stream. Here for code that names the type: reads return async iterators. */
export interface StreamingRead<E> extends HostReadable {
  /** Ends the read early. */
  cancel(): Promise<void>
  addListener(event: 'close', listener: () => void): this
  addListener(event: 'data', listener: (event: E) => void): this
  addListener(event: 'end', listener: () => void): this
  addListener(event: 'readable', listener: () => void): this
  addListener(event: 'error', listener: (error: Error) => void): this
  addListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  on(event: 'close', listener: () => void): this
  on(event: 'data', listener: (event: E) => void): this
  on(event: 'end', listener: () => void): this
  on(event: 'readable', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: string | symbol, listener: (...args: unknown[]) => void): this
  once(event: 'close', listener: () => void): this
  once(event: 'data', listener: (event: E) => void): this
  once(event: 'end', listener: () => void): this
  once(event: 'readable', listener: () => void): this
  once(event: 'error', listener: (error: Error) => void): this
  once(event: string | symbol, listener: (...args: unknown[]) => void): this
  prependListener(event: 'close', listener: () => void): this
  prependListener(event: 'data', listener: (event: E) => void): this
  prependListener(event: 'end', listener: () => void): this
  prependListener(event: 'readable', listener: () => void): this
  prependListener(event: 'error', listener: (error: Error) => void): this
  prependListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  prependOnceListener(event: 'close', listener: () => void): this
  prependOnceListener(event: 'data', listener: (event: E) => void): this
  prependOnceListener(event: 'end', listener: () => void): this
  prependOnceListener(event: 'readable', listener: () => void): this
  prependOnceListener(event: 'error', listener: (error: Error) => void): this
  prependOnceListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  removeListener(event: 'close', listener: () => void): this
  removeListener(event: 'data', listener: (event: E) => void): this
  removeListener(event: 'end', listener: () => void): this
  removeListener(event: 'readable', listener: () => void): this
  removeListener(event: 'error', listener: (error: Error) => void): this
  removeListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  [Symbol.asyncIterator](): AsyncIterableIterator<E>
}

/**
 * Events as they come. Take them with `for await`, or with a `data` listener, which starts the flow; up to 16 wait, then
 * reading pauses. Events emitted:
 * - `confirmation`: the database accepted the subscription
 * - `data` (event)
 * - `error` (a `CommandError`): the subscription failed; neither `end` nor `close` follows, iteration rejects with it
 * - `end`, then `close`: after `unsubscribe()` or the client's `dispose()`, when what was waiting has been taken
 */
export interface ReadableSubscription<E> extends HostReadable {
  /** The database's name for the subscription, from the confirmation on. */
  id?: string
  /** Ends the subscription. Events that wait already are delivered first. */
  unsubscribe(): Promise<void>
  addListener(event: 'close', listener: () => void): this
  addListener(event: 'data', listener: (event: E) => void): this
  addListener(event: 'end', listener: () => void): this
  addListener(event: 'readable', listener: () => void): this
  addListener(event: 'error', listener: (error: Error) => void): this
  addListener(event: 'confirmation', listener: () => void): this
  addListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  on(event: 'close', listener: () => void): this
  on(event: 'data', listener: (event: E) => void): this
  on(event: 'end', listener: () => void): this
  on(event: 'readable', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'confirmation', listener: () => void): this
  on(event: string | symbol, listener: (...args: unknown[]) => void): this
  once(event: 'close', listener: () => void): this
  once(event: 'data', listener: (event: E) => void): this
  once(event: 'end', listener: () => void): this
  once(event: 'readable', listener: () => void): this
  once(event: 'error', listener: (error: Error) => void): this
  once(event: 'confirmation', listener: () => void): this
  once(event: string | symbol, listener: (...args: unknown[]) => void): this
  prependListener(event: 'close', listener: () => void): this
  prependListener(event: 'data', listener: (event: E) => void): this
  prependListener(event: 'end', listener: () => void): this
  prependListener(event: 'readable', listener: () => void): this
  prependListener(event: 'error', listener: (error: Error) => void): this
  prependListener(event: 'confirmation', listener: () => void): this
  prependListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  prependOnceListener(event: 'close', listener: () => void): this
  prependOnceListener(event: 'data', listener: (event: E) => void): this
  prependOnceListener(event: 'end', listener: () => void): this
  prependOnceListener(event: 'readable', listener: () => void): this
  prependOnceListener(event: 'error', listener: (error: Error) => void): this
  prependOnceListener(event: 'confirmation', listener: () => void): this
  prependOnceListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  removeListener(event: 'close', listener: () => void): this
  removeListener(event: 'data', listener: (event: E) => void): this
  removeListener(event: 'end', listener: () => void): this
  removeListener(event: 'readable', listener: () => void): this
  removeListener(event: 'error', listener: (error: Error) => void): this
  removeListener(event: 'confirmation', listener: () => void): this
  removeListener(event: string | symbol, listener: (...args: unknown[]) => void): this
  [Symbol.asyncIterator](): AsyncIterableIterator<E>
}

/** A connection to a consumer group, which keeps the place and awaits an answer for every event. */
export interface PersistentSubscriptionBase<E> extends ReadableSubscription<E> {
  /**
   * The events are handled. Resolves when the answer is on its way, not when it has arrived. Rejects when an event has no id
   * or the subscription has failed.
   */
  ack(...events: ResolvedEvent[]): Promise<void>
  /** The events are not handled: `action` says what becomes of them. Resolves and rejects as `ack` does. */
  nack(action: PersistentAction, reason: string, ...events: ResolvedEvent[]): Promise<void>
}

/** All events that were there have been delivered; from now on they come as they are appended. */
export interface CaughtUp {
  /** When, by the database's clock. */
  date?: Date
  /** Of a stream: the last revision delivered, else where it started; absent when the stream is empty. */
  revision?: bigint
  /** Of `$all`: the last position delivered, else where it started; absent when the database is empty. */
  position?: Position
}

/**
 * Events were appended faster than they were taken: the subscription reads from the past again. KurrentDB 26.1 never says so;
 * it only says `caughtUp` again.
 */
export interface FellBehind {
  /** When, by the database's clock. */
  date?: Date
  /** Of a stream: the last revision delivered, unless the stream is empty. */
  revision?: bigint
  /** Of `$all`: the last position delivered, unless the database is empty. */
  position?: Position
}

/** A subscription that starts in the past: it emits `caughtUp` and `fellBehind`. */
export interface CatchupSubscription {
  addListener(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  addListener(event: 'fellBehind', listener: (info: FellBehind) => void): this
  on(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  on(event: 'fellBehind', listener: (info: FellBehind) => void): this
  once(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  once(event: 'fellBehind', listener: (info: FellBehind) => void): this
  prependListener(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  prependListener(event: 'fellBehind', listener: (info: FellBehind) => void): this
  prependOnceListener(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  prependOnceListener(event: 'fellBehind', listener: (info: FellBehind) => void): this
  removeListener(event: 'caughtUp', listener: (info: CaughtUp) => void): this
  removeListener(event: 'fellBehind', listener: (info: FellBehind) => void): this
}

export type StreamSubscription<E extends EventType = EventType> = ReadableSubscription<ResolvedEvent<E>> & CatchupSubscription
export type AllStreamSubscription = ReadableSubscription<AllStreamResolvedEvent> & CatchupSubscription
export type PersistentSubscriptionToStream<E extends EventType = EventType> = PersistentSubscriptionBase<
  PersistentSubscriptionToStreamResolvedEvent<E>
>
export type PersistentSubscriptionToAll = PersistentSubscriptionBase<PersistentSubscriptionToAllResolvedEvent>
