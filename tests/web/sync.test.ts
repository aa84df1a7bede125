import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { useKurrentDBStore } from '../../web/src/pinia'
import type { Session } from '../../web/src/services'
import { createTestingKurrentLite } from '../../web/src/testing'
import { useSync } from '../../web/src/vue'
import { eventually, failureOf, openSession } from './support'

const quickly = { sync: true, config: { syncInterval: 10, maxRetries: 0, options: { retryDelay: 1 } } } as const

/** Resolves when `condition` holds after an event of the session's sync. */
function onSync(session: Session, condition: () => boolean): Promise<void> {
  if (condition()) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = session.on('sync', () => {
      if (!condition()) return
      stop()
      resolve()
    })
  })
}

describe('the sync of a session', () => {
  it('begins with the connection, checks and measures every syncInterval, and ends with disconnect', async () => {
    const session = openSession(quickly)
    expect(session.sync.status).toEqual({
      isRunning: false,
      isPaused: false,
      isSyncing: false,
      pending: 0,
      lastSync: null,
      nextSync: null,
      errors: [],
    })
    await session.kurrentdb.connect()
    await onSync(session, () => session.sync.status.lastSync !== null)
    const first = session.sync.status.lastSync
    expect(session.health?.status).toBe('healthy')
    await onSync(session, () => session.sync.status.lastSync !== first && !session.sync.status.isSyncing)
    expect(session.metrics?.serviceOperations.checkHealth?.count).toBeGreaterThan(0)
    expect(session.sync.status.isRunning).toBe(true)
    await session.kurrentdb.disconnect()
    await onSync(session, () => !session.sync.status.isRunning)
    expect(session.sync.status.nextSync).toBeNull()
    await onSync(session, () => !session.sync.status.isSyncing)
    const checks = session.kurrentdb.healthHistory().length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(session.kurrentdb.healthHistory()).toHaveLength(checks)
    await session.kurrentdb.connect()
    await onSync(session, () => session.kurrentdb.healthHistory().length > checks)
  })

  it('pauses and resumes', async () => {
    const session = openSession(quickly)
    await session.kurrentdb.connect()
    await onSync(session, () => session.sync.status.lastSync !== null)
    session.sync.pause()
    await onSync(session, () => !session.sync.status.isSyncing)
    expect(session.sync.status).toMatchObject({ isRunning: false, isPaused: true, nextSync: null })
    const checks = session.kurrentdb.healthHistory().length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(session.kurrentdb.healthHistory()).toHaveLength(checks)
    session.sync.resume()
    expect(session.sync.status).toMatchObject({ isRunning: true, isPaused: false })
    await onSync(session, () => session.kurrentdb.healthHistory().length > checks)
  })

  it('does not begin by itself without a page, unless it is told to', async () => {
    const session = openSession({ ...quickly, sync: undefined })
    await session.kurrentdb.connect()
    expect(session.sync.status.isRunning).toBe(false)
    session.sync.resume()
    await onSync(session, () => session.sync.status.lastSync !== null)
  })

  it('can be asked for at any time', async () => {
    const session = openSession()
    const status = await session.sync.now()
    expect(status.lastSync).toBeInstanceOf(Date)
    expect(status).toMatchObject({ isRunning: false, errors: [] })
    expect(session.health?.status).toBe('healthy')
    expect(session.metrics).not.toBeNull()
    expect(await failureOf(session.sync.now({ signal: AbortSignal.abort() }))).toMatchObject({
      type: 'operation-cancelled',
    })
    expect(session.sync.status.errors).toEqual([])
  })

  it('remembers what went wrong, goes on, and restores the connection', async () => {
    const session = openSession(quickly)
    await session.kurrentdb.connect()
    await onSync(session, () => session.sync.status.lastSync !== null)
    await session.setSimulation({ preset: 'instant', offline: true })
    await onSync(session, () => session.sync.status.errors.length > 0)
    const { errors, lastSync } = session.sync.status
    expect(errors[0]).toMatchObject({ time: expect.any(Date), message: expect.stringContaining('cannot be reached') })
    await onSync(session, () => session.sync.status.errors.length === 10)
    expect(session.sync.status.lastSync).toBe(lastSync)
    await session.setSimulation('instant')
    await onSync(session, () => session.sync.status.lastSync !== lastSync)
    expect(session.connection.isConnected).toBe(true)
  })

  it('knows of writes under way', async () => {
    const session = openSession()
    await session.kurrentdb.connect()
    const slow = { medianMs: 30, spread: 0, minMs: 30, maxMs: 30 }
    await session.setSimulation({ preset: 'instant', latency: { append: slow } as never })
    const pending: number[] = []
    session.on('sync', () => pending.push(session.sync.status.pending))
    await Promise.all([
      session.streams.create({ name: 'A', data: 1 }),
      session.streams.create({ name: 'B', data: 2 }),
    ])
    await eventually(() => pending.at(-1) === 0, 'no writes under way')
    expect(Math.max(...pending)).toBe(2)
  })

  it('starts over in another environment', async () => {
    const session = openSession({ ...quickly, simulation: 'instant' })
    await session.kurrentdb.connect()
    await onSync(session, () => session.sync.status.lastSync !== null)
    const first = session.sync.status.lastSync
    await session.switchEnvironment('staging')
    await onSync(session, () => session.sync.status.lastSync !== null && session.sync.status.lastSync !== first)
    expect(session.health?.status).toBe('healthy')
    expect(session.environment).toBe('staging')
  })
})

describe('the store', () => {
  it('shows the sync of its session, and its lists follow it', async () => {
    const kurrentLite = createTestingKurrentLite(quickly)
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    await store.connect()
    await eventually(() => store.sync.lastSync !== null, 'the first sync')
    expect(store.sync.isRunning).toBe(true)
    store.pauseSync()
    expect(store.sync.isPaused).toBe(true)
    const { lastSync } = await store.syncNow()
    expect(store.sync.lastSync).toBe(lastSync)
    expect(store.healthHistory.length).toBeGreaterThan(1)
    expect(store.healthHistory[0]).toEqual(store.health)
    store.resumeSync()
    expect(store.sync.isPaused).toBe(false)
    await store.createStream({ name: 'A', data: 1 })
    expect(await store.prometheus()).toContain('kurrentdb_documents{environment="test"} 1\n')
    const calls = store.metricsSeries(300, 'createStream').reduce((sum, { calls }) => sum + calls, 0)
    expect(calls).toBe(1)
    kurrentLite.dispose()
  })
})

describe('useSync', () => {
  it('follows the status while its scope lives', async () => {
    const session = openSession()
    const scope = effectScope()
    const { status, now, pause } = scope.run(() => useSync(session))!
    expect(status.value.lastSync).toBeNull()
    await now()
    expect(status.value.lastSync).toBeInstanceOf(Date)
    const { value } = status
    scope.stop()
    pause()
    expect(status.value).toBe(value)
  })
})
