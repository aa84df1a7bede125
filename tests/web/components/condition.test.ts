import { describe, expect, it } from 'vitest'
import { conditionOf, groupOf, newGroup, newRow, type QueryOperator, removePart } from '../../../web/src/vue/components/query/condition'

const row = (path: string, operator: QueryOperator, text: string) => newRow({ path, operator, text })

describe('a query built of rows', () => {
  it('is an object when all must hold; several comparisons of one path share its member', () => {
    const group = newGroup({ parts: [row('status', 'eq', 'active'), row('data.total', 'gte', '100'), row('data.total', 'lt', '500')] })
    const { condition, places } = conditionOf(group)
    expect(condition).toEqual({ status: 'active', 'data.total': { gte: 100, lt: 500 } })
    expect(places.map(([place]) => place)).toEqual(['.status', '.data.total.gte', '.data.total.lt'])
  })

  it('puts into `and` what does not fit into one object', () => {
    const group = newGroup({ parts: [row('tags', 'contains', 'a'), row('tags', 'contains', 'b'), row('tags', 'eq', 'c')] })
    const { condition, places } = conditionOf(group)
    expect(condition).toEqual({ tags: { contains: 'a' }, and: [{ tags: { contains: 'b' } }, { tags: 'c' }] })
    expect(places.map(([place]) => place)).toEqual(['.tags.contains', '.and[0].tags.contains', '.and[1].tags'])
  })

  it('knows or, not, and groups in groups', () => {
    const either = newGroup({ join: 'or', parts: [row('owner', 'eq', 'maya'), row('owner', 'eq', 'ines')] })
    const none = newGroup({ join: 'or', not: true, parts: [row('a', 'exists', 'true'), row('b', 'exists', 'false')] })
    const { condition, places } = conditionOf(newGroup({ parts: [either, none] }))
    expect(condition).toEqual({ or: [{ owner: 'maya' }, { owner: 'ines' }], not: { or: [{ a: { exists: true } }, { b: { exists: false } }] } })
    expect(places.at(-1)?.[0]).toBe('.not.or[1].b.exists')
  })

  it('leaves out what is not filled in', () => {
    expect(conditionOf(newGroup({ parts: [newRow(), newGroup({ not: true })] })).condition).toEqual({})
  })

  it.each([
    ['5', 5],
    ['"5"', '5'],
    ['true', true],
    ['null', null],
    ['Amara', 'Amara'],
    ['', ''],
  ])('takes %j for %j', (text, value) => {
    expect(conditionOf(newGroup({ parts: [row('data.x', 'eq', text)] })).condition).toEqual({ 'data.x': value })
  })

  it('takes text for text where an operator wants text, lists for lists, dates for times', () => {
    const only = (each: ReturnType<typeof newRow>) => Object.values(conditionOf(newGroup({ parts: [each] })).condition)[0]
    expect(only(row('name', 'prefix', '10'))).toEqual({ prefix: '10' })
    expect(only(row('a', 'in', '1, b, "c, d", "2"'))).toEqual({ in: [1, 'b', 'c, d', '2'] })
    expect(only(row('updatedAt', 'gte', '2026-11-23T00:00Z'))).toEqual({ gte: Date.UTC(2026, 10, 23) })
    expect(only(row('data.a', 'eq', '{"b": 1}'))).toEqual({ eq: { b: 1 } })
  })

  it.each([
    { status: 'active', 'data.total': { gte: 100, lt: 500 } },
    { or: [{ owner: 'maya' }, { owner: 'ines', tags: { contains: 'a' } }] },
    { not: { or: [{ a: 1 }, { b: '2' }] }, 'data.x': { in: ['a, b', 3, null] } },
    { tags: { contains: 'a' }, and: [{ tags: { contains: 'b' }, or: [{ a: 1 }, { not: { b: 2 } }] }] },
    { not: { not: { a: 1 } } },
    {},
  ])('shows %j and makes the same of it again', (condition) => {
    expect(conditionOf(groupOf(condition)).condition).toEqual(condition)
  })

  it('loses the row that is taken out, wherever it is', () => {
    const inner = row('b', 'eq', '1')
    const group = newGroup({ parts: [row('a', 'eq', '1'), newGroup({ join: 'or', parts: [inner, row('c', 'eq', '1')] })] })
    removePart(group, inner.key)
    expect(conditionOf(group).condition).toEqual({ a: 1, c: 1 })
  })
})
