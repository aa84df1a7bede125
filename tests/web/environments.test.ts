import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { useKurrentDBStore } from '../../web/src/pinia'
import { createTestingKurrentLite } from '../../web/src/testing'
import { eventually, failureOf, openSession } from './support'

describe('environments', () => {
  it('have databases of their own, kept while the session is elsewhere', async () => {
    const session = openSession({ simulation: 'instant' })
    await session.streams.create({ id: 'a', name: 'in test', data: 1 })
    const connection = await session.switchEnvironment('staging')
    expect(connection).toMatchObject({ environment: 'staging', isConnected: true })
    expect(session.environment).toBe('staging')
    expect((await session.config()).timeout).toBe(45_000)
    expect(await session.streams.get('a')).toBeNull()
    await session.streams.create({ id: 'a', name: 'in staging', data: 1 })
    await session.switchEnvironment('test')
    expect(await session.streams.get('a')).toMatchObject({ name: 'in test' })
    await session.switchEnvironment('production')
    expect(session.environment).toBe('mainnet')
    expect((await session.streams.list()).total).toBe(0)
  })

  it('share a database when they share an endpoint', async () => {
    const env = { VITE_KURRENT_DB_DEV_GRPC: 'Localhost:7', VITE_KURRENT_DB_STAGING_GRPC: 'localhost:7' }
    const session = openSession({ env, environment: 'dev', simulation: 'instant' })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await session.switchEnvironment('staging')
    expect(await session.streams.get('a')).toMatchObject({ id: 'a' })
  })

  it('have simulated networks of their own', async () => {
    const session = openSession({ environment: 'dev', simulation: { staging: { preset: 'lan', seed: 7 } } })
    expect((await session.simulation()).name).toBe('instant')
    await session.setSimulation({ preset: 'instant', seed: 42 })
    await session.switchEnvironment('staging')
    expect(await session.simulation()).toMatchObject({ seed: 7 })
    await session.switchEnvironment('dev')
    expect(await session.simulation()).toMatchObject({ seed: 42 })
    await session.switchEnvironment('mainnet')
    expect((await session.simulation()).latency.read.medianMs).toBeGreaterThan(10)
  })

  it('that are unknown are refused, and the session stays', async () => {
    const session = openSession()
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await failureOf(session.switchEnvironment('moon' as 'dev'))).toMatchObject({ type: 'invalid-config' })
    expect(session.environment).toBe('test')
    expect(await session.streams.get('a')).toMatchObject({ id: 'a' })
    expect(session.connection.isConnected).toBe(true)
  })

  it('cancel what is under way when they are left', async () => {
    const session = openSession({ simulation: { test: 'wan', dev: 'instant' } })
    await session.kurrentdb.connect()
    const pending = failureOf(session.streams.create({ name: 'A', data: 1 }))
    await new Promise((resolve) => setTimeout(resolve, 0))
    await session.switchEnvironment('dev')
    expect(await pending).toMatchObject({ type: 'operation-cancelled' })
  })

  it('keep what was written when the switch came, and write nothing more', async () => {
    const session = openSession({ environment: 'dev', simulation: { dev: 'wan', staging: 'instant' } })
    await session.kurrentdb.connect()
    const writing = Array.from({ length: 20 }, (_, i) =>
      session.streams.create({ id: `d${i}`, name: 'N', data: i }).catch((error: { type: string }) => error.type),
    )
    await writing[0]
    await session.switchEnvironment('staging')
    const outcomes = await Promise.all(writing)
    expect(outcomes.filter((each) => typeof each === 'string').every((type) => type === 'operation-cancelled')).toBe(true)
    expect((await session.streams.list()).total).toBe(0)
    await session.switchEnvironment('dev')
    const there = (await session.streams.list({ limit: 1000 })).items.map(({ id }) => id)
    for (const each of outcomes) if (typeof each === 'object') expect(there).toContain(each.id)
    const events = (await session.openDatabase()).readAllEvents()
    expect(new Set(events.map(({ streamId }) => streamId)).size).toBe(events.length)
  })

  it('have live lists of their own', async () => {
    const session = openSession({ environment: 'dev', simulation: 'instant' })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const dev = await session.openDatabase()
    await session.switchEnvironment('staging')
    let told = 0
    session.on('streams', () => (told += 1))
    dev.appendEvents('document-b', [{ type: 'document-created', data: {} }])
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(told).toBe(0)
    await session.streams.create({ id: 'c', name: 'C', data: 1 })
    await eventually(() => told > 0, 'news of this environment')
  })

  it('have health and metrics of their own, and keep the history of their health', async () => {
    const session = openSession({ environment: 'dev', simulation: 'instant' })
    await session.kurrentdb.checkHealth()
    await session.setSimulation({ preset: 'instant', offline: true })
    expect((await session.kurrentdb.checkHealth({ timeout: 20 })).status).toBe('unhealthy')
    const history = session.kurrentdb.healthHistory()
    expect(history.map(({ status }) => status)).toEqual(['unhealthy', 'healthy'])
    await session.switchEnvironment('staging')
    expect(session.health).toBeNull()
    expect(session.metrics).toBeNull()
    expect(session.kurrentdb.healthHistory()).toEqual([])
    expect((await session.kurrentdb.checkHealth()).status).toBe('healthy')
    expect((await session.kurrentdb.metrics()).serviceOperations.checkHealth?.count).toBe(1)
    await failureOf(session.switchEnvironment('dev', { timeout: 20 }))
    expect(session.environment).toBe('dev')
    expect(session.kurrentdb.healthHistory()).toEqual(history)
    await session.setSimulation('instant')
    expect((await session.kurrentdb.checkHealth()).status).toBe('healthy')
    expect(session.kurrentdb.healthHistory()).toHaveLength(3)
  })

  it('end up where the last switch went, however quickly they follow each other', async () => {
    const session = openSession({ simulation: 'instant' })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const switches = [
      session.switchEnvironment('dev'),
      session.switchEnvironment('staging'),
      session.switchEnvironment('mainnet'),
    ]
    await Promise.allSettled(switches)
    await session.streams.list()
    expect([session.environment, session.connection.environment, session.connection.isConnected]).toEqual([
      'mainnet',
      'mainnet',
      true,
    ])
  })

  it('that cannot be reached are switched to all the same, with empty lists and a connection error', async () => {
    const offline = { preset: 'instant', offline: true } as const
    const config = { maxRetries: 0, options: { retryDelay: 1 } }
    const kurrentLite = createTestingKurrentLite({ simulation: { test: 'instant', staging: offline }, config })
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    expect(await failureOf(store.switchEnvironment('staging'))).toMatchObject({ type: 'connection-failed' })
    expect(store.connection).toMatchObject({ environment: 'staging', isConnected: false })
    expect([store.streams, store.totalStreams, store.health]).toEqual([[], 0, null])
    await store.switchEnvironment('test')
    expect(store.streams).toMatchObject([{ id: 'a' }])
    kurrentLite.dispose()
  })

  it('show their own lists in the store', async () => {
    const kurrentLite = createTestingKurrentLite({ simulation: 'instant' })
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    await store.storeUserData('ann', { a: 1 })
    await store.checkHealth()
    await store.switchEnvironment('staging')
    expect(store.connection).toMatchObject({ environment: 'staging', isConnected: true })
    expect([store.streams, store.userStreams, store.totalStreams]).toEqual([[], [], 0])
    expect(store.health).toBeNull()
    await store.createStream({ id: 'b', name: 'B', data: 1 })
    await store.switchEnvironment('test')
    expect(store.streams.map(({ id }) => id)).toEqual(['a'])
    expect(store.totalUserStreams).toBe(1)
    kurrentLite.dispose()
  })
})
