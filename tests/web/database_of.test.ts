import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  AccessDeniedError, databaseOf, DeadlineExceededError, END, ErrorType, jsonEvent, KurrentDBClient, START, UnavailableError,
  UnknownError, WrongExpectedVersionError,
} from '../../web/src'
import { openSession } from './support'

let last = 0
let client: KurrentDBClient
const happened = (type = 'happened') => jsonEvent({ type, data: { at: 1 } })
const connect = (authority = `database-${++last}:2113`) => KurrentDBClient.connectionString(`kurrentdb://${authority}?tls=false`)

async function typesIn(reader: AsyncIterable<{ event?: { type: string } | undefined }>): Promise<string[]> {
  const types: string[] = []
  for await (const { event } of reader) types.push(event!.type)
  return types
}

beforeEach(() => {
  client = connect()
})
afterEach(async () => {
  await client.dispose()
})

describe('databaseOf', () => {
  it('is the same for all clients of one authority, in whatever case', async () => {
    const other = KurrentDBClient.connectionString(`kurrentdb://admin:changeit@DATABASE-${last}:2113?tls=true`)
    expect(databaseOf(other)).toBe(databaseOf(client))
    await client.appendToStream('a', happened())
    expect(await typesIn(other.readStream('a'))).toEqual(['happened'])
    expect(databaseOf(connect('elsewhere'))).not.toBe(databaseOf(client))
    expect(databaseOf(connect('elsewhere')).authority).toBe('elsewhere:2113')
    expect(() => databaseOf({})).toThrow(TypeError)
  })

  it('resets to a fresh database, whose subscriptions go on with what is appended next', async () => {
    const database = databaseOf(client)
    await client.appendToStream('a', [happened('before'), happened('before')])
    const seen: string[] = []
    const subscription = client.subscribeToStream('a', { fromRevision: START }).on('data', ({ event }) => seen.push(event!.type))
    const all: string[] = []
    client.subscribeToAll({ fromPosition: END }).on('data', ({ event }) => all.push(event!.type))
    await database.settled()
    expect(seen).toEqual(['before', 'before'])
    await database.reset()
    expect(await database.statistics()).toMatchObject({ totalEvents: 0, totalStreams: 0 })
    await client.appendToStream('a', happened('after'))
    await database.settled()
    expect(seen).toEqual(['before', 'before', 'after'])
    expect(all).toEqual(['after'])
    expect((await typesIn(client.readAll())).filter((type) => !type.startsWith('$'))).toEqual(['after'])
    await subscription.unsubscribe()
  })

  it('goes back to a snapshot as often as wanted', async () => {
    const database = databaseOf(client)
    await client.appendToStream('a', happened('kept'))
    const snapshot = await database.snapshot()
    for (let round = 0; round < 3; round += 1) {
      await client.appendToStream('a', happened('lost'), { streamState: 0n })
      await client.appendToStream(`new-${round}`, happened('lost'))
      await database.restore(snapshot)
      expect(await typesIn(client.readStream('a'))).toEqual(['kept'])
      await expect(typesIn(client.readStream(`new-${round}`))).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND })
    }
    snapshot.close()
  })

  it('forks into a database of its own', async () => {
    await client.appendToStream('a', happened('shared'))
    const fork = await databaseOf(client).fork()
    const branch = KurrentDBClient.connectionString(fork.connectionString)
    await branch.appendToStream('a', happened('there'))
    await client.appendToStream('a', happened('here'))
    expect(await typesIn(branch.readStream('a'))).toEqual(['shared', 'there'])
    expect(await typesIn(client.readStream('a'))).toEqual(['shared', 'here'])
    await fork.close()
    expect(await typesIn(client.readStream('a'))).toEqual(['shared', 'here'])
  })
})

describe('services', () => {
  it('work on the database of a client, and both see what the other does', async () => {
    const session = openSession({ database: databaseOf(client).core() })
    const document = await session.streams.create({ name: 'Order 1', data: { total: 5 } })
    expect(await typesIn(client.readStream(`document-${document.id}`))).toHaveLength(1)
    await client.deleteStream(`document-${document.id}`)
    expect(await session.streams.get(document.id)).toBeNull()
  })
})

