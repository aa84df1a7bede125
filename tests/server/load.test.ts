/**
 * Many clients and many events: nothing lost, doubled or out of order, and bounded memory.
 *
 * `KURRENTLITE_LOAD_CLIENTS` (50: so many that append and so many that subscribe) and `KURRENTLITE_LOAD_EVENTS` (20,000) set the
 * size. By hand, with the released program:
 *
 *     KURRENTLITE_LOAD_CLIENTS=200 KURRENTLITE_LOAD_EVENTS=1000000 KURRENTLITE_BINARY=build/native-release/bin/kurrentlite \
 *       npx vitest run --config web/vitest.server.config.ts --project server load
 */

import { createHash } from 'node:crypto'
import { type AllStreamRecordedEvent, jsonEvent, KurrentDBClient, streamNameFilter } from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningServer } from './support/server'
import { numberAt, paths, RawClient, readOptions, subscribed } from './support/wire'

const CLIENTS = Number(process.env.KURRENTLITE_LOAD_CLIENTS ?? 50)
const EVENTS = Number(process.env.KURRENTLITE_LOAD_EVENTS ?? 20_000)
const withinMs = 60_000 + CLIENTS * 1000 + EVENTS / 2

let server: RunningServer
beforeAll(async () => void (server = await RunningServer.start()))
afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0, signal: null, stderr: '' }))

/** Figures, for those who run this by hand. */
function tell(what: string, count: number, began: number): void {
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(`${what}: ${count} in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)}/s\n`)
}

/** A client whose connections nobody shares: Node's gRPC shares those of channels with the same options. */
let channels = 0
const ownClient = () => KurrentDBClient.connectionString(`${server.uri}&keepAliveInterval=${100_000 + ++channels}`)

const STREAMS = 10
const EACH = 25
interface Line {
  readonly writer: number
  readonly n: number
}

describe('many clients', () => {
  type Source = 'stream' | 'all' | 'filtered'
  const streamOf = (n: number) => `load-${n % STREAMS}`
  const filter = streamNameFilter({ prefixes: ['load-'] })

  /** What a subscriber has seen once `total` events have come: `stream/revision/writer/n`, in order. */
  async function subscriber(client: KurrentDBClient, source: Source, stream: string, total: number, ready: () => void): Promise<string[]> {
    const subscription =
      source === 'stream' ? client.subscribeToStream<never>(stream) : client.subscribeToAll({ fromPosition: 'start', ...(source === 'filtered' ? { filter } : {}) })
    subscription.once('caughtUp', ready)
    const seen: string[] = []
    const revisions = new Map<string, bigint>()
    let last = -1n
    for await (const { event } of subscription as AsyncIterable<{ event?: AllStreamRecordedEvent }>) {
      const { streamId, revision, position, data } = event!
      if (source !== 'stream') {
        if (position.commit <= last) throw new Error(`${streamId}@${revision}: position ${position.commit} after ${last}`)
        last = position.commit
        if (!streamId.startsWith('load-')) continue
      }
      if (revision !== (revisions.get(streamId) ?? -1n) + 1n) throw new Error(`${streamId}: ${revision} after ${revisions.get(streamId)}`)
      revisions.set(streamId, revision)
      const { writer, n } = data as unknown as Line
      if (seen.push(`${streamId}/${revision}/${writer}/${n}`) === total) return seen
    }
    throw new Error('It ended too early')
  }

  it(`${CLIENTS} append and ${CLIENTS} are subscribed: all see the same, and each writer's events in its order`, async () => {
    const total = CLIENTS * EACH
    const inStream = (k: number) => CLIENTS * Array.from({ length: EACH }, (_, n) => n).filter((n) => n % STREAMS === k).length
    const writers = Array.from({ length: CLIENTS }, ownClient)
    const readers = Array.from({ length: CLIENTS }, ownClient)
    const sources: Source[] = ['stream', 'all', 'filtered']
    const began = performance.now()
    const waiting: Promise<void>[] = []
    const seen = readers.map(async (client, i) => {
      const source = sources[i % 3]!
      const stream = `load-${i % STREAMS}`
      // Half of them begin while the others append, and have to catch up.
      const late = i % 2 === 1
      let ready = () => undefined as void
      if (!late) waiting.push(new Promise<void>((resolve) => (ready = resolve)))
      else await Promise.all(waiting)
      return { source, stream, events: await subscriber(client, source, stream, source === 'stream' ? inStream(i % STREAMS) : total, ready) }
    })
    await Promise.all(waiting)
    const appending = performance.now()
    await Promise.all(writers.map(async (client, writer) => {
      for (let n = 0; n < EACH; n++) await client.appendToStream(streamOf(n), jsonEvent({ type: 'happened', data: { writer, n } }))
    }))
    tell('appended one by one', total, appending)
    // Each client has a connection for its appends or its subscriptions.
    expect(server.fileDescriptors).toBeGreaterThanOrEqual(2 * CLIENTS)
    const all = await Promise.all(seen)
    tell('received', all.reduce((sum, { events }) => sum + events.length, 0), began)

    const expected: string[] = []
    for await (const { event } of readers[0]!.readAll({ filter })) {
      const { writer, n } = event!.data as unknown as Line
      expected.push(`${event!.streamId}/${event!.revision}/${writer}/${n}`)
    }
    expect(expected).toHaveLength(total)
    for (const { source, stream, events } of all) {
      expect(events).toEqual(source === 'stream' ? expected.filter((each) => each.startsWith(`${stream}/`)) : expected)
    }
    const next = new Array<number>(CLIENTS).fill(0)
    for (const each of expected) {
      const [, , writer, n] = each.split('/').map(Number)
      expect(n).toBe(next[writer!]!++)
    }
    expect(next).toEqual(new Array(CLIENTS).fill(EACH))
    await Promise.all([...writers, ...readers].map((each) => each.dispose()))
  }, withinMs)
})

