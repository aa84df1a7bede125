import { createPinia, disposePinia, type Pinia, setActivePinia, storeToRefs } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isReactive, watch } from 'vue'
import { useKurrentDBStore, useUserStreamService } from '../../web/src/pinia'
import { defaultSession } from '../../web/src/services'
import { createTestingKurrentLite, type TestingKurrentLite } from '../../web/src/testing'
import { eventually, failureOf } from './support'

let pinia: Pinia
let kurrentLite: TestingKurrentLite
beforeEach(() => {
  kurrentLite = createTestingKurrentLite()
  pinia = kurrentLite.attachTo(createPinia())
  setActivePinia(pinia)
})
afterEach(() => {
  disposePinia(pinia)
  kurrentLite.dispose()
})

describe('the store', () => {
  it('begins empty and disconnected', () => {
    const store = useKurrentDBStore()
    expect(store.$state).toEqual({
      connection: {
        isConnected: false,
        environment: expect.any(String),
        lastSync: null,
        connectionId: '',
        status: 'disconnected',
        circuit: { state: 'closed', retryAt: null },
      },
      health: null,
      healthHistory: [],
      metrics: null,
      sync: expect.objectContaining({ isRunning: false, pending: 0, lastSync: null }),
      streams: [],
      userStreams: [],
      isLoading: false,
      error: null,
    })
    expect([store.isConnected, store.connectionStatus, store.totalStreams, store.totalUserStreams]).toEqual([
      false,
      'disconnected',
      0,
      0,
    ])
  })

  it('runs the documented example as its first actions', async () => {
    const dbStore = useKurrentDBStore()
    const created = await dbStore.createStream({
      name: 'User Profile',
      data: { userId: '123', profile: { name: 'John' } },
    })
    expect(dbStore.streams).toEqual([created])
    expect(dbStore.isConnected).toBe(true)
    await dbStore.createStream({ id: 'stream-id', name: 'Sample', data: {} })
    const stream = await dbStore.getStream('stream-id')
    expect(stream).toMatchObject({ id: 'stream-id' })
    await dbStore.updateStream('stream-id', { data: { updated: true } })
    expect(dbStore.streams.find(({ id }) => id === 'stream-id')?.data).toEqual({ updated: true })
    await dbStore.deleteStream('stream-id')
    expect(dbStore.streams.map(({ id }) => id)).toEqual([created.id])
    expect(dbStore.totalStreams).toBe(1)
  })

  it('has lists that show an action when it resolves, user data included', async () => {
    const store = useKurrentDBStore()
    const users = useUserStreamService()
    await users.storeUserData('user-id', { profile: { name: 'John' }, preferences: { theme: 'dark' } })
    expect(store.userStreams).toMatchObject([
      { userId: 'user-id', type: 'data', data: { preferences: { theme: 'dark' } } },
    ])
    expect(await users.getUserData('user-id')).toEqual({ profile: { name: 'John' }, preferences: { theme: 'dark' } })
    await store.storeUserData('user-id', 'scores', 'chess', [1, 2], true)
    expect(await users.getUserData('user-id', 'scores', 'chess')).toEqual([1, 2])
    expect(await users.getUserData('user-id', 'scores')).toBeNull()
    await users.updateUserData('user-id', { preferences: { theme: 'light' } })
    expect(store.totalUserStreams).toBe(2)
    expect(await store.getUserData('user-id')).toEqual({ profile: { name: 'John' }, preferences: { theme: 'light' } })
    await users.updateUserData('user-id', 'data', { more: 1 })
    expect(await store.getUserData('user-id', 'data')).toMatchObject({ more: 1 })
    await store.deleteUserData('user-id', 'scores', 'chess')
    await users.deleteUserData('user-id')
    expect(store.userStreams).toEqual([])
    expect(await failureOf(users.updateUserData('user-id', { a: 1 }))).toMatchObject({ type: 'document-not-found' })
  })

  it('initialises: connection, lists, health and metrics', async () => {
    const { session } = kurrentLite
    await session.streams.create({ name: 'there before', data: 1 })
    const store = useKurrentDBStore()
    await store.initialize()
    expect(store.connection).toMatchObject({ isConnected: true, status: 'connected', environment: 'test' })
    expect(store.health?.status).toBe('healthy')
    expect(store.metrics).toMatchObject({ totalStreams: 1, totalEvents: 1 })
    expect(store.streams).toHaveLength(1)
    await store.initialize()
    expect(store.streams).toHaveLength(1)
  })

  it('filters, keeps the filter, and counts all documents', async () => {
    const store = useKurrentDBStore()
    for (const id of ['a', 'b', 'c'])
      await store.createStream({ id, name: id.toUpperCase(), data: 1, tags: id === 'b' ? [] : ['x'] })
    const page = await store.loadStreams({ tags: ['x'], sort: 'name', descending: true })
    expect(page.items.map(({ id }) => id)).toEqual(['c', 'a'])
    expect(store.streams.map(({ id }) => id)).toEqual(['c', 'a'])
    expect(store.totalStreams).toBe(3)
    await store.createStream({ id: 'd', name: 'D', data: 1, tags: ['x'] })
    await store.createStream({ id: 'e', name: 'E', data: 1 })
    expect(store.streams.map(({ id }) => id)).toEqual(['d', 'c', 'a'])
    expect(await failureOf(store.loadStreams({ limit: 0 }))).toMatchObject({ field: 'limit' })
    expect(store.streams.map(({ id }) => id)).toEqual(['d', 'c', 'a'])
    await store.loadStreams()
    expect(store.streams).toHaveLength(5)
    await store.archiveStream('a')
    await store.deleteStream('b')
    await store.loadStreams({ status: 'archived' })
    expect(store.streams).toMatchObject([{ id: 'a', status: 'archived' }])
    await store.restoreStream('a')
    expect(store.streams).toEqual([])
    expect((await store.loadStreams({ status: 'deleted' })).items).toMatchObject([{ id: 'b' }])
    expect(store.totalStreams).toBe(4)
  })

  it('holds more documents than one page of the core', async () => {
    const store = useKurrentDBStore()
    const creations = Array.from({ length: 1010 }, (_, index) =>
      kurrentLite.session.streams.create({ id: `${index}`, name: 'n', data: index }),
    )
    await Promise.all(creations)
    await store.loadStreams()
    expect(store.streams).toHaveLength(1010)
    expect(new Set(store.streams.map(({ id }) => id)).size).toBe(1010)
    expect((await store.loadStreams({ limit: 10 })).total).toBe(1010)
    expect(store.streams).toHaveLength(10)
  })

  it('shows after each of many actions just what the core lists', async () => {
    const store = useKurrentDBStore()
    await store.initialize()
    const ids: string[] = []
    let seed = 7
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    for (let step = 0; step < 200; step += 1) {
      const id = ids[random(ids.length || 1)]
      const choice = random(8)
      if (choice < 4 || id === undefined)
        ids.push((await store.createStream({ id: `${random(2 ** 31)}`, name: `n${random(9)}`, data: step })).id)
      else if (choice === 4) await store.updateStream(id, { data: step, tags: [`${step}`] })
      else if (choice === 5) await store.archiveStream(id)
      else if (choice === 6) await store.restoreStream(id)
      else await store.deleteStream(ids.splice(ids.indexOf(id), 1)[0]!)
      const shown = store.streams
      const { items, total } = await kurrentLite.session.streams.list({ limit: 1000 })
      expect(shown).toEqual(items)
      expect(store.totalStreams).toBe(total)
    }
    expect(ids.length).toBeGreaterThan(50)
  })

  it('shows each of many actions that are under way together', async () => {
    const store = useKurrentDBStore()
    const resolved = Array.from({ length: 50 }, async (_, index) => {
      await store.createStream({ id: `doc-${index}`, name: 'n', data: index })
      expect(store.streams.some(({ id }) => id === `doc-${index}`)).toBe(true)
    })
    const loads = Array.from({ length: 10 }, () => store.loadStreams())
    await Promise.all([...resolved, ...loads])
    expect(store.streams).toHaveLength(50)
    await store.loadStreams({ search: 'doc-1', sort: 'id' })
    await Promise.all([store.loadStreams({ search: 'doc-2' }), store.loadStreams({ search: 'doc-49' })])
    expect(store.streams.map(({ id }) => id)).toEqual(['doc-49'])
  })

  it('shows changes that others make', async () => {
    const store = useKurrentDBStore()
    await store.initialize()
    await kurrentLite.session.streams.create({ id: 'other', name: 'Other', data: 1 })
    await eventually(() => store.streams.length === 1)
    await kurrentLite.session.users.store('u', { a: 1 })
    await eventually(() => store.totalUserStreams === 1)
    const database = await kurrentLite.session.openDatabase()
    const core = await kurrentLite.session.openCore()
    const [event] = database.readEvents(core.documentStreamName('other'))
    database.appendEvents(core.documentStreamName('imported'), [
      { type: event!.type, data: { ...(event!.data as object), id: 'imported', name: 'Imported' } },
    ])
    await eventually(() => store.streams.some(({ name }) => name === 'Imported'), 'the imported document')
  })

  it('keeps unchanged documents the same objects, and makes nothing deeply reactive', async () => {
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: { deep: {} } })
    await store.createStream({ id: 'b', name: 'B', data: 1 })
    const [a, b] = store.streams
    await store.updateStream('b', { data: 2 })
    expect(store.streams[0]).toBe(a)
    expect(store.streams[1]).not.toBe(b)
    expect(isReactive(store.streams[0])).toBe(false)
    expect(isReactive(store.streams[0]!.data)).toBe(false)
  })

  it('is loading while any action is under way', async () => {
    const store = useKurrentDBStore()
    const seen: boolean[] = []
    const stop = watch(
      () => store.isLoading,
      (value) => seen.push(value),
      { flush: 'sync' },
    )
    await Promise.all([
      store.createStream({ name: 'A', data: 1 }),
      store.getStream('x'),
      failureOf(store.deleteStream('x')),
    ])
    stop()
    expect(seen).toEqual([true, false])
    expect(store.isLoading).toBe(false)
  })

  it('keeps the last error until it is cleared', async () => {
    const store = useKurrentDBStore()
    const failure = await failureOf(store.deleteStream('unknown'))
    expect(failure).toMatchObject({ type: 'document-not-found', id: 'unknown' })
    await store.createStream({ name: 'A', data: 1 })
    expect(store.error).toBe(failure)
    store.clearError()
    expect(store.error).toBeNull()
  })

  it('gives refs and actions that work apart from it', async () => {
    const store = useKurrentDBStore()
    const { streams, isConnected, totalStreams, error } = storeToRefs(store)
    const { createStream, getStream } = store
    const { id } = await createStream({ name: 'A', data: 1 })
    expect(streams.value).toHaveLength(1)
    expect([isConnected.value, totalStreams.value, error.value]).toEqual([true, 1, null])
    expect(await getStream(id)).toMatchObject({ id })
  })

  it('resets its state with $reset, and its database with reset', async () => {
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    await store.loadStreams({ search: 'A' })
    await store.checkHealth()
    await failureOf(store.deleteStream('unknown'))
    store.$reset()
    expect(store.$state).toMatchObject({
      health: null,
      metrics: null,
      streams: [],
      userStreams: [],
      isLoading: false,
      error: null,
    })
    await eventually(() => store.connectionStatus === 'disconnected')
    expect(store.totalStreams).toBe(0)
    expect(await store.getStream('a')).toMatchObject({ id: 'a' })
    expect(store.streams).toHaveLength(1)
    await store.reset()
    expect(store.streams).toEqual([])
    expect(await store.getStream('a')).toBeNull()
    await store.createStream({ id: 'a', name: 'again', data: 1 })
    expect(store.streams).toMatchObject([{ name: 'again', metadata: { version: 1 } }])
  })

  it('disconnects and connects', async () => {
    const store = useKurrentDBStore()
    await store.connect()
    expect(store.connectionStatus).toBe('connected')
    await store.disconnect()
    expect(store.connectionStatus).toBe('disconnected')
    await store.disconnect()
    const { connectionId } = await store.reconnect()
    expect(store.connection.connectionId).toBe(connectionId)
  })

  it('refreshes by itself every syncInterval until it is disconnected or disposed of', async () => {
    const kurrentLite = createTestingKurrentLite({ sync: true, config: { syncInterval: 20 } })
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    expect(store.health).toBeNull()
    await store.connect()
    await eventually(() => store.health !== null && store.metrics !== null, 'the first refresh')
    const first = store.health!
    await eventually(() => store.health !== first, 'the second refresh')
    await store.disconnect()
    const last = store.health
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(store.health).toBe(last)
    expect(store.connectionStatus).toBe('disconnected')
    await store.connect()
    await eventually(() => store.health !== last, 'a refresh after connecting again')
    store.$dispose()
    const atEnd = store.health
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(store.health).toBe(atEnd)
    kurrentLite.dispose()
  })

  it('asks for documents, rows and events, and tells how', async () => {
    const store = useKurrentDBStore()
    for (let n = 1; n <= 3; n += 1) await store.createStream({ id: `d${n}`, name: `D${n}`, data: { n } })
    const where = { 'data.n': { gte: 2 } }
    expect((await store.queryStreams({ where, select: ['data.n'] })).items).toEqual([
      { id: 'd2', 'data.n': 2 }, { id: 'd3', 'data.n': 3 },
    ])
    expect(await store.explain({ where })).toMatchObject({ plan: 'scan', examined: 3, matched: 2, documents: 3 })
    const { items } = await store.queryEvents<{ name: string }>({ category: 'document', where: { 'data.data.n': 3 }, limit: 1 })
    expect(items.map(({ streamId, type, data }) => [streamId, type, data.name])).toEqual([['document-d3', 'document-created', 'D3']])
    expect(store.streams).toHaveLength(3)
    expect([store.error, store.isLoading]).toEqual([null, false])
    const failure = await failureOf(store.queryEvents({ where: { nothing: 1 } as never }))
    expect(failure).toMatchObject({ type: 'validation-failed', field: 'where.nothing' })
    expect(store.error).toBe(failure)
    expect(await failureOf(store.explain({ sort: 'nothing' as never }))).toMatchObject({ field: 'sort[0]' })
  })

  it('has a database per Pinia, found again by a store that is made anew', async () => {
    const [one, two] = [createPinia(), createPinia()]
    await useKurrentDBStore(one).createStream({ id: 'a', name: 'A', data: 1 })
    expect(await useKurrentDBStore(two).getStream('a')).toBeNull()
    useKurrentDBStore(one).$dispose()
    const again = useKurrentDBStore(one)
    expect(await again.getStream('a')).toMatchObject({ id: 'a' })
    expect(again.streams).toHaveLength(1)
  })
})

describe('the user service without Pinia', () => {
  it('works on the default session', async () => {
    setActivePinia(undefined)
    const users = useUserStreamService()
    await users.storeUserData('ann', { a: 1 })
    expect(await users.getUserData('ann')).toEqual({ a: 1 })
    expect((await defaultSession().users.get('ann'))?.data).toEqual({ a: 1 })
    await users.updateUserData('ann', { b: 2 })
    expect(await users.getUserData('ann')).toEqual({ a: 1, b: 2 })
    await users.deleteUserData('ann')
    expect(await users.getUserData('ann')).toBeNull()
  })
})