describe('the clock', () => {
  it('stands still, jumps and moves; created times follow it', async () => {
    const { clock } = databaseOf(client)
    await clock.freeze(new Date('2030-01-01T00:00:00Z'))
    await client.appendToStream('a', happened())
    await clock.advance(1500)
    await client.appendToStream('a', happened())
    await clock.set(new Date('2040-01-01T00:00:00Z'))
    await client.appendToStream('a', happened())
    const created: string[] = []
    for await (const { event } of client.readStream('a')) created.push(event!.created.toISOString())
    expect(created).toEqual(['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:01.500Z', '2040-01-01T00:00:00.000Z'])
    await clock.resume()
    expect((await clock.now()).getTime()).toBeGreaterThanOrEqual(new Date('2040-01-01T00:00:00Z').getTime())
    await expect(clock.advance(-1)).rejects.toThrow(RangeError)
    await expect(clock.set(new Date('never'))).rejects.toThrow(RangeError)
  })

  it('lets events grow too old for $maxAge', async () => {
    const { clock } = databaseOf(client)
    await clock.freeze()
    await client.setStreamMetadata('a', { maxAge: 60 })
    await client.appendToStream('a', happened('old'))
    await clock.advance(45_000)
    await client.appendToStream('a', happened('young'))
    expect(await typesIn(client.readStream('a'))).toEqual(['old', 'young'])
    await clock.advance(20_000)
    expect(await typesIn(client.readStream('a'))).toEqual(['young'])
  })

  it('drives latencies and deadlines, continuations included', async () => {
    const database = databaseOf(client)
    await database.clock.freeze()
    await database.simulation.set({ preset: 'instant', latency: { append: { medianMs: 1000, spread: 0, minMs: 1000, maxMs: 1000 } } as never })
    const steps: string[] = []
    const work = (async () => {
      for (const step of ['one', 'two', 'three']) {
        await client.appendToStream('a', happened(step), { deadline: 5000 })
        steps.push(step)
      }
    })()
    await database.clock.advance(999)
    expect(steps).toEqual([])
    await database.clock.advance(1001)
    expect(steps).toEqual(['one', 'two'])
    await database.clock.advance(1000)
    expect(steps).toEqual(['one', 'two', 'three'])
    await work
    const late = client.appendToStream('a', happened(), { deadline: 500 })
    const refused = expect(late).rejects.toBeInstanceOf(DeadlineExceededError)
    await database.clock.advance(500)
    await refused
  })
})

