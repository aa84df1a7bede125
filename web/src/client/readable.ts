/** Readable streams of objects in the manner of Node's, for hosts without them: the base class of subscriptions there. */

import { defer } from '../wasm/environment'
import { Emitter } from './emitter'
import type { NodeLikeWritable, PortableReadable } from './types/host'

/* eslint-disable @typescript-eslint/no-explicit-any -- items are of any type, as in Node's streams */
type Name = string | symbol
type Listener = (...args: any[]) => void

export interface ReadableInit {
  /** Items that may wait before `push` says stop. @defaultValue 16 */
  highWaterMark?: number
  /** Destroys the stream with an `AbortError` when it aborts. */
  signal?: AbortSignal
  /** In place of a subclass's `_read`. */
  read?(this: Readable, size: number): void
  /** In place of a subclass's `_destroy`. */
  destroy?(this: Readable, error: Error | null, callback: (error?: Error | null) => void): void
}

/**
 * What a stream knows of itself and how it moves its items. Apart from the stream, so that all names but one are free for
 * subclasses.
 */
class Flow {
  readonly items: any[] = []
  /** Null until somebody says. */
  flowing: boolean | null = null
  /** `pause()` was called last, not `resume()`. */
  paused = false
  resuming = false
  /** `_read` was asked and has not pushed yet. */
  reading = false
  /** `_read` is on the call stack, or was never called: what is pushed waits. */
  within = true
  /** Somebody listens to `readable`: the flow has no say. */
  readableListening = false
  /** Somebody found nothing: what arrives next is news. */
  needed = false
  /** There is news: `readable` is to be emitted, or items are to flow. */
  readableDue = false
  ended = false
  endEmitted = false
  destroyed = false
  errored: Error | null = null
  closed = false
  closeEmitted = false
  /** A run is scheduled. */
  awake = false
  /** Destinations of `pipe` that have to drain first. */
  readonly draining = new Set<unknown>()

  constructor(
    private readonly stream: Readable,
    readonly highWaterMark: number,
  ) {}

  /** All items have been pushed and taken. */
  get drained(): boolean {
    return this.ended && this.items.length === 0
  }

  hasRoom(): boolean {
    return this.items.length === 0 || this.items.length < this.highWaterMark
  }

  arrived(isNews = this.needed || this.ended): void {
    if (isNews) this.readableDue = true
    this.needed = false
    this.wake()
  }

  /** Everything but `push` into a flow happens on a later microtask, once for all that was pushed meanwhile. */
  wake(): void {
    if (this.awake) return
    this.awake = true
    defer(() => {
      this.awake = false
      if (!this.closeEmitted) this.run()
    })
  }

  run(): void {
    if (this.readableDue && (this.items.length > 0 || this.ended)) {
      this.readableDue = false
      const before = this.items.length
      if (!this.destroyed) this.stream.emit('readable')
      this.flow()
      // Nothing will arrive any more to tell of what is left.
      if (this.ended && this.items.length > 0 && this.items.length < before) this.arrived()
    }
    while (this.items.length < this.highWaterMark || (this.flowing && this.items.length === 0)) {
      const before = this.items.length
      this.ask()
      if (this.items.length === before) break
    }
    if (this.items.length <= this.highWaterMark) this.needed = true
  }

  resumed(): void {
    if (!this.reading) this.stream.read(0)
    this.resuming = false
    this.stream.emit('resume')
    this.flow()
    this.wake()
  }

  flow(): void {
    while (this.flowing && this.stream.read() !== null);
  }

  /** Asks the subclass for more, unless it was asked already. */
  ask(): void {
    if (this.reading || this.ended || this.destroyed) return
    this.reading = this.within = true
    try {
      this.stream._read(this.highWaterMark)
    } catch (error) {
      this.stream.destroy(error as Error)
    }
    this.within = false
  }

  finish(): void {
    if (this.endEmitted) return
    defer(() => {
      if (this.endEmitted || this.errored || this.closeEmitted || !this.drained) return
      this.endEmitted = true
      this.stream.emit('end')
      this.stream.destroy()
    })
  }

  /** Later, so that `once('readable')` may be called again first. */
  readableListenersChanged(): void {
    defer(() => {
      this.readableListening = this.stream.listenerCount('readable') > 0
      if (this.resuming && !this.paused) this.flowing = true
      else if (this.stream.listenerCount('data') > 0) this.stream.resume()
      else if (!this.readableListening) this.flowing = null
    })
  }

  endWith(signal: AbortSignal): void {
    const abort = () => void this.stream.destroy(abortError(signal.reason))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    this.stream.on('close', () => signal.removeEventListener('abort', abort))
  }
}

