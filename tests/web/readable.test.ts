/** One behaviour, two bases: whatever subscriptions extend, their users see the same. */
import { EventEmitter } from 'node:events'
import { Readable as NodeReadable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Readable } from '../../web/src/client/readable'

type Base = new (options: { objectMode: true; highWaterMark?: number; signal?: AbortSignal }) => Readable
const bases: [string, Base][] = [
  ['ours', Readable as unknown as Base],
  ['of Node', NodeReadable as unknown as Base],
]

/** Long enough for everything that is due without timers. */
const settled = () => delay(2)

describe.each(bases)('a readable stream %s', (_name, Base) => {
  /** Pushes what the test says, when it says so; counts how often it was asked. */
  class Source extends Base {
    asked = 0
    cleanedWith: unknown = 'not yet'
    override _read() {
      this.asked++
    }
    override _destroy(error: Error | null, callback: (error?: Error | null) => void) {
      this.cleanedWith = error
      callback(error)
    }
  }
  /** Pushes numbers whenever asked, up to a last one. */
  class Numbers extends Base {
    next = 1
    constructor(
      private readonly last: number,
      options: { highWaterMark?: number } = {},
    ) {
      super({ objectMode: true, ...options })
    }
    override _read() {
      this.push(this.next > this.last ? null : this.next++)
    }
  }
  const source = (highWaterMark?: number) => new Source({ objectMode: true, ...(highWaterMark !== undefined && { highWaterMark }) })

  /** What happens to the stream, in order. */
  function logOf(stream: Readable, names = ['pause', 'resume', 'end', 'close', 'error']) {
    const log: string[] = []
    for (const name of names) stream.on(name, (...args: unknown[]) => log.push([name, ...args.map(String)].join(' ')))
    return log
  }

  describe('flowing', () => {
    it('starts on a later microtask after a data listener is added', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.push('a')
      stream.push('b')
      stream.on('data', (item) => log.push(item))
      log.push('sync')
      await settled()
      expect(log).toEqual(['sync', 'resume', 'a', 'b'])
    })

    it('hands items over at once when nothing waits', async () => {
      const stream = source()
      const log: string[] = []
      stream.on('data', (item) => log.push(item))
      await settled()
      log.push('before')
      stream.push('a')
      log.push('between')
      stream.push('b')
      log.push('after')
      expect(log).toEqual(['before', 'a', 'between', 'b', 'after'])
    })

    it('delivers, ends, closes, in this order and once', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      stream.push('a')
      stream.push(null)
      await settled()
      expect(log).toEqual(['resume', 'a', 'end', 'close'])
      expect([stream.readableEnded, stream.destroyed, stream.readable]).toEqual([true, true, false])
    })

    it('ends also when the end comes later', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      await settled()
      stream.push('a')
      stream.push(null)
      log.push('sync')
      await settled()
      expect(log).toEqual(['resume', 'a', 'sync', 'end', 'close'])
    })

    it('does not end before the last item is taken', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.push('a')
      stream.push(null)
      await settled()
      expect(log).toEqual([])
      stream.resume()
      await settled()
      expect(log).toEqual(['resume', 'end', 'close'])
    })

    it('flows through everything that a synchronous source has', async () => {
      const stream = new Numbers(100)
      const seen: number[] = []
      stream.on('data', (item) => seen.push(item))
      const log = logOf(stream)
      await settled()
      expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
      expect(log).toEqual(['resume', 'end', 'close'])
    })

    it('gives listeners that come later what still waits', async () => {
      const stream = source()
      for (const item of ['a', 'b', 'c']) stream.push(item)
      const first: string[] = []
      const second: string[] = []
      stream.once('data', (item) => first.push(item))
      stream.pause()
      await settled()
      expect(first).toEqual([])
      stream.on('data', (item) => second.push(item))
      stream.resume()
      await settled()
      expect([first, second]).toEqual([['a'], ['a', 'b', 'c']])
    })
  })

  describe('pausing', () => {
    it('holds items back within the same turn', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => {
        log.push(item)
        if (item === 'b') stream.pause()
      })
      for (const item of ['a', 'b', 'c']) stream.push(item)
      await settled()
      expect(log).toEqual(['resume', 'a', 'b', 'pause'])
      expect([stream.isPaused(), stream.readableFlowing, stream.readableLength]).toEqual([true, false, 1])
      stream.push('d')
      stream.resume()
      log.push('sync')
      await settled()
      expect(log).toEqual(['resume', 'a', 'b', 'pause', 'sync', 'c', 'd', 'resume'])
      expect([stream.isPaused(), stream.readableFlowing]).toEqual([false, true])
    })

    it('is told once', async () => {
      const stream = source()
      const log = logOf(stream)
      expect([stream.isPaused(), stream.readableFlowing]).toEqual([false, null])
      stream.pause().pause()
      stream.resume().resume()
      await settled()
      stream.resume()
      await settled()
      expect(log).toEqual(['pause', 'resume'])
    })

    it('keeps a new data listener waiting', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.pause()
      stream.on('data', (item) => log.push(item))
      stream.push('a')
      await settled()
      expect(log).toEqual(['pause'])
    })

    it('and resuming in one turn leaves the flow as it was', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      await settled()
      stream.pause()
      stream.push('a')
      stream.resume()
      stream.push('b')
      await settled()
      expect(log).toEqual(['resume', 'pause', 'a', 'b', 'resume'])
    })

    it('holds the end back too', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      await settled()
      stream.pause()
      stream.push('a')
      stream.push(null)
      await settled()
      expect(log).toEqual(['resume', 'pause'])
      stream.resume()
      await settled()
      expect(log).toEqual(['resume', 'pause', 'resume', 'a', 'end', 'close'])
    })

    it('keeps on when data listeners are gone: items are dropped, as Node does', async () => {
      const stream = source()
      const listener = () => {}
      stream.on('data', listener)
      await settled()
      stream.off('data', listener)
      stream.push('a')
      await settled()
      expect([stream.readableFlowing, stream.readableLength]).toEqual([true, 0])
    })
  })

  describe('back-pressure', () => {
    it('says stop at the high-water mark, 16 by default', () => {
      const results = (stream: Readable, count: number) => Array.from({ length: count }, (_, at) => stream.push(at))
      expect(results(source(), 17)).toEqual([...Array<boolean>(15).fill(true), false, false])
      expect(results(source(2), 3)).toEqual([true, false, false])
      expect(source().readableHighWaterMark).toBe(16)
    })

    it('asks only while there is room, once at a time', async () => {
      const stream = source(2)
      stream.on('readable', () => {})
      await settled()
      expect(stream.asked).toBe(1)
      stream.push('a')
      await settled()
      expect(stream.asked).toBe(2)
      stream.push('b')
      await settled()
      expect(stream.asked).toBe(2)
      expect(stream.read()).toBe('a')
      await settled()
      expect(stream.asked).toBe(3)
    })

    it('reads ahead up to the mark and no further', async () => {
      const stream = new Numbers(1000, { highWaterMark: 5 })
      stream.on('readable', () => {})
      await settled()
      expect(stream.readableLength).toBe(5)
      expect(stream.next).toBe(6)
      for (let expected = 1; expected <= 20; ++expected) expect(stream.read()).toBe(expected)
      await settled()
      expect(stream.readableLength).toBe(5)
    })

    it('holds a synchronous source back while paused', async () => {
      const stream = new Numbers(1000, { highWaterMark: 5 })
      const seen: number[] = []
      stream.on('data', (item) => {
        seen.push(item)
        if (item % 10 === 0) stream.pause()
      })
      await settled()
      expect(seen).toHaveLength(10)
      expect(stream.next).toBeLessThanOrEqual(17)
      stream.resume()
      await settled()
      expect(seen).toHaveLength(20)
    })

    it('asks nothing before somebody is there', async () => {
      const stream = source()
      await settled()
      expect(stream.asked).toBe(0)
      stream.on('data', () => {})
      expect(stream.asked).toBe(0)
      await settled()
      expect(stream.asked).toBe(1)
    })

    it('works with a mark of zero', async () => {
      const stream = new Numbers(5, { highWaterMark: 0 })
      const seen: number[] = []
      for await (const item of stream) seen.push(item)
      expect(seen).toEqual([1, 2, 3, 4, 5])
    })

    it.each([-1, 1.5, NaN])('refuses %s as a mark', (highWaterMark) => {
      expect(() => source(highWaterMark)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
    })
  })

  describe('taking items by hand', () => {
    it('tells when there are some, and at the end', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('readable', () => {
        log.push('readable')
        for (let item; (item = stream.read()) !== null; ) log.push(item)
      })
      await settled()
      stream.push('a')
      stream.push('b')
      await settled()
      stream.push('c')
      await settled()
      stream.push(null)
      await settled()
      expect(log).toEqual(['readable', 'a', 'b', 'readable', 'c', 'readable', 'end', 'close'])
    })

    it('tells of what was there before', async () => {
      const stream = source()
      stream.push('a')
      await settled()
      const log: unknown[] = []
      stream.on('readable', () => log.push(stream.read()))
      await settled()
      expect(log).toEqual(['a'])
    })

    it('stops the flow, which goes on when the listener is gone', async () => {
      const stream = source()
      const log: string[] = []
      const onReadable = () => log.push('readable')
      stream.on('readable', onReadable)
      stream.on('data', (item) => log.push(item))
      stream.push('a')
      await settled()
      expect([log, stream.readableFlowing]).toEqual([['readable'], false])
      stream.off('readable', onReadable)
      await settled()
      expect([log, stream.readableFlowing]).toEqual([['readable', 'a'], true])
    })

    it('forgets about flowing when all listeners are gone', async () => {
      const stream = source()
      stream.on('readable', () => {})
      await settled()
      stream.removeAllListeners()
      await settled()
      expect(stream.readableFlowing).toBe(null)
    })

    it('emits what is read as data too', async () => {
      const stream = source()
      const log: string[] = []
      stream.pause()
      stream.on('data', (item) => log.push(item))
      stream.push('a')
      expect(stream.read()).toBe('a')
      expect(stream.read()).toBe(null)
      expect(log).toEqual(['a'])
    })

    it('takes one at a time', () => {
      const stream = source()
      for (const item of ['a', 'b']) stream.push(item)
      expect([stream.read(0), stream.read(), stream.read(), stream.read()]).toEqual([null, 'a', 'b', null])
    })
  })

  describe('destroying', () => {
    it('closes later, without end, and cleans up once', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      await settled()
      expect(stream.destroy()).toBe(stream)
      stream.destroy(new Error('late'))
      log.push('sync')
      expect([stream.destroyed, stream.cleanedWith]).toEqual([true, null])
      expect(stream.push('a')).toBe(false)
      await settled()
      expect(log).toEqual(['resume', 'sync', 'close'])
      expect([stream.readableEnded, stream.readable, stream.closed]).toEqual([false, false, true])
    })

    it('with an error tells it first', async () => {
      const stream = source()
      const log = logOf(stream)
      const error = new Error('broken')
      stream.destroy(error)
      log.push('sync')
      await settled()
      expect(log).toEqual(['sync', 'error Error: broken', 'close'])
      expect([stream.cleanedWith, stream.errored]).toEqual([error, error])
    })

    it('waits for the clean-up', async () => {
      let finish = (_error?: Error | null) => {}
      class Slow extends Source {
        override _destroy(_error: Error | null, callback: typeof finish) {
          finish = callback
        }
      }
      const stream = new Slow({ objectMode: true })
      const log = logOf(stream)
      stream.destroy()
      await settled()
      expect([log, stream.destroyed, stream.closed]).toEqual([[], true, false])
      finish(new Error('of the clean-up'))
      finish()
      await settled()
      expect(log).toEqual(['error Error: of the clean-up', 'close'])
    })

    it('in a data handler lets what waits pass before close, as Node does', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => {
        log.push(item)
        stream.destroy()
      })
      for (const item of ['a', 'b', 'c']) stream.push(item)
      await settled()
      expect(log).toEqual(['resume', 'a', 'b', 'c', 'close'])
    })

    it('happens when reading throws', async () => {
      class Broken extends Base {
        override _read() {
          throw new Error('cannot read')
        }
      }
      const stream = new Broken({ objectMode: true })
      const log = logOf(stream)
      stream.resume()
      await settled()
      expect(log).toContain('error Error: cannot read')
      expect(log.at(-1)).toBe('close')
    })

    it('happens when something is pushed after the end', async () => {
      const stream = source()
      const errors: unknown[] = []
      stream.on('error', (error) => errors.push((error as { code: string }).code))
      stream.push(null)
      expect(stream.push('a')).toBe(false)
      await settled()
      expect(errors).toEqual(['ERR_STREAM_PUSH_AFTER_EOF'])
      expect(stream.destroyed).toBe(true)
    })

    it('happens when a signal aborts', async () => {
      const controller = new AbortController()
      const stream = new Source({ objectMode: true, signal: controller.signal })
      const errors: unknown[] = []
      stream.on('error', (error: Error & { code: string }) => errors.push(error.name, error.code, error.cause))
      controller.abort('enough')
      await settled()
      expect(errors).toEqual(['AbortError', 'ABORT_ERR', 'enough'])
      expect(stream.closed).toBe(true)
    })

    it('happens at once with a signal that has aborted', async () => {
      const stream = new Source({ objectMode: true, signal: AbortSignal.abort() })
      stream.on('error', () => {})
      await settled()
      expect(stream.destroyed).toBe(true)
    })

    it('leaves no listener on the signal', async () => {
      const controller = new AbortController()
      const stream = new Source({ objectMode: true, signal: controller.signal })
      stream.resume()
      stream.push(null)
      await settled()
      controller.abort()
      await settled()
      expect(stream.errored).toBe(null)
    })
  })

  describe('an error emitted without destroying', () => {
    it('reaches listeners at once; the stream goes on', async () => {
      const stream = source()
      const log = logOf(stream)
      stream.on('data', (item) => log.push(item))
      await settled()
      stream.emit('error', new Error('one'))
      log.push('sync')
      stream.push('a')
      await settled()
      expect(log).toEqual(['resume', 'error Error: one', 'sync', 'a'])
      expect([stream.destroyed, stream.closed]).toEqual([false, false])
    })
  })

  describe('iteration', () => {
    it('yields everything and finishes after close', async () => {
      const stream = new Numbers(50)
      const log = logOf(stream)
      const seen: number[] = []
      for await (const item of stream) seen.push(item)
      log.push('done')
      expect(seen).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
      expect(log).toEqual(['end', 'close', 'done'])
    })

    it('waits for what comes later', async () => {
      const stream = source()
      const items = stream[Symbol.asyncIterator]()
      const first = items.next()
      const second = items.next()
      await settled()
      stream.push('a')
      await settled()
      stream.push('b')
      stream.push(null)
      expect(await first).toEqual({ value: 'a', done: false })
      expect(await second).toEqual({ value: 'b', done: false })
      expect(await items.next()).toEqual({ value: undefined, done: true })
      expect(await items.next()).toEqual({ value: undefined, done: true })
    })

    it('keeps the source waiting while the consumer thinks', async () => {
      const stream = new Numbers(1000, { highWaterMark: 4 })
      let most = 0
      for await (const item of stream) {
        await settled()
        most = Math.max(most, stream.next - item)
        if (item === 20) break
      }
      expect(most).toBeLessThanOrEqual(6)
    })

    it('left early destroys the stream, and whoever listens for errors hears of it', async () => {
      const stream = source()
      const log = logOf(stream)
      for (const item of ['a', 'b']) stream.push(item)
      for await (const item of stream) {
        log.push(item)
        break
      }
      expect(stream.destroyed).toBe(true)
      await settled()
      expect(log).toEqual(['a', 'error AbortError: The operation was aborted', 'close'])
    })

    it('left early needs no error listener', async () => {
      const stream = source()
      stream.push('a')
      for await (const _item of stream) break
      await settled()
      expect(stream.closed).toBe(true)
    })

    it('returned before it began does nothing', async () => {
      const stream = source()
      await stream[Symbol.asyncIterator]().return!()
      expect([stream.destroyed, stream.asked]).toEqual([false, 0])
    })

    it('rejects with the error that destroys the stream; what waits is dropped', async () => {
      const stream = source()
      for (const item of ['a', 'b']) stream.push(item)
      const items = stream[Symbol.asyncIterator]()
      expect(await items.next()).toEqual({ value: 'a', done: false })
      stream.destroy(new Error('broken'))
      await expect(items.next()).rejects.toThrow('broken')
      expect(await items.next()).toEqual({ value: undefined, done: true })
    })

    it('rejects while waiting', async () => {
      const stream = source()
      const next = stream[Symbol.asyncIterator]().next()
      await settled()
      stream.destroy(new Error('broken'))
      await expect(next).rejects.toThrow('broken')
    })

    it('rejects with an error that is only emitted, after what waits; then the stream is destroyed', async () => {
      const stream = source()
      const log = logOf(stream, ['close', 'end'])
      const items = stream[Symbol.asyncIterator]()
      const first = items.next()
      await settled()
      for (const item of ['a', 'b']) stream.push(item)
      stream.emit('error', new Error('emitted'))
      expect(await first).toEqual({ value: 'a', done: false })
      expect(await items.next()).toEqual({ value: 'b', done: false })
      await expect(items.next()).rejects.toThrow('emitted')
      await settled()
      expect([stream.destroyed, log]).toEqual([true, ['close']])
    })

    it('rejects when the stream closes before its end', async () => {
      const stream = source()
      const next = stream[Symbol.asyncIterator]().next()
      await settled()
      stream.destroy()
      await expect(next).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE', message: 'Premature close' })
    })

    it('of a stream that was destroyed before rejects too', async () => {
      const stream = source()
      stream.destroy()
      await settled()
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    })

    it('of a stream that has ended is over', async () => {
      const stream = source()
      stream.resume()
      stream.push(null)
      await settled()
      expect(await stream[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true })
    })

    it('passes on what the consumer throws', async () => {
      const stream = source()
      stream.push('a')
      const consume = async () => {
        for await (const _item of stream) throw new Error('mine')
      }
      await expect(consume()).rejects.toThrow('mine')
      expect(stream.destroyed).toBe(true)
    })
  })

  describe('listeners', () => {
    it('are called in order, with the stream as this', () => {
      const stream = source()
      const log: unknown[] = []
      stream.on('x', function (this: unknown) {
        log.push(this === stream)
      })
      stream.prependListener('x', () => log.push('first'))
      stream.prependOnceListener('x', () => log.push('zeroth'))
      stream.once('x', (...args: unknown[]) => log.push(args))
      expect(stream.emit('x', 1, 2)).toBe(true)
      stream.emit('x')
      expect(log).toEqual(['zeroth', 'first', true, [1, 2], 'first', true])
    })

    it('are counted, listed and removed, the last one first', () => {
      const stream = source()
      const [a, b] = [vi.fn(), vi.fn()]
      const symbol = Symbol('s')
      stream.addListener('x', a).on('x', b).once('x', a).on(symbol, a)
      expect([stream.listenerCount('x'), stream.listeners('x')]).toEqual([3, [a, b, a]])
      stream.removeListener('x', a)
      expect(stream.listeners('x')).toEqual([a, b])
      stream.off('x', b).off('x', b)
      expect(stream.eventNames().filter((name) => name === 'x' || name === symbol)).toEqual(['x', symbol])
      expect(stream.removeAllListeners('x').emit('x')).toBe(false)
      expect([stream.listenerCount('x'), stream.listenerCount(symbol)]).toEqual([0, 1])
    })

    it('added or removed while an event is emitted count from the next one on', () => {
      const stream = source()
      const log: string[] = []
      const last = () => log.push('last')
      stream.on('x', () => {
        log.push('first')
        stream.off('x', last)
        stream.once('x', () => log.push('new'))
      })
      stream.on('x', last)
      stream.emit('x')
      expect(log).toEqual(['first', 'last'])
      stream.emit('x')
      expect(log).toEqual(['first', 'last', 'first', 'new'])
    })

    it('for one time are called one time, even from within', () => {
      const stream = source()
      let calls = 0
      stream.once('x', () => {
        calls++
        stream.emit('x')
      })
      stream.emit('x')
      expect([calls, stream.listenerCount('x')]).toEqual([1, 0])
    })

    it('that are prepended do not start the flow', async () => {
      const stream = source()
      stream.prependListener('data', () => {})
      await settled()
      expect(stream.readableFlowing).toBe(null)
    })

    it('that throw are heard by whoever pushed', async () => {
      const stream = source()
      stream.on('data', () => {
        throw new Error('of the listener')
      })
      await settled()
      expect(() => stream.push('a')).toThrow('of the listener')
    })
  })

  describe('pipe', () => {
    /** Takes an item a turn, so that the source has to wait. */
    class Slow extends Writable {
      readonly items: unknown[] = []
      most = 0
      constructor() {
        super({ objectMode: true, highWaterMark: 2 })
      }
      override _write(item: unknown, _encoding: string, callback: () => void) {
        this.items.push(item)
        this.most = Math.max(this.most, this.writableLength)
        setImmediate(callback)
      }
    }

    it('sends everything at the pace of the destination, and ends it', async () => {
      const slow = new Slow()
      const stream = new Numbers(30)
      expect(stream.pipe(slow)).toBe(slow)
      await new Promise((resolve) => slow.on('finish', resolve))
      expect(slow.items).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
      expect(slow.most).toBeLessThanOrEqual(2)
    })

    it('leaves the destination open when told to', async () => {
      const slow = new Slow()
      new Numbers(1).pipe(slow, { end: false })
      await delay(10)
      expect([slow.items, slow.writableEnded]).toEqual([[1], false])
    })

    it('feeds several destinations, at the pace of the slowest', async () => {
      const [one, two] = [new Slow(), new Slow()]
      const stream = new Numbers(10)
      stream.pipe(one)
      stream.pipe(two)
      await Promise.all([one, two].map((each) => new Promise((resolve) => each.on('finish', resolve))))
      expect([one.items, two.items]).toEqual([Array.from({ length: 10 }, (_, at) => at + 1), one.items])
    })

    it('stops when the destination closes', async () => {
      const slow = new Slow()
      const stream = new Numbers(1000)
      stream.pipe(slow)
      await settled()
      slow.destroy()
      const { next } = stream
      await delay(5)
      expect([stream.destroyed, stream.isPaused(), stream.listenerCount('data')]).toEqual([false, true, 0])
      expect(stream.next - next).toBeLessThanOrEqual(16)
    })

    it('works with destinations that merely look like streams', async () => {
      class Sink extends EventEmitter {
        readonly items: unknown[] = []
        write(item: unknown) {
          this.items.push(item)
          if (this.items.length % 2 === 0) queueMicrotask(() => this.emit('drain'))
          return this.items.length % 2 !== 0
        }
        end() {
          this.items.push('end')
        }
      }
      const sink = new Sink()
      new Numbers(5).pipe(sink)
      await settled()
      expect(sink.items).toEqual([1, 2, 3, 4, 5, 'end'])
    })
  })

  it('is delivered under fake timers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'queueMicrotask', 'Date'] })
    const stream = new Numbers(3)
    const seen: number[] = []
    for await (const item of stream) seen.push(item)
    expect(seen).toEqual([1, 2, 3])
  })
})

