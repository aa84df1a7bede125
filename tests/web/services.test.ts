import { reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import {
  DocumentNotFoundError,
  memoryStorage,
  OutOfMemoryError,
  Session,
  StreamConflictError,
} from '../../web/src/services'
import { createDatabase } from '../../web/src/services'
import { failureOf, openSession } from './support'

describe('documents', () => {
  it('begin at version 1, active, with permissions of their owner', async () => {
    const { streams } = openSession()
    const before = Date.now()
    const document = await streams.create({
      name: 'User Profile',
      data: { userId: '123', profile: { name: 'John' } },
      owner: 'ann',
      tags: ['x'],
    })
    expect(document).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'User Profile',
      data: { userId: '123', profile: { name: 'John' } },
      metadata: { createdAt: expect.any(Date), updatedAt: expect.any(Date), version: 1, tags: ['x'], owner: 'ann' },
      status: 'active',
      permissions: { read: ['*'], write: ['ann'], admin: ['ann'] },
    })
    expect(document.metadata.createdAt.getTime()).toBeGreaterThanOrEqual(before - 1)
    expect(await streams.get(document.id)).toEqual(document)
  })

  it('keep any text, number and structure that JSON holds', async () => {
    const { streams } = openSession()
    const data = {
      text: 'ä€😀\u0000"\\',
      list: [1.5, -0.1e-7, null, true, [], {}],
      '': 'empty',
      'key with "quotes"': 1,
      when: new Date(0),
    }
    const { id } = await streams.create({ name: 'ä€😀', description: '"', data })
    expect(await streams.get(id)).toMatchObject({
      name: 'ä€😀',
      description: '"',
      data: JSON.parse(JSON.stringify(data)),
    })
  })

  it('are replaced in data, merged in permissions, counted in versions', async () => {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', description: 'first', data: { one: 1 }, owner: 'ann' })
    const changed = await streams.update('a', { data: { updated: true }, permissions: { read: ['bob'] } })
    expect(changed).toMatchObject({
      data: { updated: true },
      description: 'first',
      metadata: { version: 2 },
      permissions: { read: ['bob'], write: ['ann'], admin: ['ann'] },
    })
    expect(changed.data).not.toHaveProperty('one')
    expect((await streams.update('a', { tags: ['t'] })).metadata).toMatchObject({ version: 3, tags: ['t'] })
  })

  it('are archived, restored and deleted for good', async () => {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', data: 1 })
    expect((await streams.archive('a')).status).toBe('archived')
    expect((await streams.list({ status: 'archived' })).total).toBe(1)
    expect((await streams.restore('a')).status).toBe('active')
    await streams.delete('a')
    expect(await streams.get('a')).toBeNull()
    expect((await streams.list()).items).toEqual([])
    expect((await streams.list({ status: 'deleted' })).items).toMatchObject([{ id: 'a', status: 'deleted' }])
    for (const attempt of [
      streams.delete('a'),
      streams.update('a', { data: 2 }),
      streams.archive('a'),
      streams.restore('a'),
    ]) {
      expect(await failureOf(attempt)).toMatchObject({ type: 'document-not-found', id: 'a' })
    }
    expect(await failureOf(streams.create({ id: 'a', name: 'A', data: 1 }))).toBeInstanceOf(StreamConflictError)
  })

  it('reject a taken id and a stale version as conflicts, unknown ids as not found', async () => {
    const { streams } = openSession()
    await streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await failureOf(streams.create({ id: 'a', name: 'B', data: 2 }))).toMatchObject({
      type: 'stream-conflict',
      id: 'a',
    })
    await streams.update('a', { data: 2, expectedVersion: 1 })
    const stale = await failureOf<StreamConflictError>(streams.update('a', { data: 3, expectedVersion: 1 }))
    expect(stale).toMatchObject({ type: 'stream-conflict', id: 'a', expectedVersion: 1, actualVersion: 2 })
    expect(await streams.get('unknown')).toBeNull()
    expect(await failureOf(streams.update('unknown', { data: 1 }))).toBeInstanceOf(DocumentNotFoundError)
  })

  it('are listed by filter, in order and in pages', async () => {
    const { streams } = openSession()
    for (const [index, name] of ['delta', 'alpha', 'Charlie', 'bravo'].entries()) {
      await streams.create({
        id: `id-${index}`,
        name,
        data: index,
        owner: index % 2 ? 'ann' : 'bob',
        tags: index > 1 ? ['late', name] : [],
      })
    }
    await streams.archive('id-0')
    const ids = async (filter = {}) => (await streams.list(filter)).items.map(({ id }) => id)
    expect(await ids()).toEqual(['id-0', 'id-1', 'id-2', 'id-3'])
    expect(await ids({ sort: 'id', descending: true })).toEqual(['id-3', 'id-2', 'id-1', 'id-0'])
    expect(await ids({ owner: 'ann' })).toEqual(['id-1', 'id-3'])
    expect(await ids({ tags: ['late', 'bravo'] })).toEqual(['id-3'])
    expect(await ids({ search: 'CHARL' })).toEqual(['id-2'])
    expect(await ids({ status: 'archived' })).toEqual(['id-0'])
    expect(await streams.list({ offset: 1, limit: 2 })).toMatchObject({
      total: 4,
      offset: 1,
      limit: 2,
      items: [{ id: 'id-1' }, { id: 'id-2' }],
    })
  })

  it('show the events behind them', async () => {
    const session = openSession()
    await session.streams.create({ id: 'a-b', name: 'A', data: { x: 1 } })
    await session.streams.update('a-b', { data: { x: 2 } })
    const events = await session.streams.events('a-b')
    expect(events.map(({ revision }) => revision)).toEqual([0n, 1n])
    expect(new Set(events.map(({ streamId }) => streamId)).size).toBe(1)
    expect(await session.streams.events('unknown')).toEqual([])
  })
})

