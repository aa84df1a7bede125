import { describe, expect, it } from 'vitest'
import {
  DocumentNotFoundError,
  errorFromJSON,
  PermissionDeniedError,
  StreamConflictError,
  ValidationError,
} from '../../web/src/services'
import { failureOf, openSession } from './support'

describe('a document', () => {
  it('has a kind, by which it is listed', async () => {
    const { streams } = openSession()
    const ann = await streams.create({ id: 'ann', kind: 'customer', name: 'Ann', data: {} })
    await streams.create({ id: 'o1', name: 'Order', data: {} })
    expect(ann.kind).toBe('customer')
    expect((await streams.list({ kind: 'customer' })).items).toEqual([ann])
    expect(await streams.get('o1')).not.toHaveProperty('kind')
    expect((await failureOf<ValidationError>(streams.create({ kind: '', name: 'N', data: 1 }))).field).toBe('kind')
  })

  it('is renamed, patched, tagged and given away, each by an event of its own', async () => {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', data: { keep: 1, drop: 2, deep: { x: 1, y: [1] } }, owner: 'ann' })
    expect((await streams.update('a', { name: 'B' })).name).toBe('B')
    const patched = await streams.patch('a', { drop: null, deep: { y: [2], z: {} }, added: '€' })
    expect(patched.data).toEqual({ keep: 1, deep: { x: 1, y: [2], z: {} }, added: '€' })
    expect((await streams.tag('a', { add: ['x', 'y'] })).metadata.tags).toEqual(['x', 'y'])
    expect((await streams.tag('a', { add: ['z', 'y'], remove: ['x'] })).metadata.tags).toEqual(['y', 'z'])
    expect((await streams.setPermissions('a', { write: ['ann', 'eve'] })).permissions.write).toEqual(['ann', 'eve'])
    const given = await streams.transferOwner('a', 'bob')
    expect(given.metadata.owner).toBe('bob')
    expect(given.permissions).toEqual({ read: ['*'], write: ['bob', 'eve'], admin: ['bob'] })
    expect(await streams.get('a')).toEqual(given)
    const { items } = await streams.history('a')
    expect(items.map(({ change, fields }) => [change, ...fields])).toEqual([
      ['owner-changed', 'owner', 'permissions'],
      ['permissions-changed', 'permissions'],
      ['tagged', 'tags'],
      ['tagged', 'tags'],
      ['patched', 'data'],
      ['updated', 'name'],
      ['created', 'name', 'data', 'owner', 'permissions'],
    ])
    expect((await streams.events('a')).at(-3)).toMatchObject({ type: 'document-tagged', data: { add: ['z', 'y'], remove: ['x'] } })
  })

  it('is not written to by a change that changes nothing', async () => {
    const { streams } = openSession()
    const { metadata } = await streams.create({ id: 'a', name: 'A', data: {}, tags: ['x'], owner: 'ann' })
    await streams.tag('a', { add: ['x'], remove: ['never there'] })
    await streams.setPermissions('a', { read: ['*'] })
    await streams.transferOwner('a', 'ann')
    await streams.restore('a')
    expect((await streams.get('a'))?.metadata).toEqual(metadata)
  })

  it('refuses what is no patch, no tag and no owner', async () => {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', data: {} })
    expect((await failureOf<ValidationError>(streams.patch('a', [1]))).field).toBe('with')
    expect((await failureOf<ValidationError>(streams.patch('a', JSON.parse('{"__proto__":{}}')))).field).toBe('with.__proto__')
    expect((await failureOf<ValidationError>(streams.tag('a', { add: ['', 'x'] }))).field).toBe('add[0]')
    expect((await failureOf<ValidationError>(streams.transferOwner('a', ''))).field).toBe('owner')
    expect(await failureOf(streams.patch('b', {}))).toBeInstanceOf(DocumentNotFoundError)
    expect((await streams.get('a'))?.metadata.version).toBe(1)
  })
})

