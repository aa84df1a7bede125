import { describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { CircuitOpenError, ConnectionError, errorFromJSON, type Span } from '../../web/src/services'
import { useHealthHistory, useMetrics } from '../../web/src/vue'
import { eventually, failureOf, openSession } from './support'

describe('metrics', () => {
  it('count calls and operations, with rates, latencies and storage by what it is about', async () => {
    const session = openSession()
    await session.streams.create({ id: 'a', name: 'A', data: { text: 'x'.repeat(500) } })
    await session.users.store('ann', { theme: 'dark' })
    ;(await session.openDatabase()).appendEvents('orders-1', [{ type: 'placed', data: {} }])
    await failureOf(session.streams.create({ id: 'a', name: 'A', data: 1 }))
    const metrics = await session.kurrentdb.metrics()
    expect(session.metrics).toBe(metrics)
    expect(metrics.serviceOperations.createStream).toMatchObject({ count: 2, errors: 0, retries: 0, cancelled: 0 })
    expect(metrics.serviceOperations.createStream!.rate1m).toBeGreaterThan(0)
    expect(metrics.operations.append.count).toBe(3)
    expect(metrics.storage).toMatchObject({
      documents: { events: 1 },
      userData: { events: 1 },
      system: { events: 0, bytes: 0 },
      other: { events: 1 },
    })
    const { documents, userData, system, other } = metrics.storage
    expect(documents.bytes).toBeGreaterThan(500)
    expect(documents.bytes + userData.bytes + system.bytes + other.bytes).toBe(metrics.storageUsed)
    expect(metrics.circuit).toEqual({ state: 'closed', failures: 0, openings: 0, refused: 0 })
  })

  it('have a series for charts', async () => {
    const session = openSession()
    expect(session.kurrentdb.metricsSeries()).toEqual([])
    await session.streams.create({ name: 'A', data: 1 })
    const series = session.kurrentdb.metricsSeries(120, 'append')
    expect(series).toHaveLength(120)
    expect(series.reduce((sum, { calls }) => sum + calls, 0)).toBe(1)
    expect(series[0]!.time).toBeInstanceOf(Date)
    expect(series[1]!.time.getTime() - series[0]!.time.getTime()).toBe(1000)
    expect(session.kurrentdb.metricsSeries(10_000)).toHaveLength(300)
  })

  it('can be read by Prometheus', async () => {
    const session = openSession()
    await session.streams.create({ name: 'A', data: 1 })
    const text = await session.kurrentdb.prometheus()
    // https://prometheus.io/docs/instrumenting/exposition_formats/
    const comment = /^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$/
    const sample = /^[a-z_]+\{([a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*)\} ([0-9.e+-]+|\+Inf)$/
    const lines = text.split('\n')
    expect(lines.pop()).toBe('')
    for (const line of lines) expect(line).toMatch(line.startsWith('#') ? comment : sample)
    expect(text).toContain('kurrentdb_operation_duration_seconds_bucket{environment="test",operation="createStream",le="+Inf"} 1\n')
  })

  it('are followed by useMetrics, and checks by useHealthHistory', async () => {
    const session = openSession()
    const scope = effectScope()
    const { metrics, series, refresh } = scope.run(() => useMetrics({ seconds: 5 }, session))!
    const history = scope.run(() => useHealthHistory(session))!
    expect([metrics.value, series.value, history.value]).toEqual([null, [], []])
    await session.streams.create({ name: 'A', data: 1 })
    await refresh()
    expect(metrics.value?.totalStreams).toBe(1)
    expect(series.value).toHaveLength(5)
    await session.kurrentdb.checkHealth()
    expect(history.value).toEqual([session.health])
    scope.stop()
  })
})

describe('health', () => {
  it('tells how long each probe took, and which were slower than allowed', async () => {
    const append = { medianMs: 40, spread: 0, minMs: 40, maxMs: 40 }
    const session = openSession({
      simulation: { preset: 'instant', latency: { append } as never },
      config: { healthThresholds: { slowMs: 0, write: 10 } },
    })
    const health = await session.kurrentdb.checkHealth()
    expect(health).toMatchObject({ status: 'degraded', slow: ['write'], checks: { write: true } })
    expect(health.durations.write).toBeGreaterThanOrEqual(39)
    expect(health.durations.connection).toBeGreaterThanOrEqual(0)
    expect(health.errors).toEqual([expect.stringMatching(/^Write: passed, but took \d+ ms; more than 10 ms is slow\.$/)])
    await session.setSimulation('instant')
    expect(await session.kurrentdb.checkHealth()).toMatchObject({ status: 'healthy', slow: [] })
    expect(session.kurrentdb.healthHistory().map(({ status }) => status)).toEqual(['healthy', 'degraded'])
    expect(session.kurrentdb.healthHistory(1)).toHaveLength(1)
  })
})

describe('spans', () => {
  it('tell of operations and their calls in the terms of OpenTelemetry', async () => {
    const spans: Span[] = []
    const session = openSession({ onSpan: (span) => spans.push(span) })
    const before = Date.now()
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await eventually(() => spans.some(({ name }) => name === 'createStream'), 'the span of the operation')
    const operation = spans.find(({ name }) => name === 'createStream')!
    expect(operation).toMatchObject({ kind: 'internal', parentSpanId: null, status: { code: 'ok' } })
    expect(operation.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(operation.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(operation.startTime).toBeGreaterThanOrEqual(before - 1)
    expect(operation.endTime).toBeGreaterThanOrEqual(operation.startTime)
    expect(operation.endTime).toBeLessThanOrEqual(Date.now() + 1)
    const append = spans.find(({ name }) => name === 'streams.append')!
    expect(append).toMatchObject({
      kind: 'client',
      traceId: operation.traceId,
      parentSpanId: operation.spanId,
      attributes: {
        'db.system': 'kurrentdb',
        'db.operation': 'streams.append',
        'db.kurrentdb.stream': 'document-a',
        'server.port': expect.any(Number),
        'kurrentlite.environment': 'test',
      },
    })
  })
})

describe('the circuit breaker', () => {
  const config = {
    maxRetries: 0,
    options: { retryDelay: 1 },
    circuitBreaker: { threshold: 2, cooldown: 60_000 },
  }

  it('sends nothing while the database cannot be reached, says until when, and closes with a connection', async () => {
    const session = openSession({ config })
    await session.kurrentdb.connect()
    await session.setSimulation({ preset: 'instant', errorRate: 1 })
    for (let i = 0; i < 2; i += 1) {
      const error = await failureOf(session.streams.get('a'))
      expect(error).toMatchObject({ name: 'ConnectionError', type: 'connection-failed' })
    }
    const error = await failureOf<CircuitOpenError>(session.streams.get('a'))
    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ type: 'circuit-open', name: 'CircuitOpenError' })
    expect(error.retryInMs).toBeGreaterThan(50_000)
    expect(errorFromJSON(error.toJSON())).toMatchObject({ name: 'CircuitOpenError', retryInMs: error.retryInMs })
    const { circuit } = session.connection
    expect(circuit).toMatchObject({ state: 'open', retryAt: expect.any(Date) })
    expect(circuit.retryAt!.getTime()).toBeGreaterThan(Date.now() + 50_000)
    await session.setSimulation('instant')
    expect((await session.kurrentdb.connect()).circuit).toEqual({ state: 'closed', retryAt: null })
    expect(await session.streams.get('a')).toBeNull()
    expect((await session.kurrentdb.metrics()).circuit).toMatchObject({ state: 'closed', openings: 1, refused: 1 })
  })

  it('is configured with the rest, and bad values are named', async () => {
    const session = openSession({ config: { ...config, timeouts: { createStream: 77 } } })
    expect(await session.config()).toMatchObject({
      circuitBreaker: { threshold: 2, cooldown: 60_000, maxCooldown: 30_000 },
      healthThresholds: { connection: 2000, write: 2000 },
      timeouts: { createStream: 77 },
      options: { jitter: true },
    })
    const bad = openSession({
      config: {
        circuitBreaker: { threshold: -1 },
        healthThresholds: { slowMs: 0.5 },
        timeouts: { createStream: 0 },
        options: { jitter: 1 as never },
      },
    })
    const { violations } = await failureOf<Error & { violations: { field: string }[] }>(bad.ready())
    expect(violations.map(({ field }) => field)).toEqual([
      'config.circuitBreaker.threshold',
      'config.healthThresholds.slowMs',
      'config.timeouts.createStream',
      'config.options.jitter',
    ])
  })
})

describe('a timeout of the configuration', () => {
  it('holds for the operation that it names', async () => {
    const slow = { medianMs: 60_000, spread: 0, minMs: 60_000, maxMs: 60_000 }
    const session = openSession({
      simulation: { preset: 'instant', latency: { append: slow } as never },
      config: { timeouts: { createStream: 15 } },
    })
    expect(await failureOf(session.streams.create({ name: 'A', data: 1 }))).toMatchObject({
      type: 'operation-timeout',
      timeoutMs: 15,
    })
  })
})
