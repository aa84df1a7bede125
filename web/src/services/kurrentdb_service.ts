import { toConnection, toHealth, toMetrics, toSeries } from './convert'
import type { CallOptions, DatabaseConnection, DatabaseHealth, DatabaseMetrics, MetricsSecond } from './models'
import type { Session } from './session'
import { keepOutOfProxies } from '../wasm/opaque'

/** Connection, health and metrics of a session's database. */
export class KurrentDBService {
  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  /** The connection as it is now, without waiting. */
  get connection(): DatabaseConnection {
    return this.session.connection
  }

  /** Connects, unless connected, and follows documents and user data for the lists. */
  async connect(options?: CallOptions): Promise<DatabaseConnection> {
    return toConnection(await this.session.call('connect', '{}', options))
  }

  /** Ends the connection until the next action or `connect`. */
  async disconnect(options?: CallOptions): Promise<void> {
    const { enabled, connection } = this.session
    if (enabled && connection.status === 'disconnected') return
    await this.session.call('disconnect', '{}', options)
  }

  /** Drops the connection and connects anew. */
  async reconnect(options?: CallOptions): Promise<DatabaseConnection> {
    return toConnection(await this.session.call('reconnect', '{}', options))
  }

  /**
   * Probes connection, authentication, reading, writing and the lists. Failed probes are in the result, and so are slow
   * ones: see `healthThresholds` of the configuration.
   */
  async checkHealth(options?: CallOptions): Promise<DatabaseHealth> {
    const health = toHealth(await this.session.call('checkHealth', '{}', options))
    this.session.noteHealth(health)
    return health
  }

  /** The last checks in the current environment, whoever asked for them, newest first; at most 100. Session event `health`. */
  healthHistory(limit = historyMax): DatabaseHealth[] {
    const history = (this.session.handle?.healthHistory(historyMax) as unknown[] | undefined) ?? []
    return [...history.map(toHealth), ...this.session.earlierHealth].slice(0, Math.min(limit, historyMax))
  }

  /** Counts, rates, latencies and storage. Session event `metrics`. */
  async metrics(options?: CallOptions): Promise<DatabaseMetrics> {
    const metrics = toMetrics(await this.session.call('metrics', '{}', options))
    this.session.noteMetrics(metrics)
    return metrics
  }

  /**
   * What calls did in each of the last `seconds` (at most 300), oldest first, quiet ones included: for charts. Of all calls
   * to the database, of one kind of them (`append`, …) or of one operation of the services (`createStream`, …). Does not
   * ask the database; empty before the first action.
   */
  metricsSeries(seconds = 60, operation: string = ''): MetricsSecond[] {
    return toSeries(this.session.handle?.series(seconds, operation) ?? [])
  }

  /**
   * The metrics in the text format of Prometheus, latencies as histograms: the body of an answer with content type
   * `text/plain; version=0.0.4`.
   */
  async prometheus(options?: CallOptions): Promise<string> {
    return (await this.session.call('prometheus', '{}', options)) as string
  }
}

/** How many health checks are kept. */
const historyMax = 100
