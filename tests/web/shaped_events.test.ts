import { describe, expect, it } from 'vitest'
import { databaseOf, type KurrentDBClient as Client } from '../../web/src'
import { type AllStreamResolvedEvent, binaryEvent, jsonEvent, KurrentDBClient, type JSONType } from '../../web/src/client'
import { randomOf } from './random_values'
import { openSession } from './support'

let opened = 0
const newClient = () => KurrentDBClient.connectionString(`kurrentdb://shaped-${++opened}?tls=false`)

const byJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as JSONType

async function dataOf(client: Client, stream: string): Promise<unknown[]> {
  const data: unknown[] = []
  for await (const { event } of client.readStream(stream)) data.push(event?.data)
  return data
}

const order = (number: number, more: object = {}) => jsonEvent({
  type: 'order-placed', data: { id: `order-${number}`, total: number / 4, note: 'ä€😀', ...more }, metadata: { by: `user-${number}` },
})

/** Values that JSON knows, as it reads them. */
function values(count: number, seed: number): { type: string; data: JSONType }[] {
  const random = randomOf(seed)
  const found: { type: string; data: JSONType }[] = []
  while (found.length < count) {
    const value = random.value()
    if (JSON.stringify(value) !== undefined) found.push({ type: random.pick(['one', 'two', 'three']), data: byJson(value) })
  }
  return found
}

describe('events in shape code', () => {
  it('come back as they are, whatever else is in their page', async () => {
    const client = newClient()
    const given = values(3_000, 7)
    for (let i = 0; i < given.length; i += 1 + (i % 60)) {
      const events = given.slice(i, i + 1 + (i % 60)).map(({ type, data }, j) => jsonEvent({ type, data, metadata: { at: [i, j] } }))
      await client.appendToStream('mixed', events.length === 1 ? events[0]! : events)
      if (i % 7 === 0) await client.appendToStream('other', jsonEvent({ type: 'one', data: { i } }))
    }
    const read = await dataOf(client, 'mixed')
    expect(JSON.stringify(read)).toBe(JSON.stringify(given.map(({ data }) => data)))
    const all: unknown[] = []
    for await (const { event } of client.readAll()) if (event?.streamId === 'mixed') all.push(event.data)
    expect(JSON.stringify(all)).toBe(JSON.stringify(read))
    await client.dispose()
  })

  it('are JSON to all who ask the core for it', async () => {
    const session = openSession()
    const given = values(600, 11)
    for (const { type, data } of given) await session.client.appendToStream('mixed', jsonEvent({ type, data, metadata: { note: data } }))
    const items: unknown[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await session.events.query({ stream: 'mixed', limit: 100, ...(cursor ? { cursor } : {}) })
      for (const { data, metadata } of page.items) items.push([data, metadata])
      cursor = page.next
    }
    expect(JSON.stringify(items)).toBe(JSON.stringify(given.map(({ data }) => [data, { note: data }])))
    expect((await session.events.query({ stream: 'mixed', where: { 'metadata.note': { exists: true } }, limit: 1 })).items).toHaveLength(1)
  })

  it('keep their shapes in snapshots, forks and journals', async () => {
    const client = newClient()
    const database = databaseOf(client)
    await client.appendToStream('s', [order(1), order(2)])
    const snapshot = await database.snapshot()
    await client.appendToStream('s', order(3, { lost: true }))
    await database.restore(snapshot)
    await client.appendToStream('s', order(3, { found: true }))
    const fork = await database.fork()
    const forked = KurrentDBClient.connectionString(fork.connectionString)
    await forked.appendToStream('s', order(4, { forked: { deep: 1 } }))
    await client.appendToStream('s', order(4, { origin: { deep: 2 } }))
    const of = (number: number, more: object) => ({ ...(order(number).data as object), ...more })
    const first = [of(1, {}), of(2, {}), of(3, { found: true })]
    expect(await dataOf(client, 's')).toEqual([...first, of(4, { origin: { deep: 2 } })])
    expect(await dataOf(forked, 's')).toEqual([...first, of(4, { forked: { deep: 1 } })])
    snapshot.close()
    await fork.close()

    const [from, to] = [openSession(), openSession()]
    await from.client.appendToStream('s', [order(1), order(2, { from: 1 })])
    await to.client.appendToStream('t', order(7, { to: 1 }))
    await to.client.appendToStream('t', order(8, { to: { to: 2 } }))
    const [origin, target] = [await from.openDatabase(), await to.openDatabase()]
    target.reset()
    target.replay(origin.journal())
    await to.client.appendToStream('s', [order(3, { to: 3 }), order(4, { from: 4 })])
    expect((await target.readEvents('s')).map(({ data }) => data)).toEqual([
      of(1, {}), of(2, { from: 1 }), of(3, { to: 3 }), of(4, { from: 4 }),
    ])
    origin.replay(target.journal(origin.head()))
    expect((await origin.readEvents('s')).map(({ data }) => data)).toEqual((await target.readEvents('s')).map(({ data }) => data))
  })

  it('arrive as they were given, though the database is another one by then', async () => {
    const client = newClient()
    const database = databaseOf(client)
    await client.appendToStream('s', order(1))
    const empty = await database.snapshot()
    await client.appendToStream('s', order(2, { learned: 'before' }))
    await database.simulation.set('lan')
    const events = [order(3, { learned: 'before', list: [1, { a: 'ä' }] }), order(4)]
    const appending = client.appendToStream('s', events)
    ;(events[0]!.data as { total: number }).total = -1
    await database.restore(empty)
    await client.appendToStream('s', order(5, { other: 'shape' }))
    await appending
    await database.simulation.set('instant')
    const all = await dataOf(client, 's')
    expect(all).toHaveLength(4)
    expect(all).toContainEqual({ id: 'order-3', total: 0.75, note: 'ä€😀', learned: 'before', list: [1, { a: 'ä' }] })
    expect(all).toContainEqual({ ...(order(5).data as object), other: 'shape' })
    empty.close()
  })

  it('keep half a character as JSON does', async () => {
    const client = newClient()
    const halves = [{ a: '\ud83d' }, { a: '\ude00' }, { a: 'x'.repeat(500) + '\ud83d', b: '\ude00' }, { '\ud83d': 1 }]
    await client.appendToStream('s', halves.map((data) => jsonEvent({ type: 'half', data })))
    for (const data of halves) await client.appendToStream('t', jsonEvent({ type: 'half', data }))
    expect(await dataOf(client, 's')).toEqual(halves)
    expect(await dataOf(client, 't')).toEqual(halves)
  })

  it('are no more than JSON text where the database reads them itself', async () => {
    const client = newClient()
    await client.appendToStream('$$s', jsonEvent({ type: '$metadata', data: { $maxCount: 1 } }))
    await client.appendToStream('s', [order(1), order(2)])
    expect(await dataOf(client, 's')).toHaveLength(1)
    await client.appendToStream('links', jsonEvent({ type: '$other', data: { a: 1 } }))
    expect(await dataOf(client, 'links')).toEqual([{ a: 1 }])
  })
})

