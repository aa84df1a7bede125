import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { databaseOf } from '../../web/src'
import { jsonEvent, KurrentDBClient } from '../../web/src/client'
import {
  defineKind,
  type JsonSchema,
  type KindData,
  type SanitizedData,
  type SchemaInput,
  type StandardSchemaV1,
  type ValidationError,
  withSchemas,
} from '../../web/src/services'
import { mergePatch } from '../../web/src/services/document_guard'
import { checkSchema } from '../../web/src/services/validation/schema'
import { failureOf, openSession } from './support'

/** What a schema says about data: places and problems. */
async function problemsOf(schema: JsonSchema | StandardSchemaV1, data: unknown): Promise<string[]> {
  const { violations } = await checkSchema(schema, data, 'data', 'kinds.x.schema')
  return violations.map(({ field, problem }) => `${field} ${problem}`)
}

const customer = {
  type: 'object',
  required: ['name', 'profile'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    profile: { type: 'object', properties: { age: { type: 'integer', minimum: 0 } } },
    items: { type: 'array', items: { $ref: '#/$defs/item' }, maxItems: 3 },
  },
  $defs: { item: { type: 'object', required: ['sku'], properties: { sku: { type: 'string', pattern: '^[A-Z]+$' } } } },
} as const satisfies JsonSchema

