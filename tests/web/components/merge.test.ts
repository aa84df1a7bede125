import { describe, expect, it } from 'vitest'
import { differences, isSame, merge } from '../../../web/src/vue/components/parts/merge'

const base = { name: 'A', data: { total: 1, state: 'new', tags: ['a'] } }
const mine = { name: 'A', data: { total: 2, state: 'mine', tags: ['a'] } }
const theirs = { name: 'B', data: { total: 1, state: 'theirs', tags: ['a'], extra: true } }

describe('merging two changes of one value', () => {
  it('names who changed what', () => {
    const found = differences(base, mine, theirs).map(({ path, by }) => [path.join('.'), by])
    expect(found).toEqual([
      ['name', 'theirs'],
      ['data.total', 'mine'],
      ['data.state', 'both'],
      ['data.extra', 'theirs'],
    ])
  })

  it.each(['mine', 'theirs'] as const)('keeps both, and %s where they contradict', (side) => {
    expect(merge(base, mine, theirs, () => side)).toEqual({
      name: 'B',
      data: { total: 2, state: side, tags: ['a'], extra: true },
    })
  })

  it('asks only about places that both changed in different ways', () => {
    const asked: string[] = []
    merge(base, { ...mine, name: 'B' }, theirs, (path) => (asked.push(path.join('.')), 'mine'))
    expect(asked).toEqual(['data.state'])
  })

  it('lets a removed key stay removed, and an untouched one with it', () => {
    expect(merge({ a: 1, b: 2 }, { b: 2 }, { a: 1, b: 3 }, () => 'mine')).toEqual({ b: 3 })
    expect(differences({ a: 1 }, {}, { a: 2 })).toEqual([{ path: ['a'], base: 1, mine: undefined, theirs: 2, by: 'both' }])
  })

  it('takes arrays, and values of different types, as wholes', () => {
    expect(differences([1, 2], [1, 3], [0, 2])).toHaveLength(1)
    expect(merge({ a: 1 }, { a: [1] }, { a: { b: 1 } }, () => 'theirs')).toEqual({ a: { b: 1 } })
  })

  it('makes a key of what is named __proto__', () => {
    const merged = merge({}, JSON.parse('{"__proto__": {"x": 1}}'), { y: 1 }, () => 'mine') as object
    expect(Object.keys(merged)).toEqual(['__proto__', 'y'])
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })

  it('does not mind the order of keys', () => {
    expect(isSame({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true)
    expect(isSame({ a: undefined }, { b: undefined })).toBe(false)
    expect(isSame([], {})).toBe(false)
  })
})
