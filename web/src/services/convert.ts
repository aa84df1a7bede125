import type {
  CircuitState,
  ConnectionStatus,
  DatabaseConnection,
  DatabaseHealth,
  DatabaseMetrics,
  EnvironmentName,
  MetricsSecond,
  Stream,
  StreamHistoryEntry,
  StreamHistoryPage,
  StreamPage,
  UserStream,
} from './models'

/*
 * The core answers with models whose times are milliseconds since 1970; here they become Dates. Each answer is a fresh
 * object, so it is changed in place.
 */

type Times<T, K extends keyof T> = Omit<T, K> & Record<K, number>
type RawStream = Omit<Stream, 'metadata'> & { metadata: Times<Stream['metadata'], 'createdAt' | 'updatedAt'> }
type RawUserStream = Times<UserStream, 'createdAt' | 'updatedAt'>

const dateOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

export function toStream<T>(raw: unknown): Stream<T> {
  const { metadata, ...rest } = raw as RawStream
  const { createdAt, updatedAt, ...other } = metadata
  const dated = { ...other, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) }
  return { ...rest, metadata: dated } as Stream<T>
}

export function toStreamPage<T>(raw: unknown): StreamPage<T> {
  const page = raw as Omit<StreamPage, 'items'> & { items: unknown[] }
  return { ...page, items: page.items.map((item) => toStream<T>(item)) }
}

export function toStreamHistory(raw: unknown): StreamHistoryPage {
  const page = raw as Omit<StreamHistoryPage, 'items'> & { items: Times<StreamHistoryEntry, 'time'>[] }
  return { ...page, items: page.items.map((item) => ({ ...item, time: new Date(item.time) })) }
}

export function toUserStream<T>(raw: unknown): UserStream<T> {
  const { createdAt, updatedAt, ...rest } = raw as RawUserStream
  return { ...rest, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) } as UserStream<T>
}

export function toConnection(raw: unknown): DatabaseConnection {
  const connection = raw as Omit<DatabaseConnection, 'lastSync' | 'circuit'> & {
    lastSync: number | null
    circuit: { state: CircuitState; retryAt: number | null }
  }
  const { lastSync, circuit } = connection
  const retryAt = dateOrNull(circuit.retryAt)
  return { ...connection, lastSync: dateOrNull(lastSync), circuit: { ...circuit, retryAt } }
}

export function toHealth(raw: unknown): DatabaseHealth {
  const health = raw as Times<DatabaseHealth, 'lastCheck'>
  return { ...health, lastCheck: new Date(health.lastCheck) }
}

export function toMetrics(raw: unknown): DatabaseMetrics {
  const metrics = raw as Omit<DatabaseMetrics, 'lastBackup'> & { lastBackup: number | null }
  return { ...metrics, lastBackup: dateOrNull(metrics.lastBackup) }
}

export function toSeries(raw: unknown): MetricsSecond[] {
  return (raw as Times<MetricsSecond, 'time'>[]).map((second) => ({ ...second, time: new Date(second.time) }))
}

/** The connection of a session that has not loaded anything yet. */
export function noConnection(
  environment: EnvironmentName,
  status: ConnectionStatus = 'disconnected',
): DatabaseConnection {
  const circuit = { state: 'closed', retryAt: null } as const
  return { isConnected: false, environment, lastSync: null, connectionId: '', status, circuit }
}
