import { onScopeDispose, type MaybeRefOrGetter, ref, type Ref, shallowReadonly, shallowRef, type ShallowRef, toValue, watch } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { DatabaseMetrics } from '../../../services/models'
import type { Session } from '../../../services/session'
import { after } from '../../../services/timers'
import { currentSession } from '../../app_session'
import { rendersOnServer } from '../../rendering'

/** What happened between two readings of the metrics. */
export interface Throughput {
  /** When it ended. */
  readonly time: Date
  /** Calls in a second that succeeded, and that failed. */
  readonly succeeded: number
  readonly failed: number
}

export interface DashboardOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** Milliseconds from one reading to the next; 0: they are read once, and by `refresh`. @defaultValue 2000 */
  readonly interval?: MaybeRefOrGetter<number | undefined>
  /** Readings that `throughput` goes back. @defaultValue 60 */
  readonly kept?: number
}

/** The metrics of a session's database, and how they change. */
export interface Dashboard {
  /** `null` until they were read once. */
  readonly metrics: Readonly<ShallowRef<DatabaseMetrics | null>>
  /** Oldest first; of the current environment, while the caller's scope lives. */
  readonly throughput: Readonly<ShallowRef<readonly Throughput[]>>
  /** Why they could not be read last; `metrics` then stays what it was. */
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
  const kept = options.kept ?? 60
  const metrics = shallowRef<DatabaseMetrics | null>(null)
  const throughput = shallowRef<readonly Throughput[]>([])
  const error = shallowRef<KurrentLiteError | null>(null)
  const isLoading = ref(false)
  const interval = () => toValue(options.interval) ?? 2000
  let before: Reading | undefined
  let environment = session.environment
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
    const outcome = await session.kurrentdb.metrics().then(
      (found) => ({ found }),
      (thrown: unknown) => ({ thrown }),
    )
    isLoading.value = false
    if (isOver || asked !== session.environment) return
    error.value = 'found' in outcome ? null : toKurrentLiteError(outcome.thrown)
    if ('found' in outcome) take(outcome.found)
  }

  function take(found: DatabaseMetrics): void {
    const now = { ...callsOf(found), at: performance.now() }
    metrics.value = found
    // Counts that went down belong to other services: those of an environment that was left and came back.
    if (before && now.calls >= before.calls && now.at > before.at) {
      const seconds = (now.at - before.at) / 1000
      const failed = now.errors - before.errors
      const point = { time: new Date(), succeeded: (now.calls - before.calls - failed) / seconds, failed: failed / seconds }
      throughput.value = [...throughput.value, point].slice(-kept)
    }
    before = now
  }

  function plan(): void {
    cancel?.()
    cancel = undefined
    if (isOver || interval() <= 0) return
    cancel = after(interval(), () => {
      const isSeen = document.visibilityState !== 'hidden'
      if (isSeen && session.connection.isConnected) void refresh()
      else plan()
    })
  }

  if (!rendersOnServer() && 'document' in globalThis) {
    const stop = session.on('connection', () => {
      if (session.environment !== environment) {
        environment = session.environment
        before = undefined
        metrics.value = null
        throughput.value = []
        error.value = null
      }
      if (metrics.value === null && session.connection.isConnected) void refresh()
    })
    watch(interval, plan)
    const { isConnected, connectionId } = session.connection
    if (isConnected || connectionId === '') void refresh()
    else plan()
    onScopeDispose(() => {
      isOver = true
      cancel?.()
      stop()
    })
  }
  return {
    metrics: shallowReadonly(metrics),
    throughput: shallowReadonly(throughput),
    error: shallowReadonly(error),
    isLoading,
    refresh,
  }
}

interface Reading {
  readonly at: number
  readonly calls: number
  readonly errors: number
}

/** All calls but those that read the metrics themselves. */
function callsOf({ operations }: DatabaseMetrics): { calls: number; errors: number } {
  let calls = 0
  let errors = 0
  for (const [name, operation] of Object.entries(operations)) {
    if (name === 'statistics') continue
    calls += operation.count
    errors += operation.errors
  }
  return { calls, errors }
}