describe('many events', () => {
  const stream = 'million'
  /** What event `n` holds: about 200 bytes that follow from `n` alone. */
  const contentOf = (n: number) => {
    const hash = createHash('sha256').update(String(n)).digest('hex')
    return { n, text: hash + hash.slice(0, 62), whole: n % 2 === 0 }
  }
  let client: KurrentDBClient
  beforeAll(() => void (client = ownClient()))
  afterAll(() => client.dispose())

  const check = (n: number, event: { revision: bigint; type: string; data: unknown } | undefined) => {
    if (event === undefined || event.revision !== BigInt(n) || event.type !== `type-${n % 7}` || JSON.stringify(event.data) !== JSON.stringify(contentOf(n))) {
      throw new Error(`Event ${n} is ${JSON.stringify(event?.data)} at ${event?.revision}`)
    }
  }

  it(`${EVENTS} events, appended in batches, are read back as they were`, async () => {
    const before = server.residentBytes
    let began = performance.now()
    for (let from = 0; from < EVENTS; from += 1000) {
      const length = Math.min(1000, EVENTS - from)
      const events = Array.from({ length }, (_, i) => jsonEvent({ type: `type-${(from + i) % 7}`, data: contentOf(from + i) }))
      const { nextExpectedRevision } = await client.appendToStream(stream, events, { streamState: from === 0 ? 'no_stream' : BigInt(from - 1) })
      expect(nextExpectedRevision).toBe(BigInt(from + length - 1))
    }
    tell('appended in batches', EVENTS, began)
    process.stderr.write(`resident: ${before >> 20} MiB before, ${server.residentBytes >> 20} MiB after\n`)

    began = performance.now()
    let n = 0
    for await (const { event } of client.readStream(stream)) check(n++, event)
    expect(n).toBe(EVENTS)
    tell('read forwards', EVENTS, began)

    began = performance.now()
    for await (const { event } of client.readStream(stream, { direction: 'backwards', fromRevision: 'end' })) check(--n, event)
    expect(n).toBe(0)
    tell('read backwards', EVENTS, began)

    began = performance.now()
    const subscription = client.subscribeToStream(stream)
    for await (const { event } of subscription) {
      check(n++, event)
      if (n === EVENTS) break
    }
    tell('received by a subscription', EVENTS, began)
  }, withinMs)
})

it('a subscriber that stops reading costs no memory, and gets everything once it goes on', async () => {
  const COUNT = 50_000
  const stream = 'long'
  const data = { text: 'x'.repeat(500) }
  const raw = new RawClient(server.port)
  const subscriptions = Array.from({ length: 10 }, () => {
    const call = raw.open(paths.read)
    call.on('error', () => undefined)
    call.write(readOptions(stream, subscribed))
    call.end()
    call.pause()
    return call
  })
  await raw.call(paths.features)
  const client = ownClient()
  const append = async () => {
    const batch = Array.from({ length: 1000 }, () => jsonEvent({ type: 'happened', data }))
    await client.appendToStream(stream, batch)
  }
  const empty = server.residentBytes
  for (let n = 0; n < COUNT; n += 1000) await append()
  // The events themselves, and pages under way: not the 25 MB that each of ten subscribers has not read.
  expect(server.residentBytes - empty).toBeLessThan(COUNT * 650 + (64 << 20))
  await client.dispose()

  let received = 0
  const [first, ...others] = subscriptions
  for (const each of others) each.cancel()
  await new Promise<void>((resolve) => {
    first!.on('data', (bytes: Buffer) => {
      if (bytes[0] !== 0x0a) return // no event: a confirmation, "caught up"
      expect(numberAt(bytes, 1, 1, 3)).toBe(BigInt(received))
      if (++received === COUNT) resolve()
    })
    first!.resume()
  })
  first!.cancel()
  raw.close()
}, 120_000)