afterEach(() => void vi.useRealTimers())

describe('random histories', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  /** Does the same things to a stream whatever its base is, and tells what it saw; `readable` and `resume` come as they like. */
  async function history(Base: Base, seed: number): Promise<string[]> {
    let drawn = seed
    /** A number below `below`, from a generator that anyone can write down (xorshift). */
    const draw = (below: number) => {
      drawn ^= drawn << 13
      drawn ^= drawn >>> 17
      drawn ^= drawn << 5
      return (drawn >>> 0) % below
    }
    for (let warm = 0; warm < 8; ++warm) draw(2)
    const [highWaterMark, pushesWhenAsked, last, burst] = [[1, 2, 3, 16][draw(4)]!, draw(5) < 2, draw(30), draw(3)]
    let next = 0
    let ended = false
    class Source extends Base {
      override _read() {
        for (let count = 0; pushesWhenAsked && count <= burst; ++count) {
          if (!this.push(next < last ? next++ : null)) return
        }
      }
    }
    const log: string[] = []
    const stream = new Source({ objectMode: true, highWaterMark })
    for (const name of ['end', 'close', 'pause', 'error']) stream.on(name, () => log.push(name))
    const onData = (item: number) => log.push(`data ${item}`)
    const onDataPause = (item: number) => {
      log.push(`data ${item}`)
      if (item % 3 === 0) stream.pause()
    }
    const onReadable = () => {
      for (let item; (item = stream.read()) !== null; ) log.push(`read ${item}`)
    }
    const steps = [
      () => !pushesWhenAsked && !ended && log.push(`push ${stream.push(next++)}`),
      () => !pushesWhenAsked && !ended && log.push(`push ${stream.push(next++)}`),
      () => !pushesWhenAsked && !ended && draw(3) === 0 && ((ended = true), stream.push(null)),
      () => stream.pause(),
      () => stream.resume(),
      () => stream.on('data', onData),
      () => stream.off('data', onData),
      () => stream.on('data', onDataPause),
      () => stream.on('readable', onReadable),
      () => stream.off('readable', onReadable),
      () => log.push(`take ${stream.read()}`),
      () => draw(5) === 0 && stream.destroy(draw(2) === 0 ? undefined : new Error('broken')),
      () => log.push(`state ${[stream.isPaused(), stream.readableFlowing, stream.destroyed, stream.readableEnded].join()}`),
    ]
    for (let left = draw(14); left > 0; --left) {
      steps[draw(steps.length)]!()
      log.push('-')
      if (draw(5) < 3) {
        await turn()
        log.push('turn')
      }
    }
    await turn()
    await turn()
    return [...log, `waiting ${stream.readableLength}, destroyed ${stream.destroyed}, ended ${stream.readableEnded}`]
  }

  it('are the same on both bases', async () => {
    for (let seed = 1; seed <= 1500; ++seed) {
      const [ours, nodes] = await Promise.all(bases.map(([, Base]) => history(Base, seed)))
      expect(ours, `seed ${seed}`).toEqual(nodes)
    }
  })
})

