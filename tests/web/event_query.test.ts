import { describe, expect, it } from 'vitest'
import type { EventQueryPage } from '../../web/src/services'
import { failureOf, openSession } from './support'

/** `order-0` to `order-2` and `cart-1`, with `placed` and `paid` of growing amounts. */
async function placed() {
  const session = openSession()
  const database = await session.openDatabase()
  let amount = 0
  for (let round = 0; round < 5; round += 1) {
    for (const stream of ['order-0', 'order-1', 'order-2', 'cart-1']) {
      amount += 1
      database.appendEvents(stream, [
        { type: round % 2 === 0 ? 'placed' : 'paid', data: { amount }, metadata: { user: `u${amount % 2}` } },
      ])
    }
  }
  return session
}
const amounts = ({ items }: { items: { data: { amount: number } }[] }) => items.map(({ data }) => data.amount)

describe('a query over events', () => {
  it('looks at one stream, a category, or all', async () => {
    const { events } = await placed()
    expect(amounts(await events.query({ stream: 'order-1' }))).toEqual([2, 6, 10, 14, 18])
    expect(amounts(await events.query({ category: 'cart', direction: 'backwards', limit: 2 }))).toEqual([20, 16])
    const all = await events.query()
    expect(all).toMatchObject({ scanned: 20, matched: 20, next: null })
    expect((await events.query({ stream: 'nothing' })).items).toEqual([])
  })

  it('answers events as the database recorded them', async () => {
    const session = await placed()
    const { items } = await session.events.query({ stream: 'order-0', limit: 1 })
    const [stored] = (await session.openDatabase()).readEvents('order-0')
    expect(items).toEqual([stored])
    const database = await session.openDatabase()
    database.appendEvents('raw', [{ type: 'bytes', data: new Uint8Array([0, 255, 7]) }])
    const { items: raw } = await session.events.query({ stream: 'raw' })
    expect(raw).toEqual(database.readEvents('raw'))
    expect(Array.from(raw[0]!.data as Uint8Array)).toEqual([0, 255, 7])
  })

  it('finds by conditions and counts groups', async () => {
    const { events } = await placed()
    const where = { type: 'paid', 'data.amount': { gt: 6 }, 'metadata.user': 'u1', created: { lte: new Date() } } as const
    expect(amounts(await events.query({ where }))).toEqual([7, 13, 15])
    const counted = await events.query({ limit: 0, groupBy: 'type' })
    expect(counted).toMatchObject({
      items: [], matched: 20, groups: [{ value: 'placed', count: 12 }, { value: 'paid', count: 8 }], groupsTotal: 2,
    })
  })

  it('goes on where the page before ended, however little a page may cost', async () => {
    const { events } = await placed()
    for (const scope of [{}, { category: 'order' }, { stream: 'order-2', direction: 'backwards' as const }]) {
      const query = { ...scope, where: { 'data.amount': { gte: 3 } }, limit: 3, scanMax: 2 }
      const found: number[] = []
      let cursor: string | null = null
      do {
        const page: EventQueryPage = await events.query({ ...query, cursor })
        expect(page.scanned).toBeLessThanOrEqual(2)
        found.push(...amounts(page as EventQueryPage<{ amount: number }>))
        cursor = page.next
      } while (cursor !== null)
      expect(found).toEqual(amounts(await events.query({ ...scope, where: query.where, limit: 1000 })))
    }
  })

  it('names every bad place', async () => {
    const { events } = openSession()
    const bad = events.query({ where: { name: 'x' }, direction: 'up', limit: 1001, stream: '' } as never)
    expect(await failureOf(bad)).toMatchObject({ errors: { 'where.name': expect.any(String), direction: expect.any(String), limit: expect.any(String) } })
    expect(await failureOf(events.query({ cursor: 'x' }))).toMatchObject({ field: 'cursor' })
  })
})
