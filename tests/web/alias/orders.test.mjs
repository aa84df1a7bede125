// A suite as users of the official client have one: plain JavaScript for Vitest or Jest. Nothing in it knows of kurrentlite.
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  AccessDeniedError, BACKWARDS, binaryEvent, END, ErrorType, eventTypeFilter, excludeSystemEvents, FORWARDS, isCommandError,
  jsonEvent, KurrentDBClient, NO_STREAM, START, StreamDeletedError, StreamNotFoundError, streamNameFilter,
  UnsupportedError, WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client'

const placed = (total = 1) => jsonEvent({ type: 'OrderPlaced', data: { total, lines: [{ sku: 'ä€😀' }] }, metadata: { by: 'me' } })
const shipped = () => jsonEvent({ type: 'OrderShipped', data: {} })

/** What a promise rejects with. */
const failureOf = (promise) =>
  promise.then(
    () => expect('rejected').toBe('resolved'),
    (error) => error,
  )

async function collect(events) {
  const all = []
  for await (const resolved of events) all.push(resolved)
  return all
}
const typesOf = (events) => events.map(({ event }) => event.type)

let number = 0
let order
let client
beforeEach(() => {
  order = `order-${++number}`
  client = KurrentDBClient.connectionString`kurrentdb://admin:changeit@localhost:2113?tls=${false}`
})
afterEach(() => client.dispose())

describe('orders', () => {
  it('are appended and read', async () => {
    const result = await client.appendToStream(order, [placed(3), shipped()], { streamState: NO_STREAM })
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 1n })
    const [first, second] = await collect(client.readStream(order, { direction: FORWARDS, fromRevision: START }))
    expect(first.event.data).toEqual({ total: 3, lines: [{ sku: 'ä€😀' }] })
    expect(first.event.metadata).toEqual({ by: 'me' })
    expect(second.event).toMatchObject({ streamId: order, type: 'OrderShipped', revision: 1n, isJson: true })
    expect(second.event.created).toBeInstanceOf(Date)
    expect(typesOf(await collect(client.readStream(order, { direction: BACKWARDS, fromRevision: END, maxCount: 1 })))).toEqual(['OrderShipped'])
    expect({ ...second.event }).toEqual(second.event)
  })

  it('are bytes when they are binary', async () => {
    const data = Buffer.from([0, 255, 128])
    await client.appendToStream(order, binaryEvent({ type: 'Photo', data, metadata: Buffer.from('note') }))
    const [{ event }] = await collect(client.readStream(order))
    expect(event.isJson).toBe(false)
    expect(Buffer.isBuffer(event.data)).toBe(true)
    expect(event.data.equals(data)).toBe(true)
    expect(Buffer.from(event.metadata).toString()).toBe('note')
  })

  it('are refused in the wrong state, with errors that are instances of their classes', async () => {
    const missing = await failureOf(collect(client.readStream(order)))
    expect(missing).toBeInstanceOf(StreamNotFoundError)
    expect(missing).toBeInstanceOf(Error)
    expect(missing).toMatchObject({ type: ErrorType.STREAM_NOT_FOUND, streamName: order })
    await client.appendToStream(order, placed())
    const conflict = await failureOf(client.appendToStream(order, placed(), { streamState: NO_STREAM }))
    expect(conflict).toBeInstanceOf(WrongExpectedVersionError)
    expect(conflict).toMatchObject({ streamName: order, expectedState: NO_STREAM, actualState: 0n })
    expect(isCommandError(conflict)).toBe(true)
    const credentials = { username: 'admin', password: 'wrong' }
    expect(await failureOf(client.appendToStream(order, placed(), { credentials }))).toBeInstanceOf(AccessDeniedError)
    expect(await failureOf(client.listProjections())).toBeInstanceOf(UnsupportedError)
    await client.tombstoneStream(order)
    expect(await failureOf(client.appendToStream(order, placed()))).toBeInstanceOf(StreamDeletedError)
    expect(() => KurrentDBClient.connectionString('nonsense')).toThrow(Error)
  })

  it('are shared by clients of one host', async () => {
    await client.appendToStream(order, placed())
    const other = KurrentDBClient.connectionString('kurrentdb://LOCALHOST:2113?tls=false')
    expect(typesOf(await collect(other.readStream(order)))).toEqual(['OrderPlaced'])
    await other.dispose()
  })

  it('carry metadata of their stream', async () => {
    await client.setStreamMetadata(order, { maxCount: 1, team: 'blue' })
    await client.appendToStream(order, [placed(), shipped()])
    expect(await client.getStreamMetadata(order)).toMatchObject({ streamName: order, metadata: { maxCount: 1, team: 'blue' } })
    expect(typesOf(await collect(client.readStream(order)))).toEqual(['OrderShipped'])
  })

  it('go to several streams at once', async () => {
    const result = await client.multiStreamAppend([
      { streamName: order, events: [placed()], expectedState: NO_STREAM },
      { streamName: `${order}-log`, events: [shipped()], expectedState: NO_STREAM },
    ])
    expect(result.responses.map(({ streamName }) => streamName)).toEqual([order, `${order}-log`])
  })
})

