import { beforeAll, describe, expect, it } from 'vitest'
import { Session, ValidationError } from '../../web/src/services'
import { failureOf } from './support'

/*
 * Every method of the services that takes arguments, with arguments that it must refuse: with an error that names the place
 * and says what belongs there, before anything is written. What `create`, `update` and `store` refuse of data is in
 * validation.test.ts.
 */

/** Arguments that TypeScript refuses, too. */
type Anything = any
type Row = [call: string, make: (session: Session) => Promise<unknown>, ...fields: string[]]

const half = 'a\ud800'
const long = 'x'.repeat(257)
const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic
const any = (value: unknown): Anything => value

const changes: Row[] = [
  ['patch(undefined)', ({ streams }) => streams.patch(any(undefined), {}), 'id'],
  ['patch(5)', ({ streams }) => streams.patch(any(5), {}), 'id'],
  ['patch without a patch', ({ streams }) => streams.patch('a', any(undefined)), 'with'],
  ['patch with null', ({ streams }) => streams.patch('a', any(null)), 'with'],
  ['patch with a list', ({ streams }) => streams.patch('a', [1]), 'with'],
  ['patch with text', ({ streams }) => streams.patch('a', any('x')), 'with'],
  ['patch with a cycle', ({ streams }) => streams.patch('a', cyclic), 'with.self'],
  ['patch with a BigInt', ({ streams }) => streams.patch('a', { x: 1n }), 'with.x'],
  ['patch with __proto__', ({ streams }) => streams.patch('a', JSON.parse('{"__proto__":1}')), 'with.__proto__'],
  ['patch with half a pair', ({ streams }) => streams.patch('a', { x: half }), 'with.x'],
  ['patch at version 0', ({ streams }) => streams.patch('a', {}, { expectedVersion: 0 }), 'expectedVersion'],
  ['patch at version NaN', ({ streams }) => streams.patch('a', {}, { expectedVersion: NaN }), 'expectedVersion'],
  ['patch with options null', ({ streams }) => streams.patch('a', {}, any(null)), 'options'],
  ['update at version NaN', ({ streams }) => streams.update('a', { expectedVersion: NaN }), 'expectedVersion'],
  ['update at version Infinity', ({ streams }) => streams.update('a', { expectedVersion: Infinity }), 'expectedVersion'],
  ['update at version 1.5', ({ streams }) => streams.update('a', { expectedVersion: 1.5 }), 'expectedVersion'],
  ['update at version "1"', ({ streams }) => streams.update('a', any({ expectedVersion: '1' })), 'expectedVersion'],
  ['update at a BigInt', ({ streams }) => streams.update('a', any({ expectedVersion: 1n })), 'expectedVersion'],
  ['update with null', ({ streams }) => streams.update('a', any(null)), 'changes'],
  ['update with options null', ({ streams }) => streams.update('a', {}, any(null)), 'options'],
  ['update merging by no function', ({ streams }) => streams.update('a', {}, any({ onConflict: 5 })), 'options.onConflict'],
  ['patch merging by no function', ({ streams }) => streams.patch('a', {}, any({ onConflict: {} })), 'options.onConflict'],
  ['tag(half a pair)', ({ streams }) => streams.tag(half, {}), 'id'],
  ['tag without changes', ({ streams }) => streams.tag('a', any(undefined)), 'changes'],
  ['tag with text', ({ streams }) => streams.tag('a', any({ add: 'x' })), 'add'],
  ['tag with bad tags', ({ streams }) => streams.tag('a', { add: ['ok', ''], remove: [long] }), 'add[1]', 'remove[0]'],
  ['tag with a number', ({ streams }) => streams.tag('a', any({ add: [1] })), 'add[0]'],
  ['setPermissions(null)', ({ streams }) => streams.setPermissions(any(null), {}), 'id'],
  ['setPermissions to nothing', ({ streams }) => streams.setPermissions('a', any(undefined)), 'permissions'],
  ['setPermissions to null', ({ streams }) => streams.setPermissions('a', any(null)), 'permissions'],
  ['setPermissions to a list', ({ streams }) => streams.setPermissions('a', any([])), 'permissions'],
  ['setPermissions of no lists', ({ streams }) => streams.setPermissions('a', any({ read: 'ann' })), 'permissions.read'],
  ['setPermissions of nobody', ({ streams }) => streams.setPermissions('a', { admin: [''] }), 'permissions.admin[0]'],
  ['transferOwner to nothing', ({ streams }) => streams.transferOwner('a', any(undefined)), 'owner'],
  ['transferOwner to null', ({ streams }) => streams.transferOwner('a', any(null)), 'owner'],
  ['transferOwner to an empty name', ({ streams }) => streams.transferOwner('a', ''), 'owner'],
  ['transferOwner(an object)', ({ streams }) => streams.transferOwner(any({}), 'bob'), 'id'],
]

