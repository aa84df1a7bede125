// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest'
import { useHealthChecks, useDashboard, useSimulation } from '../../../web/src/vue'
import { inApp, testing } from '../vue_app'

describe('useDashboard', () => {
  it('reads figures again and again, and what calls did in each second but for those readings', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    const { metrics, series } = inApp([kurrentLite], () => useDashboard({ interval: 10, seconds: 30 }))
    await vi.waitFor(() => expect(metrics.value?.totalStreams).toBe(0))
    const callsUntilNow = () => series.value.reduce((sum, { calls }) => sum + calls, 0)
    const before = callsUntilNow()
    for (const name of ['A', 'B', 'C']) await session.streams.create({ name, data: 1 })
    await vi.waitFor(() => expect(metrics.value?.totalStreams).toBe(3))
    const appended = metrics.value!.operations.append.count
    await vi.waitFor(() => expect(callsUntilNow()).toBeGreaterThanOrEqual(before + 3))
    const after = callsUntilNow()
    const readings = metrics.value!.operations.statistics.count
    await vi.waitFor(() => expect(metrics.value!.operations.statistics.count).toBeGreaterThan(readings + 3))
    expect([callsUntilNow(), metrics.value!.operations.append.count]).toEqual([after, appended])
    expect(series.value.length).toBe(30)
  })

  it('reads once without an interval, and on demand', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    const { metrics, refresh } = inApp([kurrentLite], () => useDashboard({ interval: 0 }))
    await vi.waitFor(() => expect(metrics.value?.totalStreams).toBe(0))
    await session.streams.create({ name: 'A', data: 1 })
    expect(metrics.value?.totalStreams).toBe(0)
    await refresh()
    expect(metrics.value?.totalStreams).toBe(1)
  })

  it('never connects what was disconnected, and goes on when it is connected again', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    const { metrics } = inApp([kurrentLite], () => useDashboard({ interval: 5 }))
    await vi.waitFor(() => expect(metrics.value).not.toBeNull())
    await session.kurrentdb.disconnect()
    const read = vi.spyOn(session.kurrentdb, 'metrics')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(session.connection.status).toBe('disconnected')
    const before = read.mock.calls.length
    await session.kurrentdb.connect()
    await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(before))
  })

  it('says why figures cannot be read, keeps the last, and forgets those of another environment', async () => {
    const kurrentLite = testing({ config: { maxRetries: 0 } })
    const { session } = kurrentLite
    await session.streams.create({ name: 'A', data: 1 })
    const { metrics, error, refresh } = inApp([kurrentLite], () => useDashboard({ interval: 0 }))
    await vi.waitFor(() => expect(metrics.value?.totalStreams).toBe(1))
    await session.setSimulation({ preset: 'instant', offline: true })
    await refresh()
    expect([error.value?.type, metrics.value?.totalStreams]).toEqual([expect.any(String), 1])
    await session.switchEnvironment('staging')
    await vi.waitFor(() => expect([metrics.value?.totalStreams, error.value]).toEqual([0, null]))
  })
})

describe('useHealthChecks', () => {
  it('keeps the checks of everybody, newest first, and forgets those of another environment', async () => {
    const kurrentLite = testing({ config: { maxRetries: 0 } })
    const { session } = kurrentLite
    const { health, history, check } = inApp([kurrentLite], () => useHealthChecks(session, 2))
    expect([health.value, history.value]).toEqual([null, []])
    expect(await check()).toBe(true)
    await session.kurrentdb.checkHealth()
    await session.setSimulation({ preset: 'instant', offline: true })
    await session.kurrentdb.checkHealth()
    expect(history.value.map(({ status }) => status)).toEqual(['unhealthy', 'healthy'])
    expect(health.value).toEqual(history.value[0])
    await session.setSimulation('instant')
    await session.switchEnvironment('staging')
    expect([health.value, history.value]).toEqual([null, []])
    await session.switchEnvironment('test')
    expect(history.value.length).toBe(2)
  })
})

describe('useSimulation', () => {
  it('changes parts of the network and keeps the others', async () => {
    const kurrentLite = testing()
    const { profile, preset, isAdjusted, latencyMs, change } = inApp([kurrentLite], () => useSimulation())
    await vi.waitFor(() => expect(profile.value).not.toBeNull())
    await change({ preset: 'wan' })
    await change({ seed: 99 })
    expect([preset.value, isAdjusted.value]).toEqual(['wan', false])
    await change({ errorRate: 0.25 })
    await change({ latencyMs: 7 })
    await change({ offline: true })
    expect(profile.value).toMatchObject({ name: 'wan', seed: 99, errorRate: 0.25, offline: true })
    expect([latencyMs.value, isAdjusted.value]).toEqual([7, true])
    await change({ preset: 'lan' })
    expect(profile.value).toMatchObject({ name: 'lan', seed: 99, errorRate: 0, offline: true })
    expect(isAdjusted.value).toBe(false)
  })

  it('follows what others change, refuses nonsense, and is of the present environment', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    const { profile, error, change } = inApp([kurrentLite], () => useSimulation())
    await session.setSimulation('mobile')
    await vi.waitFor(() => expect(profile.value?.name).toBe('mobile'))
    expect(await change({ errorRate: 7 })).toBe(false)
    expect([error.value?.type, profile.value?.name]).toEqual([expect.any(String), 'mobile'])
    await session.switchEnvironment('staging')
    await vi.waitFor(() => expect(profile.value?.name).not.toBe('mobile'))
  })
})