describe('a JSON Schema', () => {
  it('lists every failing path', async () => {
    const data = { profile: { age: -1 }, items: [{ sku: 'A' }, {}, { sku: 'b' }], 'not/known': 1 }
    expect(await problemsOf(customer, data)).toEqual([
      'data.name is missing.',
      'data.profile.age must not be less than 0.',
      'data.items[1].sku is missing.',
      'data.items[2].sku does not match the pattern.',
      'data.not/known is not allowed.',
    ])
    expect(await problemsOf(customer, { name: 'Ann', profile: {} })).toEqual([])
  })

  it.each<[string, JsonSchema, unknown, string[]]>([
    ['type', { type: ['string', 'null'] }, 1, ['data must be of type string or null, not number.']],
    ['const', { const: { a: 1 } }, 1, ['data must be {"a":1}.']],
    ['enum', { enum: ['a', 1] }, 'b', ['data must be one of "a",1.']],
    ['exclusive limits', { exclusiveMinimum: 1, exclusiveMaximum: 1 }, 1, ['data must be greater than 1.', 'data must be less than 1.']],
    ['maximum', { maximum: 1 }, 2.5, ['data must not be greater than 1.']],
    ['multipleOf', { multipleOf: 0.01 }, 0.015, ['data must be a multiple of 0.01.']],
    ['lengths', { maxLength: 1 }, '😀a', ['data is too long: 2 characters, the limit being 1.']],
    ['items', { minItems: 1, contains: { const: 1 } }, [], ['data has too few items: 0, the limit being 1.', 'data must contain an item of the kind that the schema wants.']],
    ['uniqueItems', { uniqueItems: true }, [1, { a: 1 }, { a: 1 }], ['data must not repeat items: [1] and [2] are the same.']],
    ['keys', { maxProperties: 1, propertyNames: { pattern: '^a' } }, { a: 1, b: 2 }, ['data must have at most 1 keys.', 'data.b has a name that is not allowed.']],
    ['dependencies', { dependentRequired: { a: ['b'] } }, { a: 1 }, ['data must have "b", because it has "a".']],
    ['anyOf', { anyOf: [{ type: 'string' }, { required: ['a'] }] }, {}, ['data matches none of the alternatives.', 'data must be of type string, not object.', 'data.a is missing.']],
    ['if', { if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }, ['data.b is missing.']],
    ['not', { not: { type: 'null' } }, null, ['data is what the schema forbids.']],
    ['unevaluated', { allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, { a: 1, b: 1 }, ['data.b is not allowed.']],
    ['format', { format: 'email' }, 'no', ['data must have the format email.']],
    ['an unknown format', { format: 'shoe-size' }, 'no', []],
    ['false', false, 1, ['data is not allowed.']],
    ['prefixItems', { prefixItems: [{ type: 'number' }], items: false }, ['a', 1], ['data[0] must be of type number, not string.', 'data[1] is not allowed.']],
    ['the items of draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'number' }], additionalItems: false }, ['a', 1], ['data[0] must be of type number, not string.', 'data[1] is not allowed.']],
    ['a $ref of draft-07, whose neighbours do not count', { $schema: 'http://json-schema.org/draft-07/schema', properties: { a: { $ref: '#/definitions/n', type: 'string' } }, definitions: { n: { type: 'number' } } }, { a: 1 }, []],
    ['the same in 2020-12', { properties: { a: { $ref: '#/$defs/n', type: 'string' } }, $defs: { n: { type: 'number' } } }, { a: 1 }, ['data.a must be of type string, not number.']],
  ])('%s', async (_what, schema, data, problems) => {
    expect(await problemsOf(schema, data)).toEqual(problems)
  })

  it('is about the JSON of the data, and stays as it is', async () => {
    const schema = Object.freeze({ properties: Object.freeze({ at: Object.freeze({ type: 'string', format: 'date-time' }) }) })
    expect(await problemsOf(schema, { at: new Date(0), gone: undefined })).toEqual([])
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    expect(await failureOf(problemsOf(schema, cyclic))).toMatchObject({ field: 'data.self' })
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)
    const tree = { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }
    expect(await failureOf(problemsOf(tree, deep))).toMatchObject({ field: 'data', message: expect.stringContaining('nested too deeply') })
    expect(await problemsOf(tree, JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`))).toEqual([])
    expect(await problemsOf({ additionalProperties: false }, { '\ud800': 1 })).toEqual(['data has a key that is not well-formed Unicode.'])
  })

  it.each<[string, JsonSchema, string]>([
    ['a misspelt type', { properties: { a: { type: 'strng' } } }, 'kinds.x.schema#/properties/a/type'],
    ['a broken pattern', { items: { pattern: '(' } }, 'kinds.x.schema#/items/pattern'],
    ['a broken key pattern', { patternProperties: { '[': {} } }, 'kinds.x.schema#/patternProperties/['],
    ['a limit that is text', { anyOf: [{ maxLength: '3' }] }, 'kinds.x.schema#/anyOf/0/maxLength'],
    ['a schema that is none', { properties: { a: 'string' } }, 'kinds.x.schema#/properties'],
    ['a reference to nowhere', { $ref: '#/$defs/none' }, 'kinds.x.schema'],
    ['what the library does not know', { $dynamicRef: '#node' }, 'kinds.x.schema#/$dynamicRef'],
    ['an unknown draft', { $schema: 'https://json-schema.org/draft-99' }, 'kinds.x.schema#/$schema'],
  ])('that is wrong is told to whoever declares it: %s', async (_what, schema, field) => {
    const failure = await failureOf<Error & { violations: unknown[] }>(problemsOf(schema, {}))
    expect(failure).toMatchObject({ name: 'ConfigError', violations: [{ field }] })
  })

  it('may have properties that are called like keywords', async () => {
    const schema = { properties: { type: { type: 'string' }, pattern: { const: '(' }, required: { enum: [true] } }, default: { type: 'x' } }
    expect(await problemsOf(schema, { type: 'a', pattern: '(', required: true })).toEqual([])
    expect(await problemsOf(schema, { type: 1 })).toEqual(['data.type must be of type string, not number.'])
  })
})

const profile = v.object({
  name: v.pipe(v.string(), v.minLength(1, 'must not be empty.')),
  age: v.optional(v.number(), 18),
  items: v.optional(v.array(v.object({ sku: v.string() }))),
})

describe('a Standard Schema', () => {
  it('names every place, and its output is what is stored', async () => {
    const problems = await problemsOf(profile, { name: '', age: 'x', items: [{ sku: 'A' }, { sku: 1 }] })
    expect(problems).toHaveLength(3)
    expect(problems[0]).toBe('data.name must not be empty.')
    expect(problems[1]).toMatch(/^data\.age /)
    expect(problems[2]).toMatch(/^data\.items\[1\]\.sku /)
    const session = openSession({ kinds: { '*': { schema: profile } } })
    const created = await session.streams.create({ name: 'A', data: { name: 'Ann' } })
    expect(created.data).toEqual({ name: 'Ann', age: 18 })
    expect(await session.streams.get(created.id)).toEqual(created)
  })

  it('may be asynchronous, a function, or fail', async () => {
    const slow = v.objectAsync({ id: v.pipeAsync(v.string(), v.checkAsync(async (id) => id !== 'taken', 'is taken.')) })
    expect(await problemsOf(slow, { id: 'taken' })).toEqual(['data.id is taken.'])
    const callable = Object.assign(() => 0, { '~standard': profile['~standard'] })
    expect(await problemsOf(callable as never, { name: 'Ann' })).toEqual([])
    const failing: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'test', validate: () => { throw new Error('broken') } } }
    expect(await failureOf(problemsOf(failing, 1))).toMatchObject({ type: 'unexpected', message: expect.stringContaining('broken') })
  })

  it('gives the type of the data', () => {
    const kind = defineKind({ schema: profile })
    expectTypeOf<KindData<typeof kind>>().toEqualTypeOf<{ name: string; age: number; items?: { sku: string }[] | undefined }>()
    expectTypeOf<SchemaInput<typeof profile>>().toEqualTypeOf<{ name: string; age?: number | undefined; items?: { sku: string }[] | undefined }>()
    const untyped = defineKind({ schema: customer, sanitize: true })
    expectTypeOf<KindData<typeof untyped>>().toEqualTypeOf<unknown>()
    // @ts-expect-error there is no such rule
    defineKind({ sanitize: { triim: true } })
  })
})

describe('documents', () => {
  it('are sanitized, then checked, then written; what is refused leaves no event', async () => {
    const told: SanitizedData[] = []
    const session = openSession({
      kinds: { '*': { schema: customer, sanitize: { trim: true, redact: ['password'] } } },
      onSanitized: (sanitized) => told.push(sanitized),
    })
    const created = await session.streams.create({ id: 'c', name: 'C', data: { name: ' Ann ', profile: {} } })
    expect(created.data).toEqual({ name: 'Ann', profile: {} })
    expect(told).toEqual([{ subject: 'document', id: 'c', changes: [{ path: 'data.name', rule: 'trim', detail: '2 characters taken off the ends' }] }])
    expect(session.sanitized).toEqual(told[0])

    const database = await session.openDatabase()
    const head = database.head()
    const failure = await failureOf<ValidationError>(session.streams.update('c', { data: { name: '  ', profile: { age: 1.5 } } }))
    expect(failure).toMatchObject({ type: 'validation-failed', field: 'data.name' })
    expect(failure.violations.map(({ field }) => field)).toEqual(['data.name', 'data.profile.age'])
    expect(await failureOf(session.streams.create({ name: 'D', data: 1 }))).toMatchObject({ field: 'data' })
    expect(database.head()).toBe(head)
    expect(told).toHaveLength(2)

    const updated = await session.streams.update('c', { data: { name: 'Bob', profile: { password: 'secret' } }, tags: ['x'] })
    expect(updated.data).toEqual({ name: 'Bob', profile: { password: '[redacted]' } })
    const written = database.readEvents('document-c').map(({ data }) => JSON.stringify(data))
    expect(written.join()).not.toContain('secret')
    expect((await session.streams.update('c', { tags: [] })).metadata.tags).toEqual([])
  })

  it('tell the session\'s listeners, and warn once where nobody asked', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const session = openSession({ kinds: { '*': { sanitize: true } } })
    const listener = vi.fn()
    session.on('sanitized', listener)
    await session.streams.create({ name: 'A', data: ' a ' })
    await session.streams.create({ name: 'B', data: ' b ' })
    await session.streams.create({ name: 'C', data: 'c' })
    expect(listener).toHaveBeenCalledTimes(2)
    expect(warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('sanitized'))).toHaveLength(1)
  })

  it('are not written when who is told objects', async () => {
    const refuse = (): never => { throw new Error('we do not do that here') }
    const session = openSession({ kinds: { '*': { sanitize: true, onSanitized: refuse } } })
    expect(await failureOf(session.streams.create({ id: 'a', name: 'A', data: ' a ' }))).toMatchObject({ message: 'we do not do that here' })
    expect(await session.streams.get('a')).toBeNull()
  })

  it('whose rules are wrong are not written, and the declaration is named', async () => {
    const session = openSession({ kinds: { '*': { sanitize: { trim: 1 } as never } } })
    expect(await failureOf(session.streams.create({ name: 'A', data: 1 }))).toMatchObject({
      name: 'ConfigError',
      violations: [{ field: 'kinds.*.sanitize.trim' }],
    })
  })

  it('prototype keys are dropped where that is declared', async () => {
    const { streams } = openSession({ kinds: { '*': { sanitize: { dropPrototypeKeys: true } } }, onSanitized: () => undefined })
    const created = await streams.create({ name: 'A', data: JSON.parse('{"a":{"__proto__":{"polluted":true},"b":1}}') })
    expect(created.data).toEqual({ a: { b: 1 } })
  })
})

describe('documents of a kind', () => {
  const counter = { type: 'object', required: ['count'], properties: { count: { type: 'integer' }, note: { type: 'string' } } }
  const kinds = { counter: { schema: counter, sanitize: { trim: true } }, person: { schema: profile } } as const
  const opened = () => openSession({ kinds, onSanitized: () => undefined })

  it('follow its rules when they are made, changed and patched; others do not', async () => {
    const { streams } = opened()
    await streams.create({ id: 'free', name: 'F', data: { count: 'x ' } })
    expect(await failureOf(streams.create({ kind: 'counter', name: 'C', data: { count: 'x' } }))).toMatchObject({ field: 'data.count' })
    await streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    expect(await failureOf(streams.update('c', { data: {} }))).toMatchObject({ field: 'data.count' })
    expect(await failureOf(streams.patch('c', { count: null }))).toMatchObject({ field: 'data.count' })
    expect((await streams.patch('c', { note: ' hi ' })).data).toEqual({ count: 1, note: 'hi' })
    expect((await streams.patch('free', { count: ' y ' })).data).toEqual({ count: ' y ' })
    expect(await failureOf(streams.patch('none', { count: 1 }))).toMatchObject({ type: 'document-not-found' })
  })

  it('a patch is written as a patch, unless the schema makes something else of the outcome', async () => {
    const session = opened()
    await session.streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    await session.streams.patch('c', { note: 'x' })
    await session.streams.create({ id: 'p', kind: 'person', name: 'P', data: { name: 'Ann' } })
    expect((await session.streams.patch('p', { name: 'Bob', extra: 1 })).data).toEqual({ name: 'Bob', age: 18 })
    const types = (await session.openDatabase()).readAllEvents().map(({ type }) => type)
    expect(types).toEqual(['document-created', 'document-patched', 'document-created', 'document-updated'])
  })

  it('patches at once all happen, each checked against what is there', async () => {
    const session = opened()
    const database = session.openDatabase()
    const others = [session, openSession({ kinds, database }), openSession({ kinds, database })]
    await session.streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 0 } })
    const patches = others.flatMap(({ streams }, i) => [1, 2, 3].map((j) => streams.patch('c', { [`k${i}${j}`]: true })))
    await Promise.all(patches)
    const found = await session.streams.get<object>('c')
    expect(found?.metadata.version).toBe(10)
    expect(Object.keys(found!.data)).toHaveLength(10)
    const stale = session.streams.patch('c', { count: 5 }, { expectedVersion: 3 })
    expect(await failureOf(stale)).toMatchObject({ type: 'stream-conflict', expectedVersion: 3, actualVersion: 10 })
  })

  it('cost nothing for kinds that declare other things', async () => {
    const session = openSession({ kinds: { counter: { checks: [{ name: 'positive', where: { 'data.count': { gte: 0 } } }] } } })
    const call = vi.spyOn(session, 'call')
    await session.streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    await session.streams.patch('c', { count: 2 })
    await session.streams.update('c', { data: { count: 3 } })
    await session.streams.transaction([{ patch: 'c', with: { count: 4 } }])
    expect(call.mock.calls.map(([operation]) => operation)).toEqual(['createStream', 'patchStream', 'updateStream', 'runStreamTransaction'])
  })

  it('the caller merges conflicts, and what comes of it is checked too', async () => {
    const { streams } = opened()
    await streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    await streams.patch('c', { count: 2 })
    const onConflict = () => ({ data: { count: ' 3' } })
    const merged = streams.update<object>('c', { data: { count: 9 }, expectedVersion: 1 }, { onConflict })
    expect(await failureOf(merged)).toMatchObject({ field: 'data.count' })
  })

  it('transactions follow them, step by step, and name every bad step', async () => {
    const told = vi.fn()
    const session = openSession({ kinds, onSanitized: told })
    const { streams } = session
    await streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    const bad = streams.transaction([
      { create: { kind: 'counter', name: 'D', data: {} } },
      { patch: 'c', with: { count: 'x' } },
      { update: 'c', data: { count: 1.5 } },
      { tag: 'c', add: ['x'] },
    ])
    expect((await failureOf<ValidationError>(bad)).violations.map(({ field }) => field)).toEqual([
      'steps[0].create.data.count',
      'steps[1].data.count',
      'steps[2].data.count',
    ])
    expect((await streams.get('c'))?.metadata.version).toBe(1)
    const done = await streams.transaction([
      { create: { id: 'd', kind: 'counter', name: 'D', data: { count: 0, note: ' n ' } } },
      { patch: 'd', with: { count: 4 } },
      { patch: 'c', with: { note: ' m' } },
      { create: { id: 'p', kind: 'person', name: 'P', data: { name: 'Ann' } } },
      { patch: 'p', with: { name: 'Bob' } },
    ])
    expect(done.map(({ data }) => data)).toEqual([
      { count: 4, note: 'n' },
      { count: 4, note: 'n' },
      { count: 1, note: 'm' },
      { name: 'Bob', age: 18 },
      { name: 'Bob', age: 18 },
    ])
    expect(told.mock.calls.map(([{ changes }]) => changes[0].path)).toEqual(['steps[0].create.data.note', 'steps[2].data.note'])
  })

  it('transactions begin anew when what they patch was changed', async () => {
    const session = opened()
    const other = openSession({ kinds, database: session.openDatabase() })
    await session.streams.create({ id: 'c', kind: 'counter', name: 'C', data: { count: 1 } })
    const call = session.call.bind(session)
    let reads = 0
    vi.spyOn(session, 'call').mockImplementation(async (...given) => {
      const answer = await call(...given)
      if (given[0] === 'getStream' && reads++ === 0) await other.streams.patch('c', { count: 2 })
      return answer
    })
    const [changed] = await session.streams.transaction([{ patch: 'c', with: { note: 'n' } }])
    expect(changed).toMatchObject({ data: { count: 2, note: 'n' }, metadata: { version: 3 } })
    expect(reads).toBe(2)
  })
})

describe('merge patches', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 1 }, { a: null }, { b: 1 }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [['a'], { b: 'c' }, { b: 'c' }],
    [{ a: 1 }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j and %j make %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged)
  })
})

describe('user data', () => {
  const rules = { settings: { schema: { type: 'object', properties: { size: { type: 'integer' }, theme: { type: 'string' } } }, sanitize: { trim: true } } } as const
  const options = { userData: rules, onSanitized: () => undefined }

  it('follow the rules of their type', async () => {
    const { users } = openSession(options)
    expect((await users.store('u', 'settings', null, { size: 1, theme: ' dark ' })).data).toEqual({ size: 1, theme: 'dark' })
    expect(await failureOf(users.store('u', 'settings', null, { size: 1.5 }))).toMatchObject({ field: 'data.size' })
    expect((await users.store('u', 'other', null, { size: ' 1.5 ' })).data).toEqual({ size: ' 1.5 ' })
    expect((await users.store('u', { size: ' 1.5 ' })).data).toEqual({ size: ' 1.5 ' })
  })

  it('are checked after the merge of an update', async () => {
    const { users } = openSession(options)
    await users.store('u', 'settings', null, { size: 1, theme: 'dark' })
    expect((await users.update('u', 'settings', { theme: ' light ' })).data).toEqual({ size: 1, theme: 'light' })
    expect(await failureOf(users.update('u', 'settings', { size: 'x' }))).toMatchObject({ field: 'data.size' })
    expect(await failureOf(users.update('v', 'settings', { size: 1 }))).toMatchObject({ type: 'document-not-found' })
    expect((await users.get('u', 'settings'))?.version).toBe(2)
  })

  it('are checked against what is there when they are written', async () => {
    const schema = { dependentRequired: { b: ['a'] } }
    const session = openSession({ userData: { data: { schema } } })
    const other = openSession({ database: session.openDatabase() })
    await session.users.store('u', { a: 1 })
    let removals = 0
    const call = session.call.bind(session)
    vi.spyOn(session, 'call').mockImplementation(async (operation, json) => {
      const answer = await call(operation, json)
      if (operation === 'getUserData' && removals++ === 0) await other.users.store('u', {})
      return answer
    })
    expect(await failureOf(session.users.update('u', { b: 2 }))).toMatchObject({ type: 'validation-failed', field: 'data' })
    expect(removals).toBe(2)
    expect((await other.users.get('u'))?.data).toEqual({})
  })

  it('an update stores what a Standard Schema makes of the outcome', async () => {
    const { users } = openSession({ userData: { '*': { schema: profile } } })
    await users.store({ userId: 'u', data: { name: 'Ann' }, isPublic: true })
    const updated = await users.update('u', { name: 'Bob' })
    expect(updated).toMatchObject({ data: { name: 'Bob', age: 18 }, version: 2, isPublic: true })
  })
})

describe('events', () => {
  const schemas = {
    OrderPlaced: v.object({ total: v.pipe(v.number(), v.minValue(0, 'must not be negative.')), currency: v.optional(v.string(), 'EUR') }),
    OrderNoted: { schema: { required: ['text'] }, sanitize: { trim: true } },
  }
  const placed = (total: unknown) => jsonEvent({ type: 'OrderPlaced', data: { total } as never })

  async function dataIn(client: Pick<KurrentDBClient, 'readStream'>, stream: string): Promise<unknown[]> {
    const data: unknown[] = []
    for await (const { event } of client.readStream(stream)) data.push(event!.data)
    return data
  }

  it('are checked by type when the session appends them', async () => {
    const told: SanitizedData[] = []
    const { client } = openSession({ eventSchemas: schemas, onSanitized: (sanitized) => told.push(sanitized) })
    const given = placed(3)
    await client.appendToStream('order-1', given)
    await client.appendToStream('order-1', [jsonEvent({ type: 'OrderNoted', data: { text: ' hi ' } }), jsonEvent({ type: 'Other', data: { x: ' y ' } })])
    expect(await dataIn(client, 'order-1')).toEqual([{ total: 3, currency: 'EUR' }, { text: 'hi' }, { x: ' y ' }])
    expect(given.data).toEqual({ total: 3 })
    expect(told).toEqual([{ subject: 'event', kind: 'OrderNoted', id: 'order-1', changes: [expect.objectContaining({ path: 'events[0].data.text' })] }])

    expect(await failureOf(client.appendToStream('order-1', placed(-1)))).toMatchObject({ type: 'validation-failed', violations: [{ field: 'data.total' }] })
    const several = client.appendToStream('order-1', [placed(1), placed(-1), jsonEvent({ type: 'OrderNoted', data: {} })])
    expect((await failureOf<ValidationError>(several)).violations.map(({ field }) => field)).toEqual(['events[1].data.total', 'events[2].data.text'])
    expect(await dataIn(client, 'order-1')).toHaveLength(3)
  })

  it('go to a client that is the session\'s own in every other way', async () => {
    const session = openSession({ eventSchemas: schemas })
    await session.client.appendToStream('order-1', placed(1))
    const database = databaseOf(session.client)
    expect(database).toBe(databaseOf(await session.openClient()))
    await session.switchEnvironment('staging')
    await session.client.appendToStream('order-2', placed(1))
    expect(await dataIn(session.client, 'order-2')).toEqual([{ total: 1, currency: 'EUR' }])
  })

  it('of several streams are checked too', async () => {
    const { client } = openSession({ eventSchemas: schemas })
    const requests = (total: number) => ['a', 'b'].map((streamName) => ({ streamName, events: [placed(total)], expectedState: 'no_stream' as const }))
    expect(await failureOf(client.multiStreamAppend(requests(-1)))).toMatchObject({
      violations: [{ field: 'requests[0].events[0].data.total' }, { field: 'requests[1].events[0].data.total' }],
    })
    await client.multiStreamAppend(requests(1))
    expect(await dataIn(client, 'b')).toEqual([{ total: 1, currency: 'EUR' }])
    const records = [{ streamName: 'c', record: placed(1) }, { streamName: 'd', record: placed(-2) }]
    expect(await failureOf(client.appendRecords(records))).toMatchObject({ violations: [{ field: 'records[1].record.data.total' }] })
    await client.appendRecords(records.slice(0, 1))
    expect(await dataIn(client, 'c')).toEqual([{ total: 1, currency: 'EUR' }])
  })

  it('any client can be wrapped, and is the same otherwise', async () => {
    const client = KurrentDBClient.connectionString`kurrentdb://schemas.test:2113?tls=false`
    const checked = withSchemas(client, schemas)
    expectTypeOf(checked).toEqualTypeOf<KurrentDBClient>()
    expect(checked).toBeInstanceOf(KurrentDBClient)
    expect(checked.readStream).toBe(checked.readStream)
    await checked.appendToStream('order-1', placed(1), { streamState: 'no_stream' })
    expect(await failureOf(checked.appendToStream('order-1', placed('x')))).toMatchObject({ type: 'validation-failed' })
    await client.appendToStream('order-1', placed('x'))
    expect(await dataIn(checked, 'order-1')).toEqual([{ total: 1, currency: 'EUR' }, { total: 'x' }])
    await checked.dispose()
  })
})

describe('under a strict content security policy', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('nothing in the package makes code of text', () => {
    const dist = new URL('../../dist/', import.meta.url)
    const scripts = readdirSync(dist).filter((file) => /\.(js|cjs)$/.test(file))
    const texts = scripts.map((file) => [file, readFileSync(new URL(file, dist), 'utf8')] as const)
    expect(texts.length).toBeGreaterThan(10)
    expect(texts.some(([, text]) => text.includes('unevaluatedProperties'))).toBe(true)
    const found = texts.filter(([, text]) => /(^|[^.\w$])(eval\(|Function\()|new Function\b/.test(text)).map(([file]) => file)
    expect(found).toEqual([])
  })

  it('the part for JSON Schemas is loaded only with them', () => {
    const dist = new URL('../../dist/', import.meta.url)
    const holds = (file: string) => readFileSync(new URL(file, dist), 'utf8').includes('unevaluatedProperties')
    const [chunk, ...more] = readdirSync(dist).filter((file) => file.endsWith('.js') && holds(file))
    expect(more).toEqual([])
    const scripts = readdirSync(dist).filter((file) => file.endsWith('.js'))
    const importers = scripts.filter((file) => readFileSync(new URL(file, dist), 'utf8').includes(chunk!))
    expect(importers.length).toBeGreaterThan(0)
    for (const file of importers) {
      expect(readFileSync(new URL(file, dist), 'utf8')).not.toMatch(new RegExp(`(from|import)\\s*"\\./${chunk}`))
    }
  })

  it('schemas are checked without eval', async () => {
    vi.stubGlobal('eval', () => { throw new Error('eval') })
    vi.stubGlobal('Function', () => { throw new Error('Function') })
    expect(await problemsOf({ type: 'object', properties: { a: { format: 'uri' } } }, { a: 'x' })).toHaveLength(1)
  })
})
