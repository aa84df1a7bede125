import { toConnection, toHealth, toMetrics } from './convert'
import type { CallOptions, DatabaseConnection, DatabaseHealth, DatabaseMetrics } from './models'
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

  /** Probes connection, authentication, reading, writing and the lists. Failed probes are in the result. */
  async checkHealth(options?: CallOptions): Promise<DatabaseHealth> {
    const health = toHealth(await this.session.call('checkHealth', '{}', options))
    this.session.noteHealth(health)
    return health
  }

  async metrics(options?: CallOptions): Promise<DatabaseMetrics> {
    return toMetrics(await this.session.call('metrics', '{}', options))
  }
}