/**
 * The part of Node's contract that subscriptions need, with the events in Node's order. Subclasses implement `_read()`, which
 * is called when there is room and then wants `push`, now or later; `push(null)` ends the stream; `_destroy` cleans up.
 * Differs from Node: an `error` that nobody listens to is reported instead of thrown; there is `toWeb()`.
 */
export class Readable extends Emitter implements PortableReadable {
  private readonly _flow: Flow

  constructor({ highWaterMark = 16, signal, read, destroy }: ReadableInit = {}) {
    super()
    if (!Number.isInteger(highWaterMark) || highWaterMark < 0)
      throw withCode(new TypeError(`The property 'options.highWaterMark' is invalid. Received ${highWaterMark}`), 'ERR_INVALID_ARG_VALUE')
    this._flow = new Flow(this, highWaterMark)
    if (read) this._read = read
    if (destroy) this._destroy = destroy
    if (signal) this._flow.endWith(signal)
  }

  get readable(): boolean {
    return !this._flow.destroyed && !this._flow.endEmitted
  }
  get readableEnded(): boolean {
    return this._flow.endEmitted
  }
  get readableFlowing(): boolean | null {
    return this._flow.flowing
  }
  get readableLength(): number {
    return this._flow.items.length
  }
  get readableHighWaterMark(): number {
    return this._flow.highWaterMark
  }
  get readableObjectMode(): true {
    return true
  }
  get destroyed(): boolean {
    return this._flow.destroyed
  }
  get closed(): boolean {
    return this._flow.closed
  }
  get errored(): Error | null {
    return this._flow.errored
  }

  /** Called when there is room. */
  _read(_size: number): void {
    throw withCode(new Error('The _read() method is not implemented'), 'ERR_METHOD_NOT_IMPLEMENTED')
  }