describe('what goes to several subscriptions', () => {
  /** What `count` subscriptions to all get of `events`. */
  async function delivered(options: readonly { sharedEvents?: boolean }[], events: ReturnType<typeof order>[]) {
    const client = newClient()
    await client.appendToStream('before', order(0))
    const got = options.map((): NonNullable<AllStreamResolvedEvent['event']>[] => [])
    options.forEach((each, i) => {
      client.subscribeToAll({ fromPosition: 'end', ...each }).on('data', ({ event }) => got[i]!.push(event!))
    })
    await databaseOf(client).settled()
    await client.appendToStream('s', events)
    await client.appendToStream('s', binaryEvent({ type: 'bytes', data: new Uint8Array([1, 2]), metadata: { a: [1] } }))
    await databaseOf(client).settled()
    await client.dispose()
    return got
  }
  const given = [order(1, { list: [{ a: 1 }, null], __proto: 1 }), order(2, JSON.parse('{"__proto__":{"own":1}}') as object)]

  it('is a copy for each, as if read by it alone', async () => {
    const [alone] = await delivered([{}], given)
    const several = await delivered([{}, {}, {}], given)
    const shape = (events: typeof alone) => events!.map((event) => ({ ...event, id: '', created: 0, position: 0 }))
    for (const events of several) {
      expect(shape(events)).toStrictEqual(shape(alone))
      expect(events.map(({ id, position, created }) => [id, position, created])).toEqual(
        several[0]!.map(({ id, position, created }) => [id, position, created]))
    }
    const seen = new Set<unknown>()
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(seen.has(value)).toBe(false)
      expect(Object.isFrozen(value) && Object.keys(value).length > 0).toBe(false)
      seen.add(value)
      Object.values(value).forEach(collect)
    }
    several.forEach(collect)
  })

  it('is the same frozen event for those with sharedEvents', async () => {
    const [mine, first, second] = await delivered([{}, { sharedEvents: true }, { sharedEvents: true }], given)
    expect(first).toHaveLength(3)
    first!.forEach((event, i) => expect(second![i]).toBe(event))
    expect(first).toEqual(mine)
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || (Object.isFrozen(value) && Object.values(value).every(frozen))
    expect(first!.every(frozen)).toBe(true)
    expect(frozen(mine![0])).toBe(false)
  })
})