describe('two changes that meet', () => {
  async function conflicting() {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', data: { total: 1 } })
    await streams.update('a', { data: { total: 2 } })
    await streams.update('a', { tags: ['theirs'] })
    return streams
  }

  it('fail with both versions', async () => {
    const streams = await conflicting()
    const error = await failureOf<StreamConflictError>(streams.update('a', { data: { total: 5 }, expectedVersion: 2 }))
    expect(error).toBeInstanceOf(StreamConflictError)
    expect(error).toMatchObject({ id: 'a', expectedVersion: 2, actualVersion: 3 })
    expect(error.base).toEqual(await streams.at('a', { version: 2 }))
    expect(error.theirs).toEqual(await streams.get('a'))
    const revived = errorFromJSON(JSON.parse(JSON.stringify(error.toJSON())) as Record<string, unknown>)
    expect(revived).toMatchObject({ base: error.base, theirs: error.theirs })
  })

  it('are merged by who is asked, as often as it takes', async () => {
    const streams = await conflicting()
    let asked = 0
    const merged = await streams.update<{ total: number }>(
      'a',
      { data: { total: 5 }, expectedVersion: 1 },
      {
        async onConflict({ base, theirs, changes }) {
          asked += 1
          expect(base?.metadata.version).toBe(asked === 1 ? 1 : 3)
          if (asked === 1) await streams.tag('a', { add: ['again'] })
          return { data: { total: theirs.data.total + changes.data!.total } }
        },
      },
    )
    expect(asked).toBe(2)
    expect(merged).toMatchObject({ data: { total: 2 + (2 + 5) }, metadata: { version: 5, tags: ['theirs', 'again'] } })
  })

  it('stay an error when nothing comes of the merge', async () => {
    const streams = await conflicting()
    const options = { expectedVersion: 1, onConflict: () => null }
    expect(await failureOf(streams.patch('a', { total: 9 }, options))).toBeInstanceOf(StreamConflictError)
    const failing = { expectedVersion: 1, onConflict: () => Promise.reject(new Error('undecided')) }
    expect((await failureOf(streams.patch('a', { total: 9 }, failing))).message).toBe('undecided')
    expect((await streams.get('a'))?.metadata.version).toBe(3)
  })
})

describe('a transaction', () => {
  it('does everything at once and answers each document as it is afterwards', async () => {
    const { streams, openDatabase } = sessionWithDatabase()
    await streams.create({ id: 'a', name: 'A', data: { balance: 10 } })
    await streams.create({ id: 'old', name: 'Old', data: 1 })
    const answers = await streams.transaction([
      { patch: 'a', with: { balance: 7 }, expectedVersion: 1 },
      { create: { id: 'b', name: 'B', data: { balance: 3 } } },
      { tag: 'b', add: ['new'] },
      { tag: 'a', remove: ['not there'] },
      { archive: 'a' },
      { delete: 'old' },
    ])
    expect(answers.map(({ id, status, metadata }) => [id, status, metadata.version])).toEqual([
      ['a', 'archived', 3],
      ['b', 'active', 2],
      ['b', 'active', 2],
      ['a', 'archived', 3],
      ['a', 'archived', 3],
      ['old', 'deleted', 2],
    ])
    expect(await streams.get('b')).toEqual(answers[1])
    expect((await streams.list()).items.map(({ id }) => id)).toEqual(['a', 'b'])
    const types = (await openDatabase()).readAllEvents().map(({ type }) => type)
    expect(types.slice(2)).toEqual([
      'document-patched',
      'document-archived',
      'document-created',
      'document-tagged',
      'document-deleted',
    ])
  })

  it('changes nothing when one step cannot be made', async () => {
    const { streams } = openSession()
    const before = await streams.create({ id: 'a', name: 'A', data: 1 })
    const good = { update: 'a', data: 2 } as const
    const refusals: [unknown, Parameters<typeof streams.transaction>[0][number]][] = [
      [StreamConflictError, { create: { id: 'a', name: 'again', data: 1 } }],
      [StreamConflictError, { patch: 'a', with: {}, expectedVersion: 7 }],
      [DocumentNotFoundError, { archive: 'nobody' }],
      [ValidationError, { create: { name: '', data: 1 } }],
    ]
    for (const [type, bad] of refusals) {
      expect(await failureOf(streams.transaction([good, bad]))).toBeInstanceOf(type)
    }
    expect(await streams.get('a')).toEqual(before)
    expect((await streams.list()).total).toBe(1)
  })

  it('names the step and its field', async () => {
    const { streams } = openSession()
    const attempt = streams.transaction([
      { create: { id: 'a', name: 'A', data: 1 } },
      { create: { name: '', data: 1 } },
      { update: 'a', name: '' },
    ])
    expect((await failureOf<ValidationError>(attempt)).field).toBe('steps[1].create.name')
    expect((await failureOf<ValidationError>(streams.transaction([]))).field).toBe('steps')
    const unknown = streams.transaction([{ explode: 'a' } as never, { tag: 'a', add: [3 as never] }])
    expect(Object.keys((await failureOf<ValidationError>(unknown)).errors).sort()).toEqual(['steps[0].create', 'steps[1].add[0]'])
  })

  it('begins again on top of what others did meanwhile', async () => {
    const { streams } = openSession({ simulation: { preset: 'wan', seed: 3 } })
    await streams.transaction(['a', 'b'].map((id) => ({ create: { id, name: id, data: { count: 0 } } })))
    const both = () => streams.transaction([{ tag: 'a', add: ['x'] }, { patch: 'b', with: { seen: true } }])
    await Promise.all([both(), streams.update('b', { data: { count: 1 } }), streams.tag('a', { add: ['y'] })])
    expect((await streams.get('a'))?.metadata.tags.sort()).toEqual(['x', 'y'])
    expect((await streams.get('b'))?.metadata.version).toBe(3)
  })
})

