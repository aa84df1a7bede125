import { describe, expect, it } from 'vitest'
import { type StreamQuery, ValidationError } from '../../web/src/services'
import { failureOf, openSession } from './support'

/** Ten orders, `o0` to `o9`, with totals 0, 10, … 90 in two countries. */
async function ordered(options = {}) {
  const session = openSession(options)
  const { streams } = session
  for (let i = 0; i < 10; i += 1) {
    await streams.create({
      id: `o${i}`,
      kind: 'order',
      name: `Order ${i}`,
      data: { total: i * 10, country: i % 3 === 0 ? 'DE' : 'FR', placed: new Date(Date.UTC(2026, 0, i + 1)) },
      tags: i % 2 === 0 ? ['even'] : [],
    })
  }
  return session
}
const ids = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)

describe('a query over documents', () => {
  it('finds by conditions, in order, with total and groups', async () => {
    const { streams } = await ordered()
    const page = await streams.query({
      where: { 'data.total': { gte: 20 }, kind: 'order', or: [{ tags: { contains: 'even' } }, { 'data.country': 'FR' }] },
      sort: ['data.country', '-data.total'],
      limit: 3,
      total: true,
      groupBy: 'data.country',
    })
    expect(ids(page)).toEqual(['o6', 'o8', 'o7'])
    expect(page).toMatchObject({ total: 6, groups: [{ value: 'FR', count: 5 }, { value: 'DE', count: 1 }], groupsTotal: 2 })
    expect(page.items[0]!.metadata.createdAt).toBeInstanceOf(Date)
    expect(page.items[0]!.data.total).toBe(60)
  })

  it('goes through its pages by cursors that keep their place', async () => {
    const { streams } = await ordered()
    const query: StreamQuery = { sort: '-data.total', limit: 4 }
    const first = await streams.query(query)
    expect(ids(first)).toEqual(['o9', 'o8', 'o7', 'o6'])
    await streams.delete('o6')
    await streams.create({ id: 'top', name: 'T', data: { total: 1000 } })
    const second = await streams.query({ ...query, cursor: first.next })
    expect(ids(second)).toEqual(['o5', 'o4', 'o3', 'o2'])
    const third = await streams.query({ ...query, cursor: second.next })
    expect(ids(third)).toEqual(['o1', 'o0'])
    expect(third.next).toBeNull()
    expect(await failureOf(streams.query({ ...query, sort: 'name', cursor: first.next }))).toMatchObject({ field: 'cursor' })
  })

  it('answers rows of what was selected', async () => {
    const { streams } = await ordered()
    const { items } = await streams.query({ where: { id: 'o1' }, select: ['createdAt', 'data.total', 'data.none', '/data/country'] })
    expect(items).toEqual([{ id: 'o1', createdAt: expect.any(Date), 'data.total': 10, '/data/country': 'FR' }])
    const document = await streams.get('o1')
    expect(items[0]!.createdAt).toEqual(document!.metadata.createdAt)
  })

  it('takes dates and regular expressions', async () => {
    const { streams } = await ordered()
    const before = new Date(Date.now() + 60_000)
    const found = await streams.query({
      where: {
        createdAt: { lte: before, gt: new Date(0) },
        'data.placed': { gte: new Date(Date.UTC(2026, 0, 3)), lt: new Date(Date.UTC(2026, 0, 6)) },
        name: { regex: /^Order [24]$/ },
      },
    })
    expect(ids(found)).toEqual(['o2', 'o4'])
    expect(ids(await streams.query({ where: { createdAt: { gt: before } } }))).toEqual([])
    const bad = streams.query({ where: { or: [{ name: { regex: /x/i } }] } })
    expect(await failureOf(bad)).toMatchObject({ field: 'where.or[0].name.regex' })
    const invalid = streams.query({ where: { 'data.x': { in: [new Date(Number.NaN)] } } })
    expect(await failureOf(invalid)).toMatchObject({ field: 'where.data.x.in[0]' })
  })

  it('names every bad place', async () => {
    const { streams } = openSession()
    const bad = streams.query({
      where: { total: 1, 'data.total': { gte: null, above: 2 }, not: { status: { regex: '(' } } },
      sort: ['nothing', { path: 'name', descending: 'yes' }],
      limit: 0,
      select: 'name',
    } as never)
    const error = await failureOf<ValidationError>(bad)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.violations.map(({ field }) => field)).toEqual([
      'where.total', 'where.data.total.gte', 'where.data.total.above', 'sort[1].descending', 'select', 'limit',
    ])
    expect(await failureOf(streams.query({ where: { not: { status: { regex: '(' } } } }))).toMatchObject({
      field: 'where.not.status.regex',
    })
    expect(await failureOf(streams.query({ sort: 'nothing' as never }))).toMatchObject({ field: 'sort[0]' })
    expect(await failureOf(streams.query(5 as never))).toMatchObject({ field: 'query' })
  })

  it('uses the indexes of the option kinds, and tells so', async () => {
    const { streams } = await ordered({
      kinds: { order: { indexes: ['data.total'] }, '*': { indexes: ['tags', 'updatedAt'] } },
    })
    const where = { kind: 'order', 'data.total': { gt: 30, lte: 50 } } as const
    expect(await streams.explain({ where })).toMatchObject({
      plan: 'index', index: 'data.total', indexKind: 'order', indexUse: 'range', examined: 2, matched: 2, documents: 10,
      sortedBy: 'id',
    })
    expect(ids(await streams.query({ where }))).toEqual(['o4', 'o5'])
    await streams.update('o9', { data: { total: 40.5 } })
    expect(ids(await streams.query({ where }))).toEqual(['o4', 'o5', 'o9'])
    expect(await streams.explain({ where: { 'data.total': 40 } })).toMatchObject({ plan: 'scan' })
    expect(await streams.explain({ where: { tags: { contains: 'even' } } })).toMatchObject({ index: 'tags', examined: 5 })
    expect(await streams.explain({ sort: '-updatedAt', limit: 1 })).toMatchObject({ indexUse: 'sort', sortedBy: 'index' })
    await streams.declareIndex('data.country')
    expect(await streams.explain({ where: { 'data.country': 'DE' } })).toMatchObject({ index: 'data.country', indexUse: 'eq' })
  })

  it('refuses an index that cannot be, by its place in the options', async () => {
    const session = openSession({ kinds: { order: { indexes: ['data.ok', 'total' as never] } } })
    expect(await failureOf(session.ready())).toMatchObject({ type: 'validation-failed', field: 'kinds.order.indexes[1]' })
  })

  it('shows what the acting user may read', async () => {
    let user: string | null = 'ann'
    const { streams } = openSession({ user: () => user })
    await streams.create({ id: 'secret', name: 'S', data: 1, permissions: { read: ['ann'] } })
    await streams.create({ id: 'open', name: 'O', data: 1 })
    expect(ids(await streams.query())).toEqual(['open', 'secret'])
    user = 'eve'
    expect(await streams.query({ total: true })).toMatchObject({ total: 1, items: [{ id: 'open' }] })
  })

  it('lets others have their turns while it goes through many documents', async () => {
    const session = openSession({ kinds: { '*': { indexes: ['data.n'] } } })
    const database = await session.openDatabase()
    const count = 150_000
    for (let i = 0; i < count; i += 1) {
      const data = { id: `d${i}`, name: `Name ${i}`, data: { n: i, group: i % 7, text: `some text of ${i}`.repeat(3) }, tags: [], owner: 'o', permissions: { read: ['*'], write: [], admin: [] } }
      database.appendEvents(`document-d${i}`, [{ type: 'document-created', data }])
    }
    const load = await turnsDuring(async () => {
      await session.kurrentdb.connect()
      expect((await session.streams.list({ limit: 1 })).total).toBe(count)
    })
    const scan = await turnsDuring(async () => {
      const found = await session.streams.query({
        where: { 'data.group': 3, 'data.text': { contains: '99' } }, sort: '-data.text', total: true, groupBy: 'data.group',
      })
      expect(found.total).toBeGreaterThan(10)
    })
    const live = await turnsDuring(async () => {
      const result = await session.streams.live({ where: { 'data.group': { lt: 6 } }, sort: '-data.text', limit: 20 }).ready()
      expect(result.total).toBeGreaterThan(120_000)
    })
    const explained = await session.streams.explain({ where: { 'data.group': 3 }, sort: 'data.text' })
    expect(explained.slices).toBeGreaterThan(1)
    // How long a turn takes depends on the machine; without slices there would be one.
    expect(Math.min(load, scan, live), `${load}, ${scan}, ${live} turns`).toBeGreaterThan(1)
  })
})

/** How often timers ran before `work` was done. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  const timer = setInterval(() => (turns += 1), 0)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return turns
}
