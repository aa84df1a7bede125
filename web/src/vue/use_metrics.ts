import type { ShallowRef } from 'vue'
import type { CallOptions, DatabaseMetrics, MetricsSecond } from '../services/models'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { useSessionValue } from './composables'

/** What `useMetrics` gives. */
export interface UseMetrics {
  /** What was last measured, by the sync or whoever asked; `null` before the first time. */
  readonly metrics: Readonly<ShallowRef<DatabaseMetrics | null>>
  /** What calls did in each of the last seconds, oldest first, read anew with each measurement: for charts. */
  readonly series: Readonly<ShallowRef<readonly MetricsSecond[]>>
  /** Measures now. */
  refresh(options?: CallOptions): Promise<DatabaseMetrics>
  /** The metrics in the text format of Prometheus. */
  prometheus(options?: CallOptions): Promise<string>
}

/**
 * The metrics of a session (of the current app's, unless given), followed for as long as the caller's scope lives.
 * `seconds` (60, at most 300) and `operation` say what the series is of, see `KurrentDBService.metricsSeries`.
 */
export function useMetrics(
  { seconds = 60, operation = '' }: { readonly seconds?: number; readonly operation?: string } = {},
  session: Session = currentSession(),
): UseMetrics {
  const { kurrentdb } = session
  return {
    metrics: useSessionValue(session, 'metrics', () => session.metrics),
    series: useSessionValue(session, 'metrics', () => kurrentdb.metricsSeries(seconds, operation)),
    refresh: (options) => kurrentdb.metrics(options),
    prometheus: (options) => kurrentdb.prometheus(options),
  }
}
