import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { useKurrentDBStore } from '../../web/src/pinia'
import type { ValidationError } from '../../web/src/services'
import { toJsonText } from '../../web/src/services/json_text'
import { createTestingKurrentLite } from '../../web/src/testing'
import { failureOf, openSession } from './support'

const cyclic: Record<string, unknown> = { list: [{}] }
;(cyclic.list as unknown[])[0] = { back: cyclic }

/** Arguments that TypeScript refuses, too. */
type Anything = any
const overLimit = 'x'.repeat((16 << 20) + 1)
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

const badDocuments: [what: string, request: Anything, field: string][] = [
  ['an empty name', { name: '', data: 1 }, 'name'],
  ['a name of 257 characters', { name: 'x'.repeat(257), data: 1 }, 'name'],
  ['a name that is a number', { name: 42, data: 1 }, 'name'],
  ['no name', { data: 1 }, 'name'],
  ['a name with half a surrogate pair', { name: 'a\ud800', data: 1 }, 'name'],
  ['an empty id', { id: '', name: 'x', data: 1 }, 'id'],
  ['an id that is an object', { id: {}, name: 'x', data: 1 }, 'id'],
  ['an id with half a surrogate pair', { id: '\udc00', name: 'x', data: 1 }, 'id'],
  ['no data', { name: 'x' }, 'data'],
  ['data over 16 MiB', { name: 'x', data: overLimit }, 'data'],
  ['cyclic data', { name: 'x', data: cyclic }, 'data.list[0].back'],
  ['a BigInt as data', { name: 'x', data: 1n }, 'data'],
  ['a BigInt within data', { name: 'x', data: { a: [0, { b: 1n }] } }, 'data.a[1].b'],
  ['a function as data', { name: 'x', data: () => 1 }, 'data'],
  ['a symbol as data', { name: 'x', data: Symbol('s') }, 'data'],
  ['a __proto__ key', { name: 'x', data: JSON.parse('{"a":{"__proto__":{"polluted":true}}}') }, 'data.a.__proto__'],
  [
    'a constructor.prototype key',
    { name: 'x', data: { constructor: { prototype: {} } } },
    'data.constructor.prototype',
  ],
  ['a text with half a surrogate pair', { name: 'x', data: { text: '\ud83d!' } }, 'data.text'],
  ['data nested 600 levels deep', { name: 'x', data: deep(600) }, 'data'],
  ['data nested 20,000 levels deep', { name: 'x', data: deep(20_000) }, 'data'],
  ['tags that are no list', { name: 'x', data: 1, tags: 'a' }, 'tags'],
  ['a tag that is no text', { name: 'x', data: 1, tags: ['a', 2] }, 'tags[1]'],
  ['an owner that is no text', { name: 'x', data: 1, owner: 7 }, 'owner'],
  ['a description that is no text', { name: 'x', data: 1, description: ['a'] }, 'description'],
  ['permissions that are no lists', { name: 'x', data: 1, permissions: { read: 'ann' } }, 'permissions.read'],
  ['no object', 'name', 'request'],
  ['null', null, 'request'],
]

const badUserData: [what: string, given: Anything[], field: string][] = [
  ['an empty user', ['', { a: 1 }], 'userId'],
  ['a user that is a number', [7, { a: 1 }], 'userId'],
  ['no user', [undefined, { a: 1 }], 'userId'],
  ['an empty type', ['u', '', undefined, { a: 1 }], 'type'],
  ['a category that is a number', ['u', 't', 3, { a: 1 }], 'category'],
  ['data without a type that is no object', ['u', 'dark'], 'data'],
  ['no data', ['u', 't', 'c'], 'data'],
  ['a cycle', ['u', cyclic], 'data.list[0].back'],
  ['a BigInt', ['u', 't', undefined, 5n], 'data'],
  ['a __proto__ key', ['u', JSON.parse('{"__proto__":1}')], 'data.__proto__'],
  ['over 16 MiB', ['u', { text: overLimit }], 'data'],
  ['isPublic that is no boolean', [{ userId: 'u', data: 1, isPublic: 'yes' }], 'isPublic'],
  ['no request', [null], 'request'],
]