const steps = (...given: unknown[]) => ({ streams }: Session) => streams.transaction(given as Anything)
const good = { create: { id: 'new', name: 'N', data: 1 } }
const transactions: Row[] = [
  ['of nothing', ({ streams }) => streams.transaction(any(undefined)), 'steps'],
  ['of null', ({ streams }) => streams.transaction(any(null)), 'steps'],
  ['of an object', ({ streams }) => streams.transaction(any(good)), 'steps'],
  ['of no steps', steps(), 'steps'],
  ['of 1001 steps', steps(...Array.from({ length: 1001 }, () => ({ archive: 'a' }))), 'steps'],
  ['with null for a step', steps(good, null), 'steps[1]'],
  ['with a hole', steps(good, undefined), 'steps[1]'],
  ['with text for a step', steps('archive'), 'steps[0]'],
  ['with an unknown step', steps(good, { remove: 'a' }), 'steps[1].create'],
  ['with two things in a step', steps(good, { archive: 'a', delete: 'a' }), 'steps[1].delete'],
  ['with a creation and an update', steps({ ...good, update: 'a', data: 1 }), 'steps[0].update'],
  ['with a creation of text', steps({ create: 'a' }), 'steps[0].create'],
  ['creating without a name', steps(good, { create: { data: 1 } }), 'steps[1].create.name'],
  ['creating without data', steps({ create: { name: 'x' } }), 'steps[0].create.data'],
  ['creating with an empty id', steps({ create: { id: '', name: 'x', data: 1 } }), 'steps[0].create.id'],
  ['updating a number', steps({ update: 5, data: 1 }), 'steps[0].update'],
  ['updating at version NaN', steps(good, { update: 'a', expectedVersion: NaN }), 'steps[1].expectedVersion'],
  ['updating to a cycle', steps({ update: 'a', data: cyclic }), 'steps[0].data.self'],
  ['updating to __proto__', steps({ update: 'a', data: JSON.parse('{"__proto__":1}') }), 'steps[0].data.__proto__'],
  ['patching without a patch', steps({ patch: 'a' }), 'steps[0].with'],
  ['patching by text', steps({ patch: 'a', with: 'x' }), 'steps[0].with'],
  ['tagging by text', steps({ tag: 'a', add: 'x' }), 'steps[0].add'],
  ['of permissions of nothing', steps({ setPermissions: 'a' }), 'steps[0].permissions'],
  ['of an owner of nothing', steps({ transferOwner: 'a' }), 'steps[0].owner'],
  ['deleting an empty id', steps(good, { delete: '' }), 'steps[1].id'],
  ['with several bad steps', steps({ archive: 1 }, { patch: 'a' }), 'steps[0].archive', 'steps[1].with'],
]

