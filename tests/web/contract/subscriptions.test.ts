import { describe, expect, it } from 'vitest'
import type { CaughtUp, StreamSubscription, SubscribeToStreamOptions } from '../../../web/src/client/index'
import { api, connect, streamName } from './clients'
import { collect, happened, numbered, numbersOf, turns, watch } from './support'

const { END, START } = api
const client = connect()
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

async function streamOf(count: number): Promise<string> {
  const stream = streamName()
  await client.appendToStream(stream, numbered(count))
  return stream
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('subscribeToStream: the course of it (streams 3.12, node 6)', () => {
  it('confirmation, the events there are, caughtUp, the events that come', async () => {
    const stream = await streamOf(2)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await client.appendToStream(stream, numbered(2, 2))
    await watched.received(4)
    expect(watched.log).toEqual(['confirmation', 0, 1, 'caughtUp', 2, 3])
  })

  it('has an id from the confirmation on', async () => {
    const subscription = client.subscribeToStream(await streamOf(1))
    expect(subscription.id).toBeUndefined()
    const id = await new Promise((resolve) => subscription.once('confirmation', () => resolve(subscription.id)))
    expect(id).toMatch(UUID)
    const other = client.subscribeToStream(streamName())
    await new Promise<void>((resolve) => other.once('confirmation', resolve))
    expect(other.id).not.toBe(id)
  })

  it('begins at once: what is appended next is not missed from the end', async () => {
    const stream = await streamOf(2)
    const watched = watch(client.subscribeToStream(stream, { fromRevision: END }))
    await watched.emitted('caughtUp')
    await client.appendToStream(stream, numbered(2, 2))
    await watched.received(2)
    expect(watched.numbers).toEqual([2, 3])
  })

  it.each<[string, SubscribeToStreamOptions, number[]]>([
    ['by default from the start', {}, [0, 1, 2, 3, 4]],
    ['from the start', { fromRevision: START }, [0, 1, 2, 3, 4]],
    ['after 0', { fromRevision: 0n }, [1, 2, 3, 4]],
    ['after 3', { fromRevision: 3n }, [4]],
    ['after the last', { fromRevision: 4n }, []],
    ['from the end', { fromRevision: END }, []],
  ])('%s', async (_what, options, expected) => {
    const stream = await streamOf(5)
    const watched = watch(client.subscribeToStream(stream, options))
    await watched.emitted('caughtUp')
    expect(watched.numbers).toEqual(expected)
    await client.appendToStream(stream, happened(5))
    await watched.received(expected.length + 1)
    expect(watched.numbers).toEqual([...expected, 5])
  })

  it('a start beyond the end skips events up to it', async () => {
    const stream = await streamOf(2)
    const watched = watch(client.subscribeToStream(stream, { fromRevision: 4n }))
    await watched.emitted('caughtUp')
    await client.appendToStream(stream, numbered(5, 2))
    await watched.received(2)
    expect(watched.numbers).toEqual([5, 6])
  })

  it('thousands of events in order, also while more are appended', async () => {
    const stream = await streamOf(3000)
    const watched = watch(client.subscribeToStream(stream))
    for (let n = 3000; n < 4000; n += 50) await client.appendToStream(stream, numbered(50, n))
    await watched.received(4000)
    expect(watched.numbers).toEqual(range(0, 4000))
    await turns()
    expect(watched.events).toHaveLength(4000)
  })

  it('a listener may append to the stream that it listens to', async () => {
    const stream = streamName()
    const subscription = client.subscribeToStream<{ type: 'happened'; data: { n: number } }>(stream)
    const appends: Promise<unknown>[] = []
    subscription.on('data', ({ event }) => {
      if (event!.data.n < 100) appends.push(client.appendToStream(stream, happened(event!.data.n + 1)))
    })
    const watched = watch(subscription as StreamSubscription)
    await client.appendToStream(stream, happened(0))
    await watched.received(101)
    await Promise.all(appends) // an event may come before its append is answered
    expect(watched.numbers).toEqual(range(0, 101))
  })

  it('many subscriptions to one stream each get everything', async () => {
    const stream = await streamOf(20)
    const all = range(0, 50).map(() => watch(client.subscribeToStream(stream)))
    await client.appendToStream(stream, numbered(20, 20))
    await Promise.all(all.map((each) => each.received(40)))
    for (const each of all) expect(each.numbers).toEqual(range(0, 40))
  })
})

describe('caughtUp (streams 3.12, node 6)', () => {
  const caughtUp = async (stream: string, options: SubscribeToStreamOptions = {}): Promise<CaughtUp> => {
    const watched = watch(client.subscribeToStream(stream, options))
    await watched.emitted('caughtUp')
    return watched.caughtUps[0]!
  }

  it('tells the time and the last revision', async () => {
    const info = await caughtUp(await streamOf(3))
    expect(Object.keys(info)).toEqual(['date', 'revision'])
    expect(Math.abs(info.date!.getTime() - Date.now())).toBeLessThan(5000)
    expect(info.revision).toBe(2n)
  })

  it.each<[string, SubscribeToStreamOptions, bigint]>([
    ['from the end', { fromRevision: END }, 2n],
    ['after a revision', { fromRevision: 0n }, 2n],
    ['after the last', { fromRevision: 2n }, 2n],
  ])('%s', async (_what, options, revision) => {
    expect((await caughtUp(await streamOf(3), options)).revision).toBe(revision)
  })

  it('tells no revision of a stream that is missing', async () => {
    const info = await caughtUp(streamName())
    expect(Object.keys(info)).toEqual(['date'])
  })

  it('comes once for a reader that keeps up', async () => {
    const stream = await streamOf(3)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    for (let n = 3; n < 10; n++) await client.appendToStream(stream, happened(n))
    await watched.received(10)
    expect(watched.caughtUps).toHaveLength(1)
    expect(watched.log).not.toContain('fellBehind')
  })
})

describe('streams that are not there, or no longer (streams 3.12)', () => {
  it('a missing stream: caughtUp, then what is appended', async () => {
    const stream = streamName()
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    expect(watched.log).toEqual(['confirmation', 'caughtUp'])
    await client.appendToStream(stream, happened(0))
    await watched.received(1)
    expect(watched.numbers).toEqual([0])
  })

  it('a soft-deleted stream: caughtUp, then what it is made anew of', async () => {
    const stream = await streamOf(3)
    await client.deleteStream(stream)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await client.appendToStream(stream, happened(3))
    const [event] = await watched.received(1)
    expect(event!.event).toMatchObject({ revision: 3n, data: { n: 3 } })
  })

  it('a tombstoned stream: an error in place of the confirmation', async () => {
    const stream = await streamOf(3)
    await client.tombstoneStream(stream)
    for (const fromRevision of [START, END, 0n] as const) {
      const watched = watch(client.subscribeToStream(stream, { fromRevision }))
      await watched.emitted('error')
      expect(watched.error).toBeInstanceOf(api.StreamDeletedError)
      expect(watched.error).toMatchObject({ type: 'stream-deleted', streamName: stream })
      await turns()
      expect(watched.log).toEqual(['error'])
    }
  })

  it('a tombstone while it is live: told as an event, then an error', async () => {
    const stream = await streamOf(1)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await client.tombstoneStream(stream)
    await watched.emitted('error')
    expect(watched.log).toEqual(['confirmation', 0, 'caughtUp', '$streamDeleted', 'error'])
    expect(watched.events[1]!.event).toMatchObject({ revision: 2n ** 63n - 1n, streamId: stream })
    expect(watched.error).toBeInstanceOf(api.StreamDeletedError)
    await turns()
    expect(watched.log.slice(5)).toEqual([])
  })

  it('a soft delete while it is live: nothing; it goes on with what comes later', async () => {
    const stream = await streamOf(2)
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await client.deleteStream(stream)
    await turns()
    await client.appendToStream(stream, happened(2))
    await watched.received(3)
    expect(watched.log).toEqual(['confirmation', 0, 1, 'caughtUp', 2])
  })

  it('truncation hides what was there, not what comes', async () => {
    const stream = await streamOf(5)
    await client.setStreamMetadata(stream, { maxCount: 2 })
    const watched = watch(client.subscribeToStream(stream))
    await watched.emitted('caughtUp')
    await client.appendToStream(stream, numbered(5, 5))
    await watched.received(7)
    expect(watched.numbers).toEqual([3, 4, 5, 6, 7, 8, 9])
  })

  it('metadata streams can be followed', async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, { maxCount: 1 })
    await client.setStreamMetadata(stream, { maxCount: 2 })
    const watched = watch(client.subscribeToStream(`$$${stream}`))
    await watched.emitted('caughtUp')
    await client.setStreamMetadata(stream, { maxCount: 3 })
    await watched.received(2)
    expect(watched.events.map(({ event }) => event!.data)).toEqual([{ $maxCount: 2 }, { $maxCount: 3 }])
  })
})

