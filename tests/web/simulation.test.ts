import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { useKurrentDBStore } from '../../web/src/pinia'
import { createTestingKurrentLite } from '../../web/src/testing'
import { eventually, failureOf, openSession } from './support'

const quick = { medianMs: 1, spread: 0.5, minMs: 0, maxMs: 5 }
const latency = { connect: quick, append: quick, read: quick, delete: quick, subscribe: quick, statistics: quick }

describe('a simulated network', () => {
  it('takes its time', async () => {
    const session = openSession({
      simulation: {
        preset: 'instant',
        latency: { ...latency, append: { medianMs: 60, spread: 0, minMs: 60, maxMs: 60 } },
      },
    })
    await session.kurrentdb.connect()
    const begin = performance.now()
    await session.streams.create({ name: 'A', data: 1 })
    expect(performance.now() - begin).toBeGreaterThanOrEqual(55)
    await session.setSimulation('instant')
    const again = performance.now()
    await session.streams.create({ name: 'A', data: 1 })
    expect(performance.now() - again).toBeLessThan(50)
  })

  it('that refuses calls, loses replies and breaks connections loses and doubles no write', async () => {
    const session = openSession({
      simulation: { preset: 'flaky', seed: 11, latency, errorRate: 0.1, lostReplyRate: 0.1, disconnectRate: 0.02 },
      config: { maxRetries: 30, timeout: 60_000, options: { retryDelay: 1 } },
    })
    const ids = Array.from({ length: 60 }, (_, index) => `doc-${index}`)
    await Promise.all(ids.map((id) => session.streams.create({ id, name: id, data: { id } })))
    for (const id of ids.slice(0, 20)) await session.streams.update(id, { data: { id, updated: true } })
    const database = await session.openDatabase()
    const core = await session.openCore()
    for (const [index, id] of ids.entries()) {
      const types = database.readEvents(core.documentStreamName(id)).map(({ type }) => type)
      expect(types).toEqual(index < 20 ? ['document-created', 'document-updated'] : ['document-created'])
    }
    const { operations } = await session.kurrentdb.metrics()
    expect(operations.append.retries).toBeGreaterThan(0)
    expect((await session.streams.list({ limit: 1000 })).total).toBe(60)
  })

  it('that is offline rejects with a connection error, and works again once online', async () => {
    const kurrentLite = createTestingKurrentLite({
      config: { maxRetries: 1, timeout: 2_000, options: { retryDelay: 1 } },
    })
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    await store.setSimulation({ preset: 'instant', offline: true })
    expect(await failureOf(store.updateStream('a', { data: 2 }))).toMatchObject({ type: 'connection-failed' })
    await eventually(() => store.connectionStatus === 'error', 'status error')
    expect(store.isConnected).toBe(false)
    expect(await store.checkHealth()).toMatchObject({ status: 'unhealthy', checks: { connection: false } })
    expect(store.health?.status).toBe('unhealthy')
    await store.setSimulation('instant')
    expect((await store.updateStream('a', { data: 3 })).data).toBe(3)
    expect(store.isConnected).toBe(true)
    expect(store.streams).toMatchObject([{ data: 3 }])
    kurrentLite.dispose()
  })

  it('that is too slow ends in a timeout', async () => {
    const slow = { medianMs: 10_000, spread: 0, minMs: 10_000, maxMs: 10_000 }
    const session = openSession({
      config: { timeout: 600, maxRetries: 0 },
      simulation: { preset: 'instant', latency: { ...latency, append: slow } },
    })
    await session.kurrentdb.connect()
    const failure = await failureOf(session.streams.create({ name: 'A', data: 1 }))
    expect(failure).toMatchObject({ name: 'OperationTimeoutError', type: 'operation-timeout', timeoutMs: 600 })
  })

  it('with values that make no sense is refused', async () => {
    const session = openSession()
    const bad: any[] = [
      { errorRate: 2 },
      { errorRate: 'x' },
      'fast',
      { preset: 'fast' },
      7,
      { latency: { read: { medianMs: -1 } } },
    ]
    for (const simulation of bad) {
      expect(await failureOf(session.setSimulation(simulation)), JSON.stringify(simulation)).toMatchObject({
        type: 'validation-failed',
      })
    }
    expect((await session.simulation()).name).toBe('instant')
  })
})