describe('bad input', () => {
  it.each(badDocuments)('to create a document: %s', async (_what, request, field) => {
    const session = openSession()
    const database = await session.openDatabase()
    await session.streams.create({ name: 'before', data: 1 })
    const head = database.head()
    const failure = await failureOf<ValidationError>(session.streams.create(request))
    expect(failure).toMatchObject({ name: 'ValidationError', type: 'validation-failed', field })
    expect(failure.violations.length).toBeGreaterThan(0)
    expect(failure.errors[field]).toBe(failure.violations[0]!.problem)
    expect(failure.message).toContain(field)
    expect(database.head()).toBe(head)
    expect((await session.streams.list()).total).toBe(1)
  })

  it.each(badDocuments.filter(([, request]) => request?.name === 'x' && 'data' in request && !('id' in request)))(
    'to update a document: %s',
    async (_what, { data, tags, owner: _owner, description, permissions }, field) => {
      if (field === 'owner') return
      const session = openSession()
      const database = await session.openDatabase()
      await session.streams.create({ id: 'a', name: 'before', data: 1 })
      const head = database.head()
      const changes = { data, tags, description, permissions }
      expect(await failureOf(session.streams.update('a', changes))).toMatchObject({ type: 'validation-failed', field })
      expect(database.head()).toBe(head)
    },
  )

  it.each(badUserData)('to store user data: %s', async (_what, given, field) => {
    const session = openSession()
    const database = await session.openDatabase()
    const store = session.users.store as (...given: unknown[]) => Promise<unknown>
    expect(await failureOf(store(...given))).toMatchObject({ type: 'validation-failed', field })
    expect(database.head()).toBe(0n)
  })

  it.each<[string, Anything, string]>([
    ['limit 0', { limit: 0 }, 'limit'],
    ['limit 1001', { limit: 1001 }, 'limit'],
    ['a limit that is text', { limit: '10' }, 'limit'],
    ['a negative offset', { offset: -1 }, 'offset'],
    ['an unknown status', { status: 'gone' }, 'status'],
    ['an unknown order', { sort: 'size' }, 'sort'],
    ['tags that are no list', { tags: 'a' }, 'tags'],
    ['no object', 'active', 'filter'],
  ])('to list documents: %s', async (_what, filter, field) => {
    expect(await failureOf(openSession().streams.list(filter))).toMatchObject({ type: 'validation-failed', field })
  })

  it('to get, delete and change by something that is no id', async () => {
    const { streams } = openSession()
    const bad: Anything[] = [undefined, null, 7, '', '\ud800', { id: 'a' }, 1n]
    for (const id of bad) {
      for (const attempt of [
        streams.get(id),
        streams.delete(id),
        streams.update(id, { data: 1 }),
        streams.archive(id),
      ]) {
        expect(await failureOf(attempt), String(id)).toMatchObject({ type: 'validation-failed', field: 'id' })
      }
    }
  })

  it('to the store: rejects the same way and sets `error`', async () => {
    const pinia = createTestingKurrentLite().attachTo(createPinia())
    setActivePinia(pinia)
    const store = useKurrentDBStore()
    const failure = await failureOf(store.createStream({ name: '', data: cyclic }))
    expect(failure).toMatchObject({ type: 'validation-failed', field: 'data.list[0].back' })
    expect(store.error).toBe(failure)
    expect(store.isLoading).toBe(false)
    const second = await failureOf(store.createStream({ name: '', data: 1 }))
    expect(store.error).toBe(second)
    expect(second).toMatchObject({ field: 'name' })
    expect(store.streams).toEqual([])
    store.clearError()
    expect(store.error).toBeNull()
  })

  it('does not reach prototypes', async () => {
    const { streams } = openSession()
    await failureOf(streams.create({ name: 'x', data: JSON.parse('{"__proto__":{"polluted":true}}') }))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    const plain = await streams.create({
      name: '__proto__',
      data: { constructor: 'text', prototype: 1, proto: 2 },
      tags: ['constructor'],
    })
    expect(plain.data).toEqual({ constructor: 'text', prototype: 1, proto: 2 })
  })
})

describe('JSON text', () => {
  it('is what JSON.stringify makes', () => {
    const value = {
      when: new Date(0),
      skip: undefined,
      list: [undefined, NaN],
      own: { toJSON: () => 'own' },
      shared: [cyclic.nothing],
    }
    expect(toJsonText(value, 'data')).toBe(JSON.stringify(value))
    const twice = { same: 1 }
    expect(toJsonText([twice, twice], 'data')).toBe('[{"same":1},{"same":1}]')
  })

  it('names the place also behind toJSON and lists', () => {
    const fieldOf = (value: unknown) => {
      try {
        return toJsonText(value, 'data')
      } catch (error) {
        return (error as ValidationError).field
      }
    }
    expect(fieldOf({ a: { toJSON: () => ({ b: [1, 2n] }) } })).toBe('data.a.b[1]')
    expect(fieldOf({ first: { x: 1 }, second: { y: [[], [1n]] } })).toBe('data.second.y[1][0]')
    expect(
      fieldOf({
        bad: {
          toJSON: () => {
            throw new Error('no')
          },
        },
      }),
    ).toMatch(/^data/)
    const self: unknown[] = []
    self.push(self)
    expect(fieldOf(self)).toBe('data[0]')
  })
})
