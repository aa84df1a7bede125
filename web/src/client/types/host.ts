/**
 * Types that the host brings. Where Node's types are installed, subscriptions are typed as Node's readable streams, as in the
 * official package; elsewhere they have the part of them that exists on every host.
 */

/** @ts-ignore Stands for `any` where Node's types are not installed. */
type NodeReadable = import('node:stream').Readable
/** @ts-ignore Stands for `any` where Node's types are not installed. */
type NodeReadableOptions = import('node:stream').ReadableOptions
/** @ts-ignore Stands for `any` where Node's types are not installed. */
type NodeDuplexOptions = import('node:stream').DuplexOptions

/** `Known`, unless that is `any`. In brackets, since a name that is not found is not just any `any`. */
type Unless<Known, Fallback> = [0] extends [1 & Known] ? Fallback : Known

type Listener = (...args: any[]) => void // eslint-disable-line @typescript-eslint/no-explicit-any -- as Node's types

/** Where `pipe` may go besides a `WritableStream`: streams in the manner of Node. */
export interface NodeLikeWritable {
  write(chunk: any): boolean // eslint-disable-line @typescript-eslint/no-explicit-any -- whatever it takes
  end(): unknown
  once(event: string, listener: () => void): unknown
}

/** The part of Node's readable streams that exists on every host. */
export interface PortableReadable extends AsyncIterable<any> {
  /** Whether events may still be read. */
  readonly readable: boolean
  /** Whether `end` was emitted. */
  readonly readableEnded: boolean
  readonly readableFlowing: boolean | null
  readonly readableLength: number
  readonly readableHighWaterMark: number
  readonly destroyed: boolean
  /** The next waiting event; null when none waits. */
  read(): any
  /** Holds `data` events back from now on. */
  pause(): this
  /** Lets `data` events flow. */
  resume(): this
  isPaused(): boolean
  /** Ends it: `error` when one is given, then `close`. Waiting events are dropped. */
  destroy(error?: Error): this
  /** Sends all events on, at the pace of the destination. */
  pipe<T extends NodeLikeWritable>(destination: T, options?: { end?: boolean }): T
  pipe(destination: WritableStream): WritableStream
  on(event: string | symbol, listener: Listener): this
  once(event: string | symbol, listener: Listener): this
  off(event: string | symbol, listener: Listener): this
  addListener(event: string | symbol, listener: Listener): this
  removeListener(event: string | symbol, listener: Listener): this
  prependListener(event: string | symbol, listener: Listener): this
  prependOnceListener(event: string | symbol, listener: Listener): this
  removeAllListeners(event?: string | symbol): this
  listenerCount(event: string | symbol): number
  emit(event: string | symbol, ...args: any[]): boolean
  eventNames(): (string | symbol)[]
}

/** The options of readable streams that count on every host. */
export interface PortableReadableOptions {
  /** Events that may wait before reading pauses. @defaultValue 16 */
  highWaterMark?: number
  /** Ends the subscription when it aborts. */
  signal?: AbortSignal
  [option: string]: unknown
}

/** What every subscription is. */
export type HostReadable = Unless<NodeReadable, PortableReadable>
/** How a subscription buffers. Only `highWaterMark` and `signal` count; `objectMode` is always on. */
export type HostReadableOptions = Unless<NodeReadableOptions, PortableReadableOptions>
/** How a persistent subscription buffers. Only `highWaterMark` and `signal` count; `objectMode` is always on. */
export type HostDuplexOptions = Unless<NodeDuplexOptions, PortableReadableOptions>
