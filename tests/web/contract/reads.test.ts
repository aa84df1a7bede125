import { describe, expect, it } from 'vitest'
import type { ReadRevision, ReadStreamOptions } from '../../../web/src/client/index'
import { api, connect, isOfficial, itInProcess, streamName } from './clients'
import { collect, failureOf, happened, numbered, numbersIn, numbersOf, thrownBy } from './support'

const { BACKWARDS, END, FORWARDS, START } = api
const client = connect()
const U64_MAX = 2n ** 64n - 1n

async function streamOf(count: number): Promise<string> {
  const stream = streamName()
  await client.appendToStream(stream, numbered(count))
  return stream
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('readStream: where it begins (streams 3.7)', () => {
  it.each<[string, ReadStreamOptions, number[]]>([
    ['by default', {}, [0, 1, 2, 3, 4]],
    ['forwards from the start', { direction: FORWARDS, fromRevision: START }, [0, 1, 2, 3, 4]],
    ['forwards from 0', { fromRevision: 0n }, [0, 1, 2, 3, 4]],
    ['forwards from 3', { fromRevision: 3n }, [3, 4]],
    ['forwards from the last', { fromRevision: 4n }, [4]],
    ['forwards from beyond the last', { fromRevision: 5n }, []],
    ['forwards from far beyond', { fromRevision: 2n ** 62n }, []],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END }, [4, 3, 2, 1, 0]],
    ['backwards from 3', { direction: BACKWARDS, fromRevision: 3n }, [3, 2, 1, 0]],
    ['backwards from 0', { direction: BACKWARDS, fromRevision: 0n }, [0]],
    // The direction counts for revisions only: the official client reads up from the start and down from the end.
    ['backwards from the start', { direction: BACKWARDS, fromRevision: START }, [0, 1, 2, 3, 4]],
    ['backwards by default, which is from the start', { direction: BACKWARDS }, [0, 1, 2, 3, 4]],
    ['forwards from the end', { fromRevision: END }, [4, 3, 2, 1, 0]],
    ['backwards from beyond the last', { direction: BACKWARDS, fromRevision: 9n }, [4, 3, 2, 1, 0]],
    ['backwards from the largest number', { direction: BACKWARDS, fromRevision: U64_MAX }, [4, 3, 2, 1, 0]],
  ])('%s', async (_what, options, expected) => {
    const stream = await streamOf(5)
    expect(numbersOf(await collect(client.readStream(stream, options)))).toEqual(expected)
  })

  itInProcess('forwards from the largest number, which is the end, is refused', async () => {
    const stream = await streamOf(2)
    expect(await failureOf(collect(client.readStream(stream, { fromRevision: U64_MAX })))).toBeInstanceOf(api.UnknownError)
  })

  it.each<[ReadRevision, string]>([
    [-1n, 'fromRevision value must be a non-negative integer. Value Received: -1'],
    [
      U64_MAX + 1n,
      'fromRevision value must be a non-negative integer, range from 0 to 18446744073709551615. Value Received: 18446744073709551616',
    ],
  ])('%s is refused at once (node 3)', (fromRevision, message) => {
    const error = thrownBy(() => client.readStream(streamName(), { fromRevision }))
    expect(error).toBeInstanceOf(api.InvalidArgumentError)
    expect(error).toMatchObject({ type: 'invalid-argument', message, errorMessage: message })
  })
})

describe('readStream: how much (streams 3.7)', () => {
  it.each<[string, number | bigint, number]>([
    ['one', 1, 1],
    ['some', 3, 3],
    ['some, as a bigint', 3n, 3],
    ['as many as there are', 5, 5],
    ['more than there are', 6, 5],
    ['2^32', 2 ** 32, 5],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER, 5],
    ['2^63 - 1', 2n ** 63n - 1n, 5],
  ])('%s', async (_what, maxCount, count) => {
    const stream = await streamOf(5)
    expect(numbersOf(await collect(client.readStream(stream, { maxCount })))).toEqual(range(0, count))
    const backwards = await collect(client.readStream(stream, { maxCount, direction: BACKWARDS, fromRevision: END }))
    expect(numbersOf(backwards)).toEqual(range(5 - count, 5).reverse())
  })

  itInProcess('none is none', async () => {
    const stream = await streamOf(2)
    expect(await collect(client.readStream(stream, { maxCount: 0 }))).toEqual([])
    expect(await collect(client.readStream(stream, { maxCount: 0n, direction: BACKWARDS, fromRevision: END }))).toEqual([])
    expect(await collect(client.readAll({ maxCount: 0 }))).toEqual([])
  })

  it('hidden events do not count', async () => {
    const stream = await streamOf(10)
    await client.setStreamMetadata(stream, { truncateBefore: 6 })
    expect(numbersOf(await collect(client.readStream(stream, { maxCount: 3 })))).toEqual([6, 7, 8])
    expect(numbersOf(await collect(client.readStream(stream, { fromRevision: 2n })))).toEqual([6, 7, 8, 9])
    const from5 = client.readStream(stream, { direction: BACKWARDS, fromRevision: 5n })
    expect(await collect(from5)).toEqual([])
  })
})