describe('faults', () => {
  it('fail the n-th call with the chosen error, and nothing happens', async () => {
    const { faults } = databaseOf(client)
    await faults.fail('append', { nth: 2, times: 2, error: ErrorType.ACCESS_DENIED })
    await client.appendToStream('a', happened('one'))
    await expect(client.appendToStream('a', happened('two'))).rejects.toBeInstanceOf(AccessDeniedError)
    await expect(client.appendToStream('a', happened('three'))).rejects.toBeInstanceOf(AccessDeniedError)
    await client.appendToStream('a', happened('four'))
    expect(await typesIn(client.readStream('a'))).toEqual(['one', 'four'])
  })

  it('fail with the very error that was given', async () => {
    const { faults } = databaseOf(client)
    const mine = new WrongExpectedVersionError(undefined as never, { streamName: 'a', expected: 3n, current: 4n } as never)
    await faults.fail('append', { error: mine })
    await expect(client.appendToStream('a', happened())).rejects.toBe(mine)
    const strange = new Error('strange')
    await faults.fail('read', { error: strange })
    await expect(typesIn(client.readStream('a'))).rejects.toBe(strange)
  })

  it('know every type of error', async () => {
    const { faults } = databaseOf(client)
    for (const type of Object.values(ErrorType)) {
      await faults.fail('append', { error: type })
      await expect(client.appendToStream('a', happened()), type).rejects.toMatchObject({ type })
    }
  })

  it('lose a reply: the event is there', async () => {
    const { faults } = databaseOf(client)
    await faults.fail('append', { replyLost: true })
    const event = happened('twice')
    await expect(client.appendToStream('a', event)).rejects.toBeInstanceOf(UnavailableError)
    await client.appendToStream('a', event)
    expect(await typesIn(client.readStream('a'))).toEqual(['twice'])
  })

  it('break connections: subscriptions fail, the next call works', async () => {
    const { faults, settled } = databaseOf(client)
    const subscription = client.subscribeToAll()
    const failed = new Promise((resolve) => subscription.on('error', resolve).on('data', () => undefined))
    await new Promise((resolve) => subscription.once('confirmation', () => resolve(undefined)))
    await faults.dropConnections()
    expect(await failed).toBeInstanceOf(UnavailableError)
    await client.appendToStream('a', happened())
    await faults.disconnect('append')
    await expect(client.appendToStream('a', happened())).rejects.toBeInstanceOf(UnavailableError)
    await client.appendToStream('a', happened())
    await settled.call(databaseOf(client))
  })

  it('delay by the clock, can be taken back, and are refused when malformed', async () => {
    const { faults, clock } = databaseOf(client)
    await clock.freeze()
    await faults.delay('append', 60_000)
    let done = false
    const work = client.appendToStream('a', happened(), { deadline: 100_000 }).then(() => (done = true))
    await clock.advance(59_000)
    expect(done).toBe(false)
    await clock.advance(1000)
    expect(done).toBe(true)
    await work
    const fault = await faults.fail('append', { times: Infinity })
    await expect(client.appendToStream('a', happened())).rejects.toBeInstanceOf(UnavailableError)
    await fault.remove()
    await client.appendToStream('a', happened())
    await faults.fail('append')
    await faults.clear()
    await client.appendToStream('a', happened())
    await expect(faults.fail('sing' as never)).rejects.toThrow(/operation/)
    await expect(faults.delay('append', -1)).rejects.toThrow(/delayMs/)
  })
})

describe('simulated networks', () => {
  it('take their time, keep the order, and end subscriptions when they go offline', async () => {
    const database = databaseOf(client)
    await database.clock.freeze()
    await database.simulation.set('wan')
    const order: string[] = []
    const calls = ['a', 'b', 'c'].map((type) => client.appendToStream('s', happened(type)).then(() => order.push(type)))
    expect(order).toEqual([])
    await database.clock.advance(2000)
    await Promise.all(calls)
    expect(order).toEqual(['a', 'b', 'c'])
    const seen: string[] = []
    const subscription = client.subscribeToStream('s').on('data', ({ event }) => seen.push(event!.type))
    const failed = new Promise((resolve) => subscription.on('error', resolve))
    await database.clock.advance(2000)
    expect(seen).toEqual(['a', 'b', 'c'])
    const more = client.appendToStream('s', happened('d'))
    await database.clock.advance(2000)
    await more
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
    await database.simulation.set({ offline: true })
    expect(await failed).toBeInstanceOf(UnavailableError)
    await expect(client.appendToStream('s', happened())).rejects.toBeInstanceOf(UnavailableError)
    await database.simulation.set('instant')
    await client.appendToStream('s', happened('e'))
    await expect(database.simulation.set('warp' as never)).rejects.toThrow(/instant, lan/)
  })
})

describe('fake timers', () => {
  afterEach(() => vi.useRealTimers())

  it('do not stop delivery, and deadlines follow the database', async () => {
    vi.useFakeTimers()
    const seen: string[] = []
    const subscription = client.subscribeToAll({ fromPosition: END }).on('data', ({ event }) => seen.push(event!.type))
    await new Promise((resolve) => subscription.once('confirmation', () => resolve(undefined)))
    await client.appendToStream('a', [happened('one'), happened('two')])
    await databaseOf(client).settled()
    expect(seen).toEqual(['one', 'two'])
    await databaseOf(client).simulation.set('lan')
    await client.appendToStream('a', happened('three'), { deadline: 5000 })
    vi.advanceTimersByTime(60_000)
    await databaseOf(client).simulation.set('instant')
    await subscription.unsubscribe()
  })
})

describe('an unreadable filter', () => {
  it('fails as on a server', async () => {
    const filter = { filterOn: 'eventType', checkpointInterval: 1, regex: '(' } as const
    await expect(typesIn(client.readAll({ filter }))).rejects.toBeInstanceOf(UnknownError)
  })
})