describe('subscriptions', () => {
  it('deliver by for await, what was and what comes', async () => {
    await client.appendToStream(order, placed())
    const subscription = client.subscribeToStream(order, { fromRevision: START })
    const seen = []
    for await (const { event } of subscription) {
      seen.push(event.type)
      if (seen.length === 1) await client.appendToStream(order, shipped())
      if (event.type === 'OrderShipped') break
    }
    expect(seen).toEqual(['OrderPlaced', 'OrderShipped'])
  })

  it('deliver by events, in order, until they are told to stop', async () => {
    const steps = []
    const subscription = client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [order] }) })
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve))
    const ended = new Promise((resolve) => subscription.on('end', () => resolve(steps.push('end'))))
    const second = new Promise((resolve, reject) => {
      subscription
        .on('error', reject)
        .on('confirmation', () => steps.push('confirmation'))
        .on('data', ({ event }) => steps.push(event.type) && event.type === 'OrderShipped' && resolve())
    })
    await client.appendToStream(order, placed())
    await caughtUp
    await client.appendToStream(order, shipped())
    await second
    await subscription.unsubscribe()
    await ended
    expect(steps).toEqual(['confirmation', 'OrderPlaced', 'OrderShipped', 'end'])
  })

  it('are streams of Node', async () => {
    await client.appendToStream(order, Array.from({ length: 40 }, (_, total) => placed(total)))
    const subscription = client.subscribeToStream(order)
    expect(subscription).toBeInstanceOf(Readable)
    const totals = []
    const sink = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write({ event }, _encoding, done) {
        totals.push(event.data.total)
        if (totals.length === 40) void subscription.unsubscribe()
        done()
      },
    })
    await pipeline(subscription, sink)
    expect(totals).toEqual(Array.from({ length: 40 }, (_, total) => total))
  })

  it('are filtered by type, also by a regular expression', async () => {
    const filter = eventTypeFilter({ regex: '^Order(Placed|Shipped)$' })
    await client.appendToStream(order, [placed(), shipped(), jsonEvent({ type: 'OrderPlacedTwice', data: {} })])
    const own = ({ event }) => event.streamId === order
    const read = await collect(client.readAll({ filter }))
    expect(typesOf(read.filter(own))).toEqual(['OrderPlaced', 'OrderShipped'])
    for await (const resolved of client.subscribeToAll({ filter: excludeSystemEvents() })) {
      expect(resolved.event.type.startsWith('$')).toBe(false)
      if (own(resolved) && resolved.event.type === 'OrderPlacedTwice') break
    }
  })

  it('fail with what went wrong', async () => {
    await client.appendToStream(order, placed())
    await client.tombstoneStream(order)
    const failed = new Promise((resolve) => client.subscribeToStream(order).on('error', resolve).on('data', () => {}))
    expect(await failed).toBeInstanceOf(StreamDeletedError)
  })
})