describe('readStream: which streams there are (streams 3.7)', () => {
  it('one that was never written, was deleted, or has metadata only is not found', async () => {
    const deleted = await streamOf(2)
    await client.deleteStream(deleted)
    const described = streamName()
    await client.setStreamMetadata(described, { maxCount: 2 })
    for (const stream of [streamName(), deleted, described]) {
      for (const options of [{}, { direction: BACKWARDS, fromRevision: END }] as const) {
        const error = await failureOf(collect(client.readStream(stream, options)))
        expect(error).toBeInstanceOf(api.StreamNotFoundError)
        expect(error).toMatchObject({ type: 'stream-not-found', streamName: stream })
        // The official client's reads say only what kind of error it is.
        if (!isOfficial) expect(error.message).toBe(`${stream} not found`)
      }
    }
  })

  it('a tombstoned one is deleted', async () => {
    const stream = await streamOf(2)
    await client.tombstoneStream(stream)
    const error = await failureOf(collect(client.readStream(stream)))
    expect(error).toBeInstanceOf(api.StreamDeletedError)
    expect(error).toMatchObject({ type: 'stream-deleted', streamName: stream })
  })

  it('a truncated one is empty', async () => {
    const stream = await streamOf(3)
    await client.setStreamMetadata(stream, { truncateBefore: 3 })
    expect(await collect(client.readStream(stream))).toEqual([])
    expect(await collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: END }))).toEqual([])
  })

  it('metadata streams show their last event only', async () => {
    const stream = streamName()
    for (const maxCount of [1, 2, 3]) await client.setStreamMetadata(stream, { maxCount })
    const [only, ...others] = await collect(client.readStream(`$$${stream}`))
    expect(only!.event).toMatchObject({ revision: 2n, type: '$metadata', data: { $maxCount: 3 } })
    expect(others).toEqual([])
  })

  it('$all is no stream', async () => {
    expect(await failureOf(collect(client.readStream('$all')))).toBeInstanceOf(api.StreamNotFoundError)
  })
})

