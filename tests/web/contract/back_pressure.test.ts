import { describe, expect, it } from 'vitest'
import type { AllStreamSubscription, EventData, ResolvedEvent, StreamSubscription } from '../../../web/src/client/index'
import { api, connect, isOfficial, itInProcess, streamName } from './clients'
import { headOf, numbered, numbersOf } from './support'

const client = connect()
const COUNT = 50_000
const BATCH = 500

/** Appends the 50,000 events in batches; others run in between. */
async function appendMany(stream: string, between: () => void, events: (count: number, from: number) => EventData[] = numbered) {
  for (let n = 0; n < COUNT; n += BATCH) {
    await client.appendToStream(stream, events(BATCH, n))
    between()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const kinds: Record<string, (stream: string) => Promise<StreamSubscription | AllStreamSubscription>> = {
  'a stream': async (stream) => client.subscribeToStream(stream),
  '$all with a filter': async (stream) =>
    client.subscribeToAll({ fromPosition: await headOf(client), filter: api.streamNameFilter({ prefixes: [stream] }) }),
}

/** Takes events slowly: others run after every hundred. */
async function takeSlowly(subscription: AsyncIterable<ResolvedEvent>, check: () => void): Promise<void> {
  let expected = 0
  for await (const event of subscription) {
    if (numbersOf([event])[0] !== expected) expect(numbersOf([event])).toEqual([expected])
    expected++
    if (expected === COUNT) break
    if (expected % 100 === 0) {
      check()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

function heapBytes(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed
}

describe.each(Object.entries(kinds))('a slow reader of %s (node 6)', (_kind, subscribe) => {
  it('gets all of 50,000 events in order while they are appended, and few wait', async () => {
    const stream = streamName('fast')
    const subscription = await subscribe(stream)
    let most = 0
    const look = () => (most = Math.max(most, subscription.readableLength))
    await Promise.all([appendMany(stream, look), takeSlowly(subscription as AsyncIterable<ResolvedEvent>, look)])
    expect(most).toBeLessThanOrEqual(isOfficial ? 33 : 16)
    expect(subscription.destroyed).toBe(true)
  })

  itInProcess('that pauses costs no memory for what is appended meanwhile', async () => {
    const stream = streamName('paused')
    const subscription = await subscribe(stream)
    const numbers: unknown[] = []
    let done!: () => void
    const all = new Promise<void>((resolve) => (done = resolve))
    const paused = new Promise<void>((resolve) => subscription.once('pause', () => resolve()))
    subscription.on('data', (event: ResolvedEvent) => {
      numbers.push(...numbersOf([event]))
      if (numbers.length === 1) subscription.pause()
      if (numbers.length === COUNT) done()
    })
    const padding = 'x'.repeat(1000)
    const padded = (count: number, from: number) =>
      Array.from({ length: count }, (_, i) => api.jsonEvent({ type: 'happened', data: { n: from + i, padding } }))
    const before = heapBytes()
    await appendMany(stream, () => expect(subscription.readableLength).toBeLessThanOrEqual(16), padded)
    await paused
    const grown = heapBytes() - before
    // The events are 50 MB of text.
    expect(grown).toBeLessThan(8e6)
    expect(numbers).toEqual([0])
    subscription.resume()
    await all
    expect(numbers).toEqual(Array.from({ length: COUNT }, (_, i) => i))
  })
})
