import { toConnection, toHealth, toMetrics } from './convert'
import type { DatabaseConnection, DatabaseHealth, DatabaseMetrics } from './models'
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
  async connect(): Promise<DatabaseConnection> {
    return toConnection(await this.session.call('connect'))
  }

  /** Ends the connection until the next action or `connect`. */
  async disconnect(): Promise<void> {
    const { enabled, connection } = this.session
    if (enabled && connection.status === 'disconnected') return
    await this.session.call('disconnect')
  }

  /** Drops the connection and connects anew. */
  async reconnect(): Promise<DatabaseConnection> {
    return toConnection(await this.session.call('reconnect'))
  }

  /** Probes connection, authentication, reading, writing and the lists. Failed probes are in the result. */
  async checkHealth(): Promise<DatabaseHealth> {
    const health = toHealth(await this.session.call('checkHealth'))
    this.session.noteHealth(health)
    return health
  }

  async metrics(): Promise<DatabaseMetrics> {
    return toMetrics(await this.session.call('metrics'))
  }
}