describe('the acting user', () => {
  function usedBy(user: string | null) {
    let current: string | null = user
    const session = openSession({ user: () => current })
    return { ...session, session, streams: session.streams, users: session.users, signIn: (next: string | null) => void (current = next) }
  }

  it('owns what it creates, and others may do what the permissions say', async () => {
    const { streams, signIn } = usedBy('ann')
    const document = await streams.create({ id: 'a', name: 'A', data: 1, permissions: { read: ['bob'], write: ['carl'] } })
    expect(document).toMatchObject({ metadata: { owner: 'ann' }, permissions: { admin: ['ann'] } })
    signIn('bob')
    expect(await streams.get('a')).toEqual(document)
    const refused = await failureOf<PermissionDeniedError>(streams.update('a', { data: 2 }))
    expect(refused).toBeInstanceOf(PermissionDeniedError)
    expect(refused).toMatchObject({ id: 'a', user: 'bob', needed: 'write' })
    signIn('carl')
    await streams.patch('a', { changed: true })
    for (const attempt of [
      streams.delete('a'),
      streams.setPermissions('a', { read: ['*'] }),
      streams.transferOwner('a', 'carl'),
      streams.update('a', { permissions: { admin: ['carl'] } }),
    ]) {
      expect(await failureOf(attempt)).toMatchObject({ user: 'carl', needed: 'admin' })
    }
    signIn(null)
    for (const attempt of [streams.get('a'), streams.history('a'), streams.at('a', { version: 1 }), streams.diff('a', 1, 2)]) {
      expect(await failureOf(attempt)).toMatchObject({ type: 'permission-denied', user: 'anonymous', needed: 'read' })
    }
    expect((await streams.list()).total).toBe(0)
    signIn('ann')
    expect((await streams.list()).total).toBe(1)
    await streams.transferOwner('a', 'bob')
    expect(await failureOf(streams.delete('a'))).toMatchObject({ needed: 'admin' })
    signIn('bob')
    await streams.delete('a')
  })

  it('cannot create what belongs to others, nor change anything in a transaction that it may not', async () => {
    const { streams, signIn } = usedBy('ann')
    expect(await failureOf(streams.create({ name: 'A', data: 1, owner: 'bob' }))).toMatchObject({ user: 'ann' })
    await streams.create({ id: 'a', name: 'A', data: 1 })
    signIn('bob')
    const attempt = streams.transaction([{ create: { id: 'b', name: 'B', data: 1 } }, { tag: 'a', add: ['mine'] }])
    expect(await failureOf(attempt)).toMatchObject({ id: 'a', needed: 'write' })
    expect(await streams.get('b')).toBeNull()
  })

  it('reads public data of others, and changes its own', async () => {
    const { users, signIn } = usedBy('ann')
    await users.store({ userId: 'ann', type: 'profile', data: { name: 'Ann' }, isPublic: true })
    await users.store({ userId: 'ann', type: 'secret', data: { pin: 1 } })
    signIn('bob')
    expect((await users.get('ann', 'profile'))?.data).toEqual({ name: 'Ann' })
    expect(await failureOf(users.get('ann', 'secret'))).toMatchObject({ type: 'permission-denied', needed: 'read' })
    expect(await failureOf(users.store('ann', { pin: 2 }))).toMatchObject({ needed: 'write' })
    expect(await failureOf(users.delete('ann', 'profile'))).toMatchObject({ needed: 'write' })
    expect((await users.list()).map(({ type }) => type)).toEqual(['profile'])
  })

  it('is told to listeners when it changes', async () => {
    const { session, signIn } = usedBy('ann')
    await session.ready()
    const told: (string | null)[] = []
    session.on('user', () => told.push(session.user))
    signIn('bob')
    session.refreshUser()
    session.refreshUser()
    session.setUser(undefined)
    expect(told).toEqual(['bob', null])
    await session.streams.create({ id: 'x', name: 'X', data: 1, owner: 'anybody' })
    expect(() => openSession({ user: 7 as never }).user).toThrow(ValidationError)
  })
})