const query = (given: unknown) => ({ streams }: Session) => streams.query(given as Anything)
const queries: Row[] = [
  ['null', query(null), 'query'],
  ['text', query('x'), 'query'],
  ['where: 5', query({ where: 5 }), 'where'],
  ['where: []', query({ where: [] }), 'where'],
  ['an unknown path', query({ where: { total: 1 } }), 'where.total'],
  ['an unknown operator', query({ where: { 'data.x': { above: 1 } } }), 'where.data.x.above'],
  ['a range of null', query({ where: { 'data.x': { gte: null, lt: 1 } } }), 'where.data.x.gte'],
  ['a BigInt', query({ where: { 'data.x': 1n } }), 'where.data.x'],
  ['a bad regular expression', query({ where: { name: { regex: '(' } } }), 'where.name.regex'],
  ['an invalid date', query({ where: { createdAt: { gte: new Date(NaN) } } }), 'where.createdAt.gte'],
  ['sort: 5', query({ sort: 5 }), 'sort[0]'],
  ['sort by an unknown path', query({ sort: ['id', 'size'] }), 'sort[1]'],
  ['sort by an empty path', query({ sort: ['-'] }), 'sort[0]'],
  ['select: "name"', query({ select: 'name' }), 'select'],
  ['select of an unknown path', query({ select: ['name', 'size'] }), 'select[1]'],
  ['limit 0', query({ limit: 0 }), 'limit'],
  ['limit 1001', query({ limit: 1001 }), 'limit'],
  ['limit NaN', query({ limit: NaN }), 'limit'],
  ['offset -1', query({ offset: -1 }), 'offset'],
  ['search: 5', query({ search: 5 }), 'search'],
  ['total: "yes"', query({ total: 'yes' }), 'total'],
  ['groupBy an unknown path', query({ groupBy: 'size' }), 'groupBy'],
  ['cursor: 5', query({ cursor: 5 }), 'cursor'],
  ['a cursor of something else', query({ cursor: 'bm90aGluZw' }), 'cursor'],
  ['a cursor that is garbage', query({ cursor: '\u0000' }), 'cursor'],
  ['explain(null)', ({ streams }) => streams.explain(any(null)), 'query'],
  ['explain an unknown path', ({ streams }) => streams.explain({ where: { total: 1 } as Anything }), 'where.total'],
  ['explain limit 1.5', ({ streams }) => streams.explain({ limit: 1.5 }), 'limit'],
  ['live of an unknown path', ({ streams }) => streams.live({ where: { total: 1 } as Anything }).ready(), 'where.total'],
  ['live by groups', ({ streams }) => streams.live(any({ groupBy: 'name' })).ready(), 'groupBy'],
  ['live limit 100,001', ({ streams }) => streams.live({ limit: 100_001 }).ready(), 'limit'],
  ['liveList limit 0', ({ streams }) => streams.liveList({ limit: 0 }).ready(), 'limit'],
  ['liveList limit NaN', ({ streams }) => streams.liveList({ limit: NaN }).ready(), 'limit'],
  ['liveList of an unknown status', ({ streams }) => streams.liveList(any({ status: 'gone' })).ready(), 'status'],
  ['list limit NaN', ({ streams }) => streams.list({ limit: NaN }), 'limit'],
  ['list offset 2^40', ({ streams }) => streams.list({ offset: 2 ** 40 }), 'offset'],
  ['resize(0)', async ({ streams }) => (await streams.live().ready()).resize(0), 'limit'],
  ['resize(NaN)', async ({ streams }) => (await streams.live().ready()).resize(NaN), 'limit'],
  ['resize(undefined)', async ({ streams }) => (await streams.live().ready()).resize(any(undefined)), 'limit'],
  ['resize(NaN) before it began', async ({ streams }) => streams.live().resize(NaN), 'limit'],
  ['resize(undefined) before it began', async ({ streams }) => streams.live().resize(any(undefined)), 'limit'],
]