describe('ours alone', () => {
  it('uses no names but those of Node and two more, so that subclasses may use all others', () => {
    const namesOf = (object: object | null): PropertyKey[] =>
      object === null ? [] : [...Reflect.ownKeys(object), ...namesOf(Object.getPrototypeOf(object) as object | null)]
    const known = new Set(namesOf(new NodeReadable()))
    const others = namesOf(new Readable()).filter((name) => !known.has(name))
    expect(others.sort()).toEqual(['_flow', '_listeners', 'toWeb'])
  })

  const numbers = (last: number) => {
    let next = 1
    return new Readable({
      read() {
        this.push(next > last ? null : next++)
      },
    })
  }

  it('reports errors that nobody listens to, and goes on', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const error = new Error('unheard')
    const stream = new Readable({ read() {} })
    const closed = vi.fn()
    stream.on('close', closed)
    expect(stream.emit('error', error)).toBe(false)
    stream.destroy(error)
    await settled()
    vi.unstubAllGlobals()
    expect(reported).toEqual([error, error])
    expect(closed).toHaveBeenCalledOnce()
  })

  it('reports them as a rejection where there is no reportError', async () => {
    const rejected = vi.fn()
    vi.stubGlobal('reportError', undefined)
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').once('unhandledRejection', rejected)
    const error = new Error('unheard')
    new Readable().emit('error', error)
    await settled()
    for (const each of listeners) process.on('unhandledRejection', each)
    vi.unstubAllGlobals()
    expect(rejected).toHaveBeenCalledWith(error, expect.anything())
  })

  it('takes its methods as options, and refuses to read without any', async () => {
    const destroy = vi.fn((_error: Error | null, callback: () => void) => callback())
    numbers(1).destroy()
    new Readable({ destroy }).destroy()
    expect(destroy).toHaveBeenCalledOnce()
    const error = await new Promise((resolve) => new Readable().on('error', resolve).resume())
    expect(error).toMatchObject({ code: 'ERR_METHOD_NOT_IMPLEMENTED' })
  })

  it('becomes a web stream, item by item', async () => {
    const stream = numbers(3)
    const reader = stream.toWeb().getReader()
    expect(await reader.read()).toEqual({ done: false, value: 1 })
    expect(await reader.read()).toEqual({ done: false, value: 2 })
    expect(await reader.read()).toEqual({ done: false, value: 3 })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  it('is destroyed when the web stream is cancelled, also while it waits', async () => {
    const stream = new Readable({ read() {} })
    const reader = stream.toWeb().getReader()
    const pending = reader.read()
    await settled()
    await reader.cancel()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(stream.destroyed).toBe(true)
  })

  it('makes the web stream fail as it fails', async () => {
    const stream = new Readable({ read() {} })
    const reader = stream.toWeb().getReader()
    const pending = reader.read()
    await settled()
    stream.destroy(new Error('broken'))
    await expect(pending).rejects.toThrow('broken')
  })

  it('is piped into a web stream at its pace', async () => {
    const items: unknown[] = []
    let most = 0
    let written = 0
    const stream = numbers(20)
    stream.on('data', () => (most = Math.max(most, ++written - items.length)))
    const done = new Promise<void>((resolve) =>
      stream.pipe(
        new WritableStream(
          {
            async write(item) {
              await settled()
              items.push(item)
            },
            close: resolve,
          },
          { highWaterMark: 3 },
        ),
      ),
    )
    await done
    expect(items).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(most).toBeLessThanOrEqual(4)
  })

  it('stops when the web stream it is piped into fails', async () => {
    const stream = numbers(1000)
    stream.pipe(
      new WritableStream({
        write(item) {
          if (item === 3) throw new Error('full')
        },
      }),
    )
    await settled()
    expect([stream.destroyed, stream.isPaused(), stream.listenerCount('data')]).toEqual([false, true, 0])
  })

  it('leaves the web stream open when told to', async () => {
    const target = new TransformStream<number, number>(undefined, { highWaterMark: 9 })
    numbers(2).pipe(target.writable, { end: false })
    await settled()
    expect(target.writable.locked).toBe(false)
  })
})
