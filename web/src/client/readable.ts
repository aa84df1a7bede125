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

/** What the stream knows of itself. */
class State {
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

  constructor(readonly highWaterMark: number) {}

  /** All items have been pushed and taken. */
  get drained(): boolean {
    return this.ended && this.items.length === 0
  }
}

/**
 * The part of Node's contract that subscriptions need, with the events in Node's order. Subclasses implement `_read()`, which
 * is called when there is room and then wants `push`, now or later; `push(null)` ends the stream; `_destroy` cleans up.
 * Differs from Node: an `error` that nobody listens to is reported instead of thrown; there is `toWeb()`.
 */
export class Readable extends Emitter implements PortableReadable {
  private readonly state: State

  constructor({ highWaterMark = 16, signal, read, destroy }: ReadableInit = {}) {
    super()
    if (!Number.isInteger(highWaterMark) || highWaterMark < 0)
      throw withCode(new TypeError(`The property 'options.highWaterMark' is invalid. Received ${highWaterMark}`), 'ERR_INVALID_ARG_VALUE')
    this.state = new State(highWaterMark)
    if (read) this._read = read
    if (destroy) this._destroy = destroy
    if (signal) this.endWith(signal)
  }

  get readable(): boolean {
    return !this.state.destroyed && !this.state.endEmitted
  }
  get readableEnded(): boolean {
    return this.state.endEmitted
  }
  get readableFlowing(): boolean | null {
    return this.state.flowing
  }
  get readableLength(): number {
    return this.state.items.length
  }
  get readableHighWaterMark(): number {
    return this.state.highWaterMark
  }
  get readableObjectMode(): true {
    return true
  }
  get destroyed(): boolean {
    return this.state.destroyed
  }
  get closed(): boolean {
    return this.state.closed
  }
  get errored(): Error | null {
    return this.state.errored
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
    const { state } = this
    if (item === null || item === undefined) {
      state.reading = false
      if (state.ended) return false
      state.ended = state.readableDue = true
      // The end alone is told at once, unless the subclass is being asked.
      if (state.within) this.wake()
      else this.run()
      return false
    }
    if (state.ended) {
      this.destroy(withCode(new Error('stream.push() after EOF'), 'ERR_STREAM_PUSH_AFTER_EOF'))
      return false
    }
    if (state.destroyed) return false
    state.reading = false
    if (state.flowing && !state.within && state.items.length === 0 && this.listenerCount('data') > 0) {
      this.emit('data', item)
      this.wake()
    } else {
      state.items.push(item)
      this.arrived()
    }
    return !state.ended && this.hasRoom()
  }

  /** Takes the next item out; null when none waits. `read(0)` only asks for more. */
  read(size?: number): any {
    const { state } = this
    const wanted = size === 0 ? 0 : 1
    if (state.items.length === 0 || state.items.length - wanted < state.highWaterMark) this.ask()
    const item = wanted === 0 || state.items.length === 0 ? null : state.items.shift()
    if (item === null) state.needed = true
    if (state.drained) this.finish()
    if (item !== null && !state.closeEmitted) this.emit('data', item)
    return item
  }

  pause(): this {
    const { state } = this
    if (state.flowing !== false) {
      state.flowing = false
      this.emit('pause')
    }
    state.paused = true
    return this
  }

  resume(): this {
    const { state } = this
    if (!state.flowing) {
      state.flowing = !state.readableListening
      if (!state.resuming) defer(() => this.resumed())
      state.resuming = true
    }
    state.paused = false
    return this
  }

  isPaused(): boolean {
    return this.state.paused || this.state.flowing === false
  }