const events = (given: unknown) => ({ events: service }: Session) => service.query(given as Anything)
const others: Row[] = [
  ['declareIndex(undefined)', ({ streams }) => streams.declareIndex(any(undefined)), 'path'],
  ['declareIndex of an unknown path', ({ streams }) => streams.declareIndex(any('size')), 'path'],
  ['declareIndex of a number', ({ streams }) => streams.declareIndex(any(5)), 'path'],
  ['declareIndex of kind 5', ({ streams }) => streams.declareIndex('name', any(5)), 'kind'],
  ['claimUnique(undefined)', ({ streams }) => streams.claimUnique(any(undefined)), 'kind'],
  ['claimUnique(null)', ({ streams }) => streams.claimUnique(any(null)), 'kind'],
  ['claimUnique of an unknown kind', ({ streams }) => streams.claimUnique('nothing'), 'kind'],
  ['history(undefined)', ({ streams }) => streams.history(any(undefined)), 'id'],
  ['history(an empty id)', ({ streams }) => streams.history(''), 'id'],
  ['history from 0', ({ streams }) => streams.history('a', { from: 0 }), 'from'],
  ['history from NaN', ({ streams }) => streams.history('a', { from: NaN }), 'from'],
  ['history limit 1001', ({ streams }) => streams.history('a', { limit: 1001 }), 'limit'],
  ['history options null', ({ streams }) => streams.history('a', any(null)), 'options'],
  ['at nothing', ({ streams }) => streams.at('a', any({})), 'version'],
  ['at undefined', ({ streams }) => streams.at('a', any(undefined)), 'moment'],
  ['at version 0', ({ streams }) => streams.at('a', { version: 0 }), 'version'],
  ['at version NaN', ({ streams }) => streams.at('a', { version: NaN }), 'version'],
  ['at both', ({ streams }) => streams.at('a', any({ version: 1, time: 1 })), 'time'],
  ['at an invalid date', ({ streams }) => streams.at('a', { time: new Date(NaN) }), 'time'],
  ['at Infinity', ({ streams }) => streams.at('a', { time: Infinity }), 'time'],
  ['at text', ({ streams }) => streams.at('a', any({ time: '2026-01-01' })), 'time'],
  ['at(null)', ({ streams }) => streams.at(any(null), { version: 1 }), 'id'],
  ['diff from -1', ({ streams }) => streams.diff('a', -1, 1), 'from'],
  ['diff to NaN', ({ streams }) => streams.diff('a', 0, NaN), 'to'],
  ['diff without versions', ({ streams }) => streams.diff('a', any(undefined), any(undefined)), 'from'],
  ['diff(5)', ({ streams }) => streams.diff(any(5), 0, 1), 'id'],
  ['events(5)', ({ streams }) => streams.events(any(5)), 'id'],
  ['events("")', ({ streams }) => streams.events(''), 'id'],
  ['events.query(null)', events(null), 'query'],
  ['events.query stream: 5', events({ stream: 5 }), 'stream'],
  ['events.query stream: ""', events({ stream: '' }), 'stream'],
  ['events.query of two scopes', events({ stream: 'a', category: 'b' }), 'category'],
  ['events.query of a document path', events({ where: { name: 'x' } }), 'where.name'],
  ['events.query sideways', events({ direction: 'sideways' }), 'direction'],
  ['events.query limit -1', events({ limit: -1 }), 'limit'],
  ['events.query limit NaN', events({ limit: NaN }), 'limit'],
  ['events.query scanMax 0', events({ scanMax: 0 }), 'scanMax'],
  ['events.query cursor: garbage', events({ cursor: 'garbage' }), 'cursor'],
  ['events.query groupBy: "size"', events({ groupBy: 'size' }), 'groupBy'],
  ['events.query systemEvents: 1', events({ systemEvents: 1 }), 'systemEvents'],
  ['users.events(5)', ({ users }) => users.events(any(5)), 'userId'],
  ['users.events of type 5', ({ users }) => users.events('u', any(5)), 'type'],
  ['users.delete(5)', ({ users }) => users.delete(any(5)), 'userId'],
  ['users.list(5)', ({ users }) => users.list(any(5)), 'userId'],
]

describe.each<[string, Row[]]>([
  ['changes of documents', changes],
  ['a transaction', transactions],
  ['queries', queries],
  ['what else there is', others],
])('bad arguments of %s', (_group, rows) => {
  let session: Session
  beforeAll(async () => {
    session = new Session({ env: {}, environment: 'test', sync: false })
    await session.streams.create({ id: 'a', name: 'A', data: { x: 1 } })
    await session.users.store('u', { x: 1 })
    return () => session.dispose()
  })

  it.each(rows)('%s', async (_call, make, ...fields) => {
    const database = await session.openDatabase()
    const head = database.head()
    const before = await session.streams.list()
    const error = await failureOf<ValidationError>(Promise.resolve().then(() => make(session)))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.violations.map(({ field }) => field)).toEqual(expect.arrayContaining(fields))
    for (const { field, problem } of error.violations) {
      expect(error.message).toContain(field)
      expect(problem.length).toBeGreaterThan(8)
    }
    expect(database.head()).toBe(head)
    expect(await session.streams.list()).toEqual(before)
  })
})