describe('listeners (node 6)', () => {
  it('of every method are called, in their order, as often as they ask', async () => {
    const stream = await streamOf(3)
    const subscription = client.subscribeToStream(stream)
    const calls: string[] = []
    const record = (what: string) => () => void calls.push(what)
    const [removed, off] = [record('removed'), record('off')]
    subscription.on('data', record('on'))
    subscription.once('data', record('once'))
    subscription.addListener('data', removed)
    subscription.addListener('data', off)
    subscription.prependListener('data', record('prepended'))
    subscription.prependOnceListener('data', record('prepended once'))
    subscription.removeListener('data', removed)
    subscription.off('data', off)
    await watch(subscription).received(3)
    expect(calls).toEqual(['prepended once', 'prepended', 'on', 'once', 'prepended', 'on', 'prepended', 'on'])
  })

  it('of any name are called with what is emitted', () => {
    const subscription = client.subscribeToStream(streamName())
    const calls: unknown[] = []
    subscription.on('my own', (...args: unknown[]) => calls.push(args))
    expect(subscription.emit('my own', 1, 'two')).toBe(true)
    expect(calls).toEqual([[1, 'two']])
    expect(subscription.listenerCount('my own')).toBe(1)
    subscription.removeAllListeners('my own')
    expect(subscription.emit('my own')).toBe(false)
  })

  it('added after the fact still get what waits', async () => {
    const stream = await streamOf(40)
    const subscription = client.subscribeToStream(stream)
    await new Promise<void>((resolve) => subscription.once('confirmation', resolve))
    await turns()
    const watched = watch(subscription)
    await watched.received(40)
    expect(watched.numbers).toEqual(range(0, 40))
  })
})

describe('a subscription as an async iterable (node 6)', () => {
  it('needs no listener', async () => {
    const stream = await streamOf(3)
    expect(numbersOf(await collect(client.subscribeToStream(stream), 3))).toEqual([0, 1, 2])
  })

  it('waits for what comes', async () => {
    const stream = streamName()
    const taken = collect(client.subscribeToStream(stream), 5)
    for (let n = 0; n < 5; n++) {
      await turns(2)
      await client.appendToStream(stream, happened(n))
    }
    expect(numbersOf(await taken)).toEqual([0, 1, 2, 3, 4])
  })

  it('ends when it is unsubscribed', async () => {
    const stream = await streamOf(3)
    const subscription = client.subscribeToStream(stream)
    const numbers: unknown[] = []
    for await (const event of subscription) {
      numbers.push(...numbersOf([event]))
      if (numbers.length === 3) void subscription.unsubscribe()
    }
    expect(numbers).toEqual([0, 1, 2])
  })

  it('rejects with the error', async () => {
    const stream = await streamOf(1)
    await client.tombstoneStream(stream)
    await expect(collect(client.subscribeToStream(stream))).rejects.toBeInstanceOf(api.StreamDeletedError)
  })
})