describe('user data', () => {
  it('is stored whole, replaced, merged and deleted', async () => {
    const { users } = openSession()
    expect(await users.get('ann')).toBeNull()
    const stored = await users.store('ann', { profile: { name: 'Ann' }, preferences: { theme: 'dark' } })
    expect(stored).toMatchObject({ userId: 'ann', type: 'data', isPublic: false, version: 1 })
    expect(stored.createdAt).toBeInstanceOf(Date)
    expect((await users.update('ann', { preferences: { theme: 'light' }, extra: 1 })).data).toEqual({
      profile: { name: 'Ann' },
      preferences: { theme: 'light' },
      extra: 1,
    })
    await users.store('ann', { replaced: true })
    expect((await users.get('ann'))?.data).toEqual({ replaced: true })
    await users.delete('ann')
    expect(await users.get('ann')).toBeNull()
    expect(await failureOf(users.delete('ann'))).toBeInstanceOf(DocumentNotFoundError)
    expect(await failureOf(users.update('ann', { a: 1 }))).toBeInstanceOf(DocumentNotFoundError)
  })

  it('is kept apart by user, type and category, whatever characters they hold', async () => {
    const { users } = openSession()
    await users.store('a', 'b', 'c', 1)
    await users.store('a-b', 'c', undefined, 2)
    await users.store({ userId: 'a', type: 'b-c', data: 3, isPublic: true })
    await users.store('a%2Db', 'c', null, 4)
    expect((await users.get('a', 'b', 'c'))?.data).toBe(1)
    expect((await users.get('a-b', 'c'))?.data).toBe(2)
    expect(await users.get('a', 'b-c')).toMatchObject({ data: 3, isPublic: true })
    expect((await users.get('a%2Db', 'c'))?.data).toBe(4)
    expect(await users.get('a', 'b')).toBeNull()
    expect(await users.list()).toHaveLength(4)
    expect((await users.list('a')).map(({ data }) => data).sort()).toEqual([1, 3])
  })

  it('keeps whether it is public until told otherwise', async () => {
    const { users } = openSession()
    await users.store('ann', 'scores', undefined, [1], true)
    expect((await users.store('ann', 'scores', undefined, [2])).isPublic).toBe(true)
    expect((await users.store('ann', 'scores', undefined, [2], false)).isPublic).toBe(false)
  })
})