  /** Called once, before `error` and `close` are emitted, which wait for the callback. */
  _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    callback(error)
  }

  /** Takes an item from the subclass; null ends the stream. False asks to wait for the next `_read`. */
  push(item: any): boolean {
    const flow = this._flow
    if (item === null || item === undefined) {
      flow.reading = false
      if (flow.ended) return false
      flow.ended = flow.readableDue = true
      // The end alone is told at once, unless the subclass is being asked.
      if (flow.within) this._flow.wake()
      else this._flow.run()
      return false
    }
    if (flow.ended) {
      this.destroy(withCode(new Error('stream.push() after EOF'), 'ERR_STREAM_PUSH_AFTER_EOF'))
      return false
    }
    if (flow.destroyed) return false
    flow.reading = false
    if (flow.flowing && !flow.within && flow.items.length === 0 && this.listenerCount('data') > 0) {
      this.emit('data', item)
      this._flow.wake()
    } else {
      flow.items.push(item)
      this._flow.arrived()
    }
    return !flow.ended && this._flow.hasRoom()
  }

  /** Takes the next item out; null when none waits. `read(0)` only asks for more. */
  read(size?: number): any {
    const flow = this._flow
    const wanted = size === 0 ? 0 : 1
    if (flow.items.length === 0 || flow.items.length - wanted < flow.highWaterMark) this._flow.ask()
    const item = wanted === 0 || flow.items.length === 0 ? null : flow.items.shift()
    if (item === null) flow.needed = true
    if (flow.drained) this._flow.finish()
    if (item !== null && !flow.closeEmitted) this.emit('data', item)
    return item
  }

  pause(): this {
    const flow = this._flow
    if (flow.flowing !== false) {
      flow.flowing = false
      this.emit('pause')
    }
    flow.paused = true
    return this
  }

  resume(): this {
    const flow = this._flow
    if (!flow.flowing) {
      flow.flowing = !flow.readableListening
      if (!flow.resuming) defer(() => this._flow.resumed())
      flow.resuming = true
    }
    flow.paused = false
    return this
  }

  isPaused(): boolean {
    return this._flow.paused || this._flow.flowing === false
  }

  destroy(error?: Error | null): this {
    const flow = this._flow
    if (flow.destroyed) return this
    flow.destroyed = true
    flow.errored = error ?? null
    let called = false
    const destroyed = (failure?: Error | null) => {
      if (called) return
      called = flow.closed = true
      flow.errored ??= failure ?? null
      defer(() => {
        if (failure) this.emit('error', failure)
        flow.closeEmitted = true
        this.emit('close')
      })
    }
    try {
      this._destroy(error ?? null, destroyed)
    } catch (failure) {
      destroyed(failure as Error)
    }
    return this
  }

  override on(event: Name, listener: Listener): this {
    super.on(event, listener)
    const flow = this._flow
    if (event === 'data') {
      flow.readableListening = this.listenerCount('readable') > 0
      if (flow.flowing !== false) this.resume()
    } else if (event === 'readable' && !flow.readableListening && !flow.endEmitted) {
      flow.readableListening = flow.needed = true
      flow.flowing = false
      if (flow.items.length > 0) this._flow.arrived(true)
      else defer(() => this.read(0))
    }
    return this
  }

  override removeListener(event: Name, listener: Listener): this {
    super.removeListener(event, listener)
    if (event === 'readable') this._flow.readableListenersChanged()
    return this
  }

  override removeAllListeners(event?: Name): this {
    super.removeAllListeners(event)
    if (event === 'readable' || event === undefined) this._flow.readableListenersChanged()
    return this
  }

  /** Sends all items on, at the pace of the destination, and ends it at the end unless told not to. */
  pipe<T extends NodeLikeWritable | WritableStream>(destination: T, { end = true }: { end?: boolean } = {}): T {
    const { draining } = this._flow
    const sink = 'getWriter' in destination ? webSink(destination, () => stop()) : nodeSink(destination, () => stop())
    const wait = () => {
      draining.add(sink)
      this.pause()
      sink.afterDrain(() => {
        draining.delete(sink)
        if (draining.size === 0 && this.listenerCount('data') > 0) this.resume()
      })
    }
    const onData = (item: unknown) => sink.write(item) || wait()
    const onEnd = () => (end ? sink.end() : sink.release())
    const stop = () => {
      this.off('data', onData)
      this.off('end', onEnd)
      draining.delete(sink)
      if (!this._flow.endEmitted && this.listenerCount('data') === 0) this.pause()
    }
    this.on('data', onData)
    this.once('end', onEnd)
    sink.begin(this)
    if (sink.full()) wait()
    else this.resume()
    return destination
  }

  /** The items as they come, for one consumer. Leaving early destroys the stream. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<any> {
    const flow = this._flow
    let wakeUp = () => {}
    let failure: Error | undefined
    let over = false
    const settle = (error?: Error | null) => {
      if (!over) failure = error ?? undefined
      over = true
      wakeUp()
    }
    const onClose = () =>
      settle(flow.errored ?? (flow.drained ? null : withCode(new Error('Premature close'), 'ERR_STREAM_PREMATURE_CLOSE')))
    this.on('readable', () => wakeUp())
    this.on('error', settle)
    this.on('close', onClose)
    if (flow.closed) defer(onClose)
    try {
      for (;;) {
        const item = flow.destroyed ? null : this.read()
        if (item !== null) yield item
        else if (failure) throw failure
        else if (over) return
        else await new Promise<void>((resolve) => (wakeUp = resolve))
      }
    } finally {
      // Whoever listens learns that there was more; the listener above keeps the error from being reported.
      if (!flow.destroyed) this.destroy(flow.drained ? null : abortError())
    }
  }

  /** The items as a WHATWG stream, which becomes their one consumer. */
  toWeb(): ReadableStream<any> {
    const items = this[Symbol.asyncIterator]()
    return new ReadableStream(
      {
        pull: async (controller) => {
          const { done, value } = await items.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: (reason) => void this.destroy(reason instanceof Error ? reason : null),
      },
      // Items wait here, not there.
      { highWaterMark: 0 },
    )
  }
}

/** Where `pipe` goes, whatever its kind. */
interface Sink {
  begin(source: Readable): void
  full(): boolean
  /** False asks to wait. */
  write(item: unknown): boolean
  afterDrain(callback: () => void): void
  end(): void
  /** Leaves the destination as it is. */
  release(): void
}

function nodeSink(destination: NodeLikeWritable & { writableNeedDrain?: boolean; emit?: Listener }, stop: () => void): Sink {
  return {
    begin: (source) => {
      for (const event of ['close', 'finish']) destination.once(event, stop)
      destination.emit?.('pipe', source)
    },
    full: () => destination.writableNeedDrain === true,
    write: (item) => destination.write(item) !== false,
    afterDrain: (callback) => void destination.once('drain', callback),
    end: () => void destination.end(),
    release: () => {},
  }
}

function webSink(destination: WritableStream, stop: () => void): Sink {
  const writer = destination.getWriter()
  const full = () => !(writer.desiredSize! > 0)
  return {
    begin: () => void writer.closed.then(stop, stop),
    full,
    write: (item) => {
      // A write that fails also fails `closed`, where it is dealt with.
      writer.write(item).catch(() => {})
      return !full()
    },
    afterDrain: (callback) => void writer.ready.then(callback, () => {}),
    end: () => void writer.close().catch(() => {}),
    release: () => writer.releaseLock(),
  }
}

function abortError(cause?: unknown): Error {
  const error = withCode(new Error('The operation was aborted', cause === undefined ? undefined : { cause }), 'ABORT_ERR')
  error.name = 'AbortError'
  return error
}

function withCode(error: Error, code: string): Error {
  return Object.assign(error, { code })
}
