import { describe, expect, it } from 'vitest'
import type { LiveStreamQuery, LiveUpdate, Stream } from '../../web/src/services'
import { eventually, failureOf, openSession } from './support'

const ids = (live: LiveStreamQuery<any>) => live.items.map(({ id }) => id)
const showing = (live: LiveStreamQuery<any>, wanted: string[]) =>
  eventually(() => JSON.stringify(ids(live)) === JSON.stringify(wanted), `${wanted}, not ${ids(live)},`)

async function place(streams: ReturnType<typeof openSession>['streams'], totals: Record<string, number>) {
  for (const [id, total] of Object.entries(totals)) await streams.create({ id, name: id, data: { total } })
}

describe('a live query', () => {
  it('begins with what there is and follows what enters, leaves and moves', async () => {
    const { streams } = openSession()
    await place(streams, { a: 10, b: 20, c: 30 })
    const live = streams.live<{ total: number }>({ where: { 'data.total': { gte: 10 } }, sort: '-data.total', limit: 2 })
    const updates: LiveUpdate<Stream<{ total: number }>>[] = []
    live.on('change', (update) => updates.push(update))
    expect(live.items).toEqual([])
    await live.ready()
    expect(ids(live)).toEqual(['c', 'b'])
    expect(live.total).toBe(3)
    expect(live.items[0]!.metadata.createdAt).toBeInstanceOf(Date)
    expect(updates).toHaveLength(1)
    expect(updates[0]!.changes.map(({ type }) => type)).toEqual(['added', 'added'])

    const unchanged = live.items[1]
    await streams.create({ id: 'd', name: 'D', data: { total: 25 } })
    await showing(live, ['c', 'd'])
    expect(live.total).toBe(4)
    expect(updates.at(-1)!.changes).toEqual([
      { type: 'removed', id: 'b', index: 1 },
      { type: 'added', id: 'd', index: 1, item: live.items[1] },
    ])
    await streams.delete('c')
    await showing(live, ['d', 'b'])
    expect(live.items[1]).toEqual(unchanged)
    const kept = live.items[1]
    await streams.update('d', { data: { total: 15 } })
    await showing(live, ['b', 'd'])
    expect(updates.at(-1)!.changes).toEqual([{ type: 'changed', id: 'd', index: 1, previousIndex: 0, item: live.items[1] }])
    expect(live.items[0]).toBe(kept)
    live.close()
  })

  it('tells once for all changes of a turn', async () => {
    const session = openSession()
    const live = await session.streams.live({ limit: 1000 }).ready()
    let told = 0
    live.on('change', () => (told += 1))
    const database = await session.openDatabase()
    const content = { name: 'N', data: 1, tags: [], owner: 'o', permissions: { read: ['*'], write: [], admin: [] } }
    for (let i = 0; i < 500; i += 1) {
      database.appendEvents(`document-x${i}`, [{ type: 'document-created', data: { ...content, id: `x${i}` } }])
    }
    await eventually(() => live.items.length === 500, 'all of them')
    expect(told).toBeLessThan(510)
    expect(live.total).toBe(500)
  })

  it('says nothing after it was closed, and closing twice is safe', async () => {
    const { streams } = openSession()
    const live = await streams.live().ready()
    let told = 0
    live.on('change', () => (told += 1))
    const stopped = await streams.live().ready()
    const stop = stopped.on('change', () => (told += 1))
    stop()
    live.close()
    live.close()
    await place(streams, { a: 1 })
    await showing(stopped, ['a'])
    expect(told).toBe(0)
    expect(ids(live)).toEqual([])
    expect(await failureOf(live.refresh())).toMatchObject({ type: 'operation-cancelled' })
  })

  it('follows rows', async () => {
    const { streams } = openSession()
    await place(streams, { a: 1 })
    const live = await streams.live({ select: ['data.total', 'updatedAt'] }).ready()
    expect(live.items).toEqual([{ id: 'a', 'data.total': 1, updatedAt: expect.any(Date) }])
    await streams.update('a', { data: { total: 2 } })
    await eventually(() => live.items[0]!['data.total'] === 2, 'the new total')
    expect(live.items[0]!.updatedAt).toBeInstanceOf(Date)
  })

  it('shows further pages without a new search, more than a page of a query may hold', async () => {
    const session = openSession()
    const content = { name: 'N', data: 1, tags: [], owner: 'o', permissions: { read: ['*'], write: [], admin: [] } }
    const database = await session.openDatabase()
    for (let i = 0; i < 1200; i += 1) {
      database.appendEvents(`document-${1000 + i}`, [{ type: 'document-created', data: { ...content, id: `${1000 + i}` } }])
    }
    const live = await session.streams.live({ limit: 2 }).ready()
    const updates: LiveUpdate<Stream>[] = []
    live.on('change', (update) => updates.push(update))
    const [first] = live.items
    await live.resize(4)
    expect([ids(live), live.total]).toEqual([['1000', '1001', '1002', '1003'], 1200])
    expect(live.items[0]).toBe(first)
    expect(updates.map(({ changes }) => changes.map(({ type, id }) => `${type} ${id}`))).toEqual([['added 1002', 'added 1003']])
    await live.resize(1150)
    expect(live.items).toHaveLength(1150)
    await session.switchEnvironment('dev')
    await showing(live, [])
    await session.switchEnvironment('test')
    await eventually(() => live.items.length === 1150, 'all that were shown')
    await live.resize(1)
    expect(ids(live)).toEqual(['1000'])
    expect(await failureOf(live.resize(0))).toMatchObject({ type: 'validation-failed', field: 'limit' })
    await live.refresh()
    expect(ids(live)).toEqual(['1000'])
    const starting = session.streams.live({ limit: 1 })
    await starting.resize(3)
    expect(starting.items).toHaveLength(3)
  })

  it('follows what a list answers, in its order', async () => {
    const { streams } = openSession()
    for (const name of ['b', 'A', 'c']) await streams.create({ id: name, name, data: 1, kind: 'letter', tags: ['x'] })
    await streams.create({ id: 'other', name: 'other', data: 1 })
    const live = await streams.liveList({ kind: 'letter', tags: ['x'], sort: 'name', descending: true, limit: 2 }).ready()
    expect([ids(live), live.total]).toEqual([['c', 'b'], 3])
    await streams.update('A', { name: 'D' })
    await showing(live, ['A', 'c'])
    const { items } = await streams.list({ kind: 'letter', tags: ['x'], sort: 'name', descending: true, limit: 2 })
    expect(items).toEqual(live.items)
    await streams.tag('A', { remove: ['x'] })
    await showing(live, ['c', 'b'])
    const refused = streams.liveList({ sort: 'data' as never })
    expect(await failureOf(refused.ready())).toMatchObject({ type: 'validation-failed', field: 'sort' })
  })

  it('goes on after reset, reconnection and a switch of the environment', async () => {
    const session = openSession()
    const { streams } = session
    await place(streams, { a: 1, b: 2 })
    const live = await streams.live({ sort: 'name' }).ready()
    await session.reset()
    await showing(live, [])
    await place(streams, { c: 1 })
    await showing(live, ['c'])
    await session.kurrentdb.reconnect()
    await place(streams, { d: 1 })
    await showing(live, ['c', 'd'])
    await session.switchEnvironment('dev')
    await showing(live, [])
    await place(streams, { other: 1 })
    await showing(live, ['other'])
    await session.switchEnvironment('test')
    await showing(live, ['c', 'd'])
    const [kept] = live.items
    await live.refresh()
    expect(live.items[0]).toBe(kept)
  })

  it('shows what the acting user of now may read', async () => {
    let user = 'ann'
    const session = openSession({ user: () => user })
    await session.streams.create({ id: 'secret', name: 'S', data: 1, permissions: { read: ['ann'] } })
    await session.streams.create({ id: 'open', name: 'O', data: 1 })
    const live = await session.streams.live().ready()
    expect(ids(live)).toEqual(['open', 'secret'])
    user = 'eve'
    session.refreshUser()
    await showing(live, ['open'])
  })

  it('reports what is wrong with the query', async () => {
    const { streams } = openSession()
    const live = streams.live({ where: { nothing: 1 } as never })
    const errors: string[] = []
    live.on('error', ({ message }) => errors.push(message))
    expect(await failureOf(live.ready())).toMatchObject({ type: 'validation-failed', field: 'where.nothing' })
    expect(live.error).toMatchObject({ field: 'where.nothing' })
    expect(errors).toHaveLength(1)
    expect(() => streams.live({ where: { 'data.x': 1n } } as never)).toThrow('where.data.x')
  })

  it('ends with its session', async () => {
    const session = openSession()
    const live = await session.streams.live().ready()
    session.dispose()
    expect(await failureOf(live.refresh())).toMatchObject({ type: 'operation-cancelled' })
  })
})