describe('a session', () => {
  it('loads nothing and is disconnected before its first action, then connects by itself', async () => {
    const session = openSession({ environment: 'staging', simulation: 'instant' })
    expect(session.connection).toEqual({
      isConnected: false,
      environment: 'staging',
      lastSync: null,
      connectionId: '',
      status: 'disconnected',
      circuit: { state: 'closed', retryAt: null },
    })
    await session.streams.list()
    expect(session.connection).toMatchObject({ isConnected: true, environment: 'staging', status: 'connected' })
    expect(session.connection.connectionId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('disconnects, connects again and takes a new connection id', async () => {
    const session = openSession()
    const first = await session.kurrentdb.connect()
    await session.kurrentdb.disconnect()
    expect(session.connection.status).toBe('disconnected')
    const second = await session.kurrentdb.connect()
    expect(second.isConnected).toBe(true)
    expect(second.connectionId).not.toBe(first.connectionId)
    expect((await session.kurrentdb.reconnect()).connectionId).not.toBe(second.connectionId)
  })

  it('tells its health and counts what it did', async () => {
    const session = openSession()
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await session.users.store('ann', { a: 1 })
    const health = await session.kurrentdb.checkHealth()
    expect(health).toMatchObject({
      status: 'healthy',
      checks: { connection: true, authentication: true, read: true, write: true, sync: true },
      errors: [],
    })
    expect(health.lastCheck).toBeInstanceOf(Date)
    expect(session.health).toBe(health)
    const metrics = await session.kurrentdb.metrics()
    expect(metrics).toMatchObject({
      totalStreams: 1,
      activeStreams: 1,
      totalUsers: 1,
      totalEvents: 2,
      lastBackup: null,
    })
    expect(metrics.storageUsed).toBeGreaterThan(0)
    expect(metrics.operations.append.count).toBeGreaterThanOrEqual(2)
  })

  it('works the same inside reactive()', async () => {
    const state = reactive({ session: openSession() })
    await state.session.streams.create({ id: 'a', name: 'A', data: { x: 1 } })
    const nested = reactive({ services: [state.session.streams] })
    expect((await nested.services[0]!.get('a'))?.data).toEqual({ x: 1 })
    const database = reactive({ database: await state.session.openDatabase() }).database
    expect(database.readAllEvents()).toHaveLength(1)
    const input = reactive({ name: 'B', data: { list: [{ a: 1 }] }, tags: ['t'] })
    expect((await state.session.streams.create(input)).data).toEqual({ list: [{ a: 1 }] })
  })

  it('has a database of its own, or the one it is given', async () => {
    const [one, two] = [openSession(), openSession()]
    await one.streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await two.streams.get('a')).toBeNull()
    const database = await one.openDatabase()
    const shared = openSession({ database })
    expect(await shared.streams.get('a')).toMatchObject({ name: 'A' })
    const changed = new Promise<void>((resolve) => one.on('streams', resolve))
    await shared.streams.update('a', { data: 2 })
    await changed
    expect((await one.streams.list()).items).toMatchObject([{ data: 2 }])
    shared.dispose()
    expect(database.readAllEvents()).toHaveLength(2)
  })

  it('rejects what is under way when it is disposed of, and everything after', async () => {
    const session = openSession({ simulation: { preset: 'wan' } })
    await session.ready()
    const pending = session.streams.create({ name: 'A', data: 1 })
    await new Promise((resolve) => setTimeout(resolve, 0))
    session.dispose()
    session.dispose()
    expect(await failureOf(pending)).toMatchObject({ type: 'operation-cancelled' })
    expect(await failureOf(session.streams.list())).toMatchObject({ type: 'operation-cancelled' })
  })

  it('rejects a write that finds no memory, and goes on', async () => {
    const { streams, openDatabase } = bound(openSession({ memoryLimit: 4 << 20 }))
    await streams.create({ id: 'a', name: 'A', data: 1 })
    const head = (await openDatabase()).head()
    const failure = await failureOf(streams.create({ id: 'b', name: 'B', data: 'x'.repeat(6 << 20) }))
    expect(failure).toBeInstanceOf(OutOfMemoryError)
    expect((await openDatabase()).head()).toBe(head)
    expect(await streams.get('b')).toBeNull()
    await streams.create({ id: 'b', name: 'B', data: 'small' })
    expect((await streams.list()).total).toBe(2)
  })

  it('shares a database that was made beforehand', async () => {
    const database = createDatabase()
    const [one, two] = [openSession({ database }), openSession({ database, persist: { storage: memoryStorage() } })]
    await one.streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await two.streams.get('a')).toMatchObject({ id: 'a' })
    one.dispose()
    two.dispose()
    ;(await database).close()
  })
})

const bound = (session: Session) => ({ streams: session.streams, openDatabase: () => session.openDatabase() })
