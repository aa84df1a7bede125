import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import type { ResolvedEvent, StreamSubscription } from '../../../web/src/client/index'
import { api, connect, isOfficial, isPortable, itInProcess, itSecured, streamName } from './clients'
import { collect, failureOf, happened, numbered, numbersOf, turns, watch } from './support'

const client = connect()

async function streamOf(count: number): Promise<string> {
  const stream = streamName()
  await client.appendToStream(stream, numbered(count))
  return stream
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('pause and resume (node 6)', () => {
  it('a paused subscription hands nothing out and loses nothing', async () => {
    const stream = await streamOf(5)
    const watched = watch(client.subscribeToStream(stream))
    await watched.received(5)
    watched.subscription.pause()
    expect(watched.subscription.isPaused()).toBe(true)
    await client.appendToStream(stream, numbered(100, 5))
    await turns()
    expect(watched.events).toHaveLength(5)
    watched.subscription.resume()
    expect(watched.subscription.isPaused()).toBe(false)
    await watched.received(105)
    expect(watched.numbers).toEqual(range(0, 105))
  })

  it('pausing at every event delivers each once, in order', async () => {
    const stream = await streamOf(100)
    const subscription = client.subscribeToStream(stream)
    subscription.on('data', () => {
      subscription.pause()
      setImmediate(() => subscription.resume())
    })
    const watched = watch(subscription)
    await watched.received(100)
    expect(watched.numbers).toEqual(range(0, 100))
  })

  it('read() and readable', async () => {
    const stream = await streamOf(30)
    const subscription = client.subscribeToStream(stream)
    const events: ResolvedEvent[] = []
    await new Promise<void>((resolve) => {
      subscription.on('readable', () => {
        for (let event: ResolvedEvent | null; (event = subscription.read() as ResolvedEvent | null) !== null; ) events.push(event)
        if (events.length === 30) resolve()
      })
    })
    expect(numbersOf(events)).toEqual(range(0, 30))
  })

  it('highWaterMark says how many wait', async () => {
    const stream = await streamOf(100)
    for (const highWaterMark of [0, 1, 4, 50]) {
      const subscription = client.subscribeToStream(stream, {}, { highWaterMark })
      expect(subscription.readableHighWaterMark).toBe(highWaterMark)
      expect(subscription.readableObjectMode).toBe(true)
      await once(subscription, 'confirmation')
      subscription.read(0)
      await turns()
      // A transform has a writable side, whose buffer comes on top.
      expect(subscription.readableLength).toBeLessThanOrEqual(highWaterMark + 1)
      expect(numbersOf(await collect(subscription, 100))).toEqual(range(0, 100))
    }
  })
})

describe('how subscriptions end (node 6)', () => {
  it('unsubscribe: end, then close, no error, and nothing after', async () => {
    const stream = await streamOf(3)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await watched.subscription.unsubscribe()
    await watched.emitted('close')
    await client.appendToStream(stream, happened(3))
    await turns()
    expect(watched.log).toEqual(['confirmation', 0, 1, 2, 'caughtUp', 'end', 'close'])
    expect(watched.subscription.destroyed).toBe(true)
    expect(watched.subscription.readableEnded).toBe(true)
  })

  it('unsubscribe at once: nothing, and it ends', async () => {
    const watched = watch(client.subscribeToStream(await streamOf(3)))
    await watched.subscription.unsubscribe()
    await watched.emitted('close')
    expect(watched.log.slice(-2)).toEqual(['end', 'close'])
    expect(watched.log).not.toContain('error')
  })

  it('unsubscribe twice is as good as once', async () => {
    const watched = watch(client.subscribeToStream(await streamOf(1)))
    await watched.emitted('caughtUp')
    await Promise.all([watched.subscription.unsubscribe(), watched.subscription.unsubscribe()])
    await watched.emitted('close')
    await watched.subscription.unsubscribe()
    expect(watched.log.filter((each) => each === 'end' || each === 'close')).toEqual(['end', 'close'])
  })

  it('unsubscribe within a data listener', async () => {
    const subscription = client.subscribeToStream(await streamOf(100))
    subscription.once('data', () => void subscription.unsubscribe())
    const watched = watch(subscription)
    await watched.emitted('close')
    expect(watched.numbers).toEqual(range(0, watched.events.length))
    expect(watched.log).not.toContain('error')
  })

  it('events that wait are delivered first', async () => {
    const subscription = client.subscribeToStream(await streamOf(10))
    await once(subscription, 'confirmation')
    subscription.read(0)
    await turns()
    // A server's take as long as they take.
    while (isOfficial && subscription.readableLength < 10) await turns(1)
    await subscription.unsubscribe()
    expect(numbersOf(await collect(subscription))).toEqual(range(0, 10))
  })

  it('destroy: close without end or error', async () => {
    const stream = await streamOf(3)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    watched.subscription.destroy()
    await watched.emitted('close')
    await client.appendToStream(stream, happened(3))
    await turns()
    expect(watched.log).toEqual(['confirmation', 0, 1, 2, 'caughtUp', 'close'])
  })

  it('destroy with an error: error, then close', async () => {
    const watched = watch(client.subscribeToStream(await streamOf(1)))
    await watched.emitted('caughtUp')
    const words = new Error('words')
    watched.subscription.destroy(words)
    await watched.emitted('close')
    expect(watched.error).toBe(words)
    expect(watched.log.slice(-2)).toEqual(['error', 'close'])
  })

  it('destroy at once, before anything came', async () => {
    const watched = watch(client.subscribeToStream(await streamOf(3)))
    watched.subscription.destroy()
    await watched.emitted('close')
    await turns()
    expect(watched.log).toEqual(['close'])
  })

  itInProcess('break out of for await ends it', async () => {
    const stream = await streamOf(100)
    const watched: string[] = []
    const subscription = client.subscribeToStream(stream)
    subscription.on('close', () => watched.push('close'))
    let count = 0
    for await (const _event of subscription) if (++count === 3) break
    await turns(2)
    expect(watched).toEqual(['close'])
    expect(subscription.destroyed).toBe(true)
  })

  it('an exception in the body of for await ends it', async () => {
    const subscription = client.subscribeToStream(await streamOf(5))
    const words = new Error('words')
    const loop = async () => {
      for await (const _event of subscription) throw words
    }
    expect(await failureOf(loop())).toBe(words)
    expect(subscription.destroyed).toBe(true)
  })
})

describe('subscriptions that are over', () => {
  const ways: Record<string, (subscription: StreamSubscription) => Promise<unknown> | void> = {
    unsubscribe: (subscription) => subscription.unsubscribe(),
    destroy: (subscription) => void subscription.destroy(),
    'break out of for await': (subscription) => collect(subscription, 1),
    dispose: () => client.dispose(),
  }
  it.skipIf(isOfficial).each(Object.entries(ways))('after %s nothing holds on to them', async (_way, end) => {
    const stream = await streamOf(20)
    // In functions of their own, so that nothing stays on this one's stack.
    const begin = async () => {
      const subscription = client.subscribeToStream(stream)
      await once(subscription, 'confirmation')
      await end(subscription)
      subscription.resume()
      if (!subscription.closed) await once(subscription, 'close')
      return new WeakRef(subscription)
    }
    const refs = await Promise.all(range(0, 5).map(begin))
    for (let round = 0; round < 20 && refs.some((ref) => ref.deref() !== undefined); round++) {
      await turns(2)
      gc!()
    }
    expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([])
  })
})

describe('AbortSignal in the options of the stream (node 6)', () => {
  it('aborts what is under way: error, then close', async () => {
    const stream = await streamOf(3)
    const controller = new AbortController()
    const watched = watch(client.subscribeToStream(stream, {}, { signal: controller.signal }))
    await watched.emitted('caughtUp')
    controller.abort()
    await watched.emitted('close')
    expect(watched.error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    await client.appendToStream(stream, happened(3))
    await turns()
    expect(watched.log).toEqual(['confirmation', 0, 1, 2, 'caughtUp', 'error', 'close'])
  })

  itInProcess('that is aborted already: nothing begins', async () => {
    const stream = await streamOf(3)
    for (const subscribe of [
      () => client.subscribeToStream(stream, {}, { signal: AbortSignal.abort() }),
      () => client.subscribeToAll({}, { signal: AbortSignal.abort() }),
    ]) {
      const subscription = subscribe()
      expect(subscription.destroyed).toBe(true)
      const watched = watch(subscription)
      await watched.emitted('close')
      expect(watched.error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
      await client.appendToStream(stream, happened(3))
      await turns()
      expect(watched.log).toEqual(['error', 'close'])
      await subscription.unsubscribe()
    }
  })
})

describe('subscriptions among Node streams (node 6)', () => {
  it.skipIf(isPortable)('is a Readable', () => {
    expect(client.subscribeToStream(streamName()) instanceof Readable).toBe(true)
  })

  it('pipe to a slow writable', async () => {
    const subscription = client.subscribeToStream(await streamOf(200))
    const written: ResolvedEvent[] = []
    const done = new Promise<void>((resolve) => {
      const sink = new Writable({
        objectMode: true,
        highWaterMark: 2,
        write(event: ResolvedEvent, _encoding, callback) {
          written.push(event)
          if (written.length === 200) resolve()
          setImmediate(callback)
        },
      })
      subscription.pipe(sink)
    })
    await done
    expect(numbersOf(written)).toEqual(range(0, 200))
  })

  it('pipeline ends with the subscription', async () => {
    const subscription = client.subscribeToStream(await streamOf(20))
    const written: ResolvedEvent[] = []
    const sink = new Writable({
      objectMode: true,
      write(event: ResolvedEvent, _encoding, callback) {
        written.push(event)
        if (written.length === 20) void subscription.unsubscribe()
        callback()
      },
    })
    await pipeline(subscription, new PassThrough({ objectMode: true }), sink)
    expect(numbersOf(written)).toEqual(range(0, 20))
  })

  it('pipeline to an async function', async () => {
    const subscription = client.subscribeToStream(await streamOf(20))
    const numbers = await pipeline(subscription as AsyncIterable<ResolvedEvent>, async (events: AsyncIterable<ResolvedEvent>) => numbersOf(await collect(events, 7)))
    expect(numbers).toEqual(range(0, 7))
    expect(subscription.destroyed).toBe(true)
  })

  it('pipeline fails when the writable does, and the subscription is over', async () => {
    const subscription = client.subscribeToStream(await streamOf(20))
    const words = new Error('words')
    const sink = new Writable({ objectMode: true, write: (_event, _encoding, callback) => callback(words) })
    expect(await failureOf(pipeline(subscription, sink))).toBe(words)
    expect(subscription.destroyed).toBe(true)
  })

  it('finished resolves after unsubscribe', async () => {
    const subscription = client.subscribeToStream(await streamOf(2))
    subscription.resume()
    await once(subscription, 'caughtUp')
    const over = finished(subscription as unknown as Readable)
    await subscription.unsubscribe()
    await over
  })
})

describe('dispose (node 3)', () => {
  it('ends all subscriptions: end, close, no error', async () => {
    const stream = await streamOf(3)
    const other = connect()
    const all = range(0, 100).map((n) => watch(n % 2 ? other.subscribeToStream(stream) : other.subscribeToAll({ fromPosition: api.END })))
    const spared = watch(client.subscribeToStream(stream))
    await Promise.all([...all, spared].map((each) => each.emitted('caughtUp')))
    await other.dispose()
    await Promise.all(all.map((each) => each.emitted('close')))
    for (const { log } of all) {
      expect(log.slice(-2)).toEqual(['end', 'close'])
      expect(log).not.toContain('error')
    }
    await client.appendToStream(stream, happened(3))
    await spared.received(4)
  })

  itInProcess('ends subscriptions that have not begun, and iterations', async () => {
    const stream = await streamOf(2)
    const other = connect()
    const begun = watch(other.subscribeToStream(stream))
    const iterated = collect(other.subscribeToStream(stream))
    await other.dispose()
    await begun.emitted('close')
    expect(begun.log).not.toContain('error')
    expect((await iterated).length).toBeLessThanOrEqual(2)
  })

  it('ends subscriptions that nobody reads once somebody does', async () => {
    const stream = await streamOf(10)
    const other = connect()
    const subscription = other.subscribeToStream(stream)
    await once(subscription, 'confirmation')
    await other.dispose()
    const numbers = numbersOf(await collect(subscription))
    expect(numbers).toEqual(range(0, numbers.length))
  })

  it('leaves the client usable', async () => {
    const stream = await streamOf(1)
    const other = connect()
    await other.dispose()
    await other.dispose()
    await other.appendToStream(stream, happened(1))
    await watch(other.subscribeToStream(stream)).received(2)
  })
})

describe('subscriptions that are refused (streams 3.13)', () => {
  itSecured('an error, no confirmation, and neither end nor close', async () => {
    const stream = await streamOf(1)
    const stranger = { username: 'nobody', password: 'at all' }
    for (const subscribe of [
      () => client.subscribeToStream(stream, { credentials: stranger }),
      () => client.subscribeToAll({ credentials: stranger }),
      () => client.subscribeToAll({ credentials: { username: 'ops', password: 'changeit' } }),
    ]) {
      const watched = watch(subscribe())
      await watched.emitted('error')
      expect(watched.error).toBeInstanceOf(api.AccessDeniedError)
      expect(watched.error).toMatchObject({ type: 'access-denied' })
      await turns()
      expect(watched.log).toEqual(['error'])
      await watched.subscription.unsubscribe()
    }
  })

  itSecured('rights that are taken away end it', async () => {
    const stream = await streamOf(1)
    const ops = { username: 'ops', password: 'changeit' }
    const watched = watch(client.subscribeToStream(stream, { credentials: ops }))
    await watched.emitted('caughtUp')
    await client.setStreamMetadata(stream, { acl: { readRoles: ['$admins'] } })
    await watched.emitted('error')
    expect(watched.error).toBeInstanceOf(api.AccessDeniedError)
    await client.appendToStream(stream, happened(1))
    await turns()
    expect(watched.numbers).toEqual([0])
  })
})
