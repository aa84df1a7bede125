import { onScopeDispose, type MaybeRefOrGetter, ref, type Ref, shallowReadonly, shallowRef, type ShallowRef, toValue, watch } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { DatabaseMetrics, MetricsSecond } from '../../../services/models'
import type { Session } from '../../../services/session'
import { after } from '../../../services/timers'
import { currentSession } from '../../app_session'
import { rendersOnServer } from '../../rendering'

export interface DashboardOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** Milliseconds from one reading to the next; 0: only what others measure, and `refresh`. @defaultValue 2000 */
  readonly interval?: MaybeRefOrGetter<number | undefined>
  /** Seconds that `series` goes back, at most 300. @defaultValue 60 */
  readonly seconds?: number
}

/** The metrics of a session's database, and how they change. */
export interface Dashboard {
  /** What was measured last, by whomever; `null` until then. */
  readonly metrics: Readonly<ShallowRef<DatabaseMetrics | null>>
  /** What calls did in each of the last seconds, oldest first; without those that only read the metrics. */
  readonly series: Readonly<ShallowRef<readonly MetricsSecond[]>>
  /** Why the metrics could not be read last; they then stay what they were. */
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  readonly isLoading: Readonly<Ref<boolean>>
  /** Reads them now. */
  refresh(): Promise<void>
}

/**
 * Reads the metrics again and again for as long as the caller's scope lives, the page can be seen and the session is
 * connected: reading them does not connect a session that was disconnected.
 */
export function useDashboard(options: DashboardOptions = {}): Dashboard {
  const session = options.session ?? currentSession()
  const seconds = options.seconds ?? 60
  const metrics = shallowRef(session.metrics)
  const series = shallowRef<readonly MetricsSecond[]>([])
  const error = shallowRef<KurrentLiteError | null>(null)
  const isLoading = ref(false)
  const interval = () => toValue(options.interval) ?? 2000
  let reading: Promise<void> | undefined
  let cancel: (() => void) | undefined
  let isOver = false

  function refresh(): Promise<void> {
    return (reading ??= read().finally(() => {
      reading = undefined
      plan()
    }))
  }

  async function read(): Promise<void> {
    isLoading.value = true
    const asked = session.environment
    const failure = await session.kurrentdb.metrics().then(
      () => null,
      (thrown: unknown) => toKurrentLiteError(thrown),
    )
    isLoading.value = false
    if (isOver || asked !== session.environment) return
    error.value = failure
    readSeries()
  }

  /** Asks nobody but the services themselves. */
  function readSeries(): void {
    series.value = secondsOf(session, seconds)
  }

  function plan(): void {
    cancel?.()
    cancel = undefined
    if (isOver || interval() <= 0) return
    cancel = after(interval(), () => {
      const isSeen = document.visibilityState !== 'hidden'
      if (isSeen && session.connection.isConnected) return void refresh()
      if (isSeen) readSeries()
      plan()
    })
  }

  if (!rendersOnServer() && 'document' in globalThis) {
    const stops = [
      session.on('metrics', () => {
        metrics.value = session.metrics
        error.value = null
        readSeries()
      }),
      session.on('connection', () => {
        if (metrics.value === null && session.connection.isConnected) void refresh()
      }),
    ]
    watch(interval, plan)
    const { isConnected, connectionId } = session.connection
    if (isConnected || connectionId === '') void refresh()
    else plan()
    onScopeDispose(() => {
      isOver = true
      cancel?.()
      for (const stop of stops) stop()
    })
  }
  return {
    metrics: shallowReadonly(metrics),
    series: shallowReadonly(series),
    error: shallowReadonly(error),
    isLoading,
    refresh,
  }
}

/** Kinds of calls that are work; `statistics` is how the metrics are read. */
const kinds = ['connect', 'append', 'read', 'delete', 'subscribe'] as const

function secondsOf({ kurrentdb }: Session, seconds: number): MetricsSecond[] {
  const [first = [], ...others] = kinds.map((kind) => kurrentdb.metricsSeries(seconds, kind))
  return others.reduce((sums, each) => sums.map((sum, index) => added(sum, each[index])), first)
}

function added(a: MetricsSecond, b: MetricsSecond | undefined): MetricsSecond {
  if (!b || b.calls === 0) return a
  const calls = a.calls + b.calls
  return {
    time: a.time,
    calls,
    errors: a.errors + b.errors,
    retries: a.retries + b.retries,
    average: (a.average * a.calls + b.average * b.calls) / calls,
    max: Math.max(a.max, b.max),
  }
}