describe('constraints of a kind', () => {
  const kinds = {
    customer: {
      unique: [{ name: 'email', path: 'data.email', ignoreCase: true }],
      checks: [{ name: 'solvent', where: { 'data.balance': { gte: 0 } }, message: 'must not owe anything.' }],
    },
  }

  it('refuse a value that is taken, until it is given back', async () => {
    const { streams } = openSession({ kinds })
    const customer = (id: string, email: string) =>
      streams.create({ id, kind: 'customer', name: id, data: { email, balance: 0 } })
    await customer('a', 'ann@x.org')
    const refused = await failureOf<ValidationError>(customer('b', 'ANN@x.org'))
    expect(refused).toBeInstanceOf(ValidationError)
    expect(refused.errors).toEqual({ 'data.email': 'is taken: "ANN@x.org" belongs to another document.' })
    expect((await streams.list()).total).toBe(1)
    await streams.patch('a', { email: 'anna@x.org' })
    await customer('b', 'ann@x.org')
    await streams.transaction([
      { patch: 'a', with: { email: 'ann@x.org' } },
      { patch: 'b', with: { email: 'anna@x.org' } },
    ])
    await streams.delete('a')
    await customer('c', 'ann@x.org')
    const both = await Promise.allSettled([customer('d', 'new@x.org'), customer('e', 'new@x.org')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('are judged on the whole document', async () => {
    const { streams } = openSession({ kinds })
    await streams.create({ id: 'a', kind: 'customer', name: 'A', data: { balance: 3 } })
    const refused = await failureOf<ValidationError>(streams.patch('a', { balance: -1 }))
    expect(refused.errors).toEqual({ solvent: 'must not owe anything.' })
    await streams.create({ name: 'of no kind', data: { balance: -1 } })
  })

  it('are checked themselves before anything is done', async () => {
    const bad = { customer: { unique: [{ name: 'x', path: 'nothing' }], checks: [{ name: 'y', where: { 'data.x': { near: 1 } } }] } }
    const { streams } = openSession({ kinds: bad })
    const refused = await failureOf<ValidationError>(streams.list())
    expect(refused.field).toMatch(/^kinds\.customer\./)
  })
})

function sessionWithDatabase() {
  const session = openSession()
  return { streams: session.streams, openDatabase: () => session.openDatabase() }
}