  destroy(error?: Error | null): this {
    const { state } = this
    if (state.destroyed) return this
    state.destroyed = true
    state.errored = error ?? null
    let called = false
    const destroyed = (failure?: Error | null) => {
      if (called) return
      called = state.closed = true
      state.errored ??= failure ?? null
      defer(() => {
        if (failure) this.emit('error', failure)
        state.closeEmitted = true
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
    const { state } = this
    if (event === 'data') {
      state.readableListening = this.listenerCount('readable') > 0
      if (state.flowing !== false) this.resume()
    } else if (event === 'readable' && !state.readableListening && !state.endEmitted) {
      state.readableListening = state.needed = true
      state.flowing = false
      if (state.items.length > 0) this.arrived(true)
      else defer(() => this.read(0))
    }
    return this
  }

  override removeListener(event: Name, listener: Listener): this {
    super.removeListener(event, listener)
    if (event === 'readable') this.readableListenersChanged()
    return this
  }

  override removeAllListeners(event?: Name): this {
    super.removeAllListeners(event)
    if (event === 'readable' || event === undefined) this.readableListenersChanged()
    return this
  }

  /** Sends all items on, at the pace of the destination, and ends it at the end unless told not to. */
  pipe<T extends NodeLikeWritable | WritableStream>(destination: T, { end = true }: { end?: boolean } = {}): T {
    const { draining } = this.state
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
      if (!this.state.endEmitted && this.listenerCount('data') === 0) this.pause()
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
    const { state } = this
    let wakeUp = () => {}
    let failure: Error | undefined
    let over = false
    const settle = (error?: Error | null) => {
      if (!over) failure = error ?? undefined
      over = true
      wakeUp()
    }
    const onClose = () =>
      settle(state.errored ?? (state.drained ? null : withCode(new Error('Premature close'), 'ERR_STREAM_PREMATURE_CLOSE')))
    this.on('readable', () => wakeUp())
    this.on('error', settle)
    this.on('close', onClose)
    if (state.closed) defer(onClose)
    try {
      for (;;) {
        const item = state.destroyed ? null : this.read()
        if (item !== null) yield item
        else if (failure) throw failure
        else if (over) return
        else await new Promise<void>((resolve) => (wakeUp = resolve))
      }
    } finally {
      // Whoever listens learns that there was more; the listener above keeps the error from being reported.
      if (!state.destroyed) this.destroy(state.drained ? null : abortError())
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

  private hasRoom(): boolean {
    const { items, highWaterMark } = this.state
    return items.length === 0 || items.length < highWaterMark
  }

  private arrived(isNews = this.state.needed || this.state.ended): void {
    const { state } = this
    if (isNews) state.readableDue = true
    state.needed = false
    this.wake()
  }

  /** Everything but `push` into a flow happens on a later microtask, once for all that was pushed meanwhile. */
  private wake(): void {
    const { state } = this
    if (state.awake) return
    state.awake = true
    defer(() => {
      state.awake = false
      if (!state.closeEmitted) this.run()
    })
  }

  private run(): void {
    const { state } = this
    if (state.readableDue && (state.items.length > 0 || state.ended)) {
      state.readableDue = false
      const before = state.items.length
      if (!state.destroyed) this.emit('readable')
      this.flow()
      // Nothing will arrive any more to tell of what is left.
      if (state.ended && state.items.length > 0 && state.items.length < before) this.arrived()
    }
    while (state.items.length < state.highWaterMark || (state.flowing && state.items.length === 0)) {
      const before = state.items.length
      this.ask()
      if (state.items.length === before) break
    }
    if (state.items.length <= state.highWaterMark) state.needed = true
  }

  private resumed(): void {
    const { state } = this
    if (!state.reading) this.read(0)
    state.resuming = false
    this.emit('resume')
    this.flow()
    this.wake()
  }

  private flow(): void {
    while (this.state.flowing && this.read() !== null);
  }

  /** Asks the subclass for more, unless it was asked already. */
  private ask(): void {
    const { state } = this
    if (state.reading || state.ended || state.destroyed) return
    state.reading = state.within = true
    try {
      this._read(state.highWaterMark)
    } catch (error) {
      this.destroy(error as Error)
    }
    state.within = false
  }

  private finish(): void {
    const { state } = this
    if (state.endEmitted) return
    defer(() => {
      if (state.endEmitted || state.errored || state.closeEmitted || !state.drained) return
      state.endEmitted = true
      this.emit('end')
      this.destroy()
    })
  }

  /** Later, so that `once('readable')` may be called again first. */
  private readableListenersChanged(): void {
    const { state } = this
    defer(() => {
      state.readableListening = this.listenerCount('readable') > 0
      if (state.resuming && !state.paused) state.flowing = true
      else if (this.listenerCount('data') > 0) this.resume()
      else if (!state.readableListening) state.flowing = null
    })
  }

  private endWith(signal: AbortSignal): void {
    const abort = () => void this.destroy(abortError(signal.reason))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    super.on('close', () => signal.removeEventListener('abort', abort))
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