describe('readStream as an async generator (node 3)', () => {
  it('has a generator, not a stream', () => {
    const read = client.readStream(streamName())
    expect(Object.prototype.toString.call(read)).toBe('[object AsyncGenerator]')
    expect(read[Symbol.asyncIterator]()).toBe(read)
    expect((read as { on?: unknown }).on).toBeUndefined()
  })

  it('begins with the first next()', async () => {
    const stream = streamName()
    const read = client.readStream(stream)
    await client.appendToStream(stream, numbered(2))
    expect(numbersOf(await collect(read))).toEqual([0, 1])
  })

  it('reads thousands of events, forwards', async () => {
    const stream = await streamOf(3500)
    expect(numbersOf(await collect(client.readStream(stream)))).toEqual(range(0, 3500))
    expect(numbersOf(await collect(client.readStream(stream, { fromRevision: 50n, maxCount: 2345 })))).toEqual(range(50, 2395))
  })

  it('reads thousands of events, backwards', async () => {
    const stream = await streamOf(3500)
    const all = await collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: END }))
    expect(numbersOf(all)).toEqual(range(0, 3500).reverse())
    const some = await collect(client.readStream(stream, { direction: BACKWARDS, fromRevision: 2999n, maxCount: 1500n }))
    expect(numbersOf(some)).toEqual(range(1500, 3000).reverse())
  })

  it('goes on past events that were hidden or appended meanwhile', async () => {
    const stream = await streamOf(2000)
    const read = client.readStream(stream)
    const numbers: unknown[] = []
    for await (const event of read) {
      numbers.push(...numbersOf([event]))
      if (numbers.length === 1) await client.appendToStream(stream, numbered(500, 2000))
    }
    expect(numbers.slice(0, 2000)).toEqual(range(0, 2000))
    // What is appended before the reader reaches the end may be included (streams 3.7), without gaps.
    expect(numbers).toEqual(range(0, numbers.length))
  })

  it('ends early with break', async () => {
    const stream = await streamOf(1500)
    const read = client.readStream(stream)
    for await (const event of read) if (event.event!.revision === 1200n) break
    expect(await read.next()).toEqual({ done: true, value: undefined })
  })

  it('answers concurrent next() in order', async () => {
    const stream = await streamOf(3)
    const read = client.readStream(stream)
    const results = await Promise.all([read.next(), read.next(), read.next(), read.next(), read.next()])
    expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true])
    expect(numbersOf(results.slice(0, 3).map(({ value }) => value as never))).toEqual([0, 1, 2])
  })

  it('answers concurrent next() over pages and beyond the end', async () => {
    const stream = await streamOf(1300)
    const read = client.readStream(stream)
    const results = await Promise.all(Array.from({ length: 1302 }, () => read.next()))
    expect(numbersOf(results.slice(0, 1300).map(({ value }) => value as never))).toEqual(range(0, 1300))
    expect(results.slice(1300)).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }])
  })

  it('an error ends it: once told, it is done', async () => {
    const read = client.readStream(streamName())
    const [first, second] = await Promise.allSettled([read.next(), read.next()])
    expect(first).toMatchObject({ status: 'rejected', reason: { type: 'stream-not-found' } })
    expect(second).toEqual({ status: 'fulfilled', value: { done: true, value: undefined } })
    expect(await read.next()).toEqual({ done: true, value: undefined })
  })

  it('return() answers with its value and ends it', async () => {
    const stream = await streamOf(3)
    const read = client.readStream(stream)
    await read.next()
    expect(await (read as AsyncGenerator).return('words')).toEqual({ done: true, value: 'words' })
    expect(await read.next()).toEqual({ done: true, value: undefined })
    const unread = client.readStream(streamName())
    expect(await unread.return!()).toEqual({ done: true, value: undefined })
    expect(await unread.next()).toEqual({ done: true, value: undefined })
  })

  it('throw() rejects and ends it', async () => {
    const stream = await streamOf(3)
    const read = client.readStream(stream)
    await read.next()
    const words = new Error('words')
    const error = await failureOf(read.throw!(words))
    // The official client converts what is thrown into it.
    expect(isOfficial ? error._raw : error).toBe(words)
    expect(await read.next()).toEqual({ done: true, value: undefined })
  })

  it('two reads of one stream do not disturb each other', async () => {
    const stream = await streamOf(1200)
    const [one, two] = [client.readStream(stream), client.readStream(stream)]
    const numbers: [unknown[], unknown[]] = [[], []]
    for (let i = 0; i < 1200; i++) {
      numbers[0].push(...numbersOf([(await one.next()).value as never]))
      numbers[1].push(...numbersOf([(await two.next()).value as never]))
    }
    expect(numbers).toEqual([range(0, 1200), range(0, 1200)])
  })
})

describe('maxCount, maxAge and truncateBefore (streams 3.9)', () => {
  it('maxCount shows the last events', async () => {
    const stream = await streamOf(10)
    await client.setStreamMetadata(stream, { maxCount: 3 })
    expect(await numbersIn(client, stream)).toEqual([7, 8, 9])
    await client.appendToStream(stream, happened(10))
    expect(await numbersIn(client, stream)).toEqual([8, 9, 10])
    await client.setStreamMetadata(stream, { maxCount: 100 })
    expect(await numbersIn(client, stream)).toEqual(range(0, 11))
  })

  it('truncateBefore hides earlier revisions, also future ones', async () => {
    const stream = await streamOf(5)
    await client.setStreamMetadata(stream, { truncateBefore: 7 })
    expect(await numbersIn(client, stream)).toEqual([])
    await client.appendToStream(stream, numbered(4, 5))
    expect(await numbersIn(client, stream)).toEqual([7, 8])
  })

  it('the stricter of maxCount and truncateBefore counts', async () => {
    const stream = await streamOf(10)
    await client.setStreamMetadata(stream, { maxCount: 5, truncateBefore: 8 })
    expect(await numbersIn(client, stream)).toEqual([8, 9])
    await client.setStreamMetadata(stream, { maxCount: 2, truncateBefore: 3 })
    expect(await numbersIn(client, stream)).toEqual([8, 9])
  })

  it('a maxAge that has not passed hides nothing', async () => {
    const stream = await streamOf(2)
    await client.setStreamMetadata(stream, { maxAge: 3600 })
    expect(await numbersIn(client, stream)).toEqual([0, 1])
  })

  it.each([
    ['none of 0', { maxCount: 0 }],
    ['negative ones', { maxCount: -1, maxAge: -1, truncateBefore: -1 }],
    ['others', { unknown: true }],
  ])('limits that limit nothing: %s', async (_what, metadata) => {
    const stream = await streamOf(3)
    await client.setStreamMetadata(stream, metadata)
    expect(await numbersIn(client, stream)).toEqual([0, 1, 2])
  })
})
