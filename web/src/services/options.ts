import type { Database, ServiceOperation, SimulationOptions } from '../wasm/core'
import type { EventClient } from './event_client'
import type { DocumentKinds } from './kinds'
import type { CircuitBreakerConfig, DatabaseConfig, EnvironmentName, HealthProbe, Span } from './models'
import type { StoragePort } from './storage'
import type { DataRules, SanitizedData } from './validation/guard'
import type { EventSchemas } from './validation/with_schemas'

/** Names of one environment's account. */
export interface EnvironmentCredentials {
  readonly apiKey?: string
  readonly secretKey?: string
}

/** Values that win over the `VITE_KURRENT_DB_*` variables; checked by the same rules. */
export interface ConfigOverrides {
  readonly enabled?: boolean
  readonly syncInterval?: number
  readonly maxRetries?: number
  readonly timeout?: number
  /** Of the environment that the session starts in. */
  readonly endpoints?: Partial<Readonly<DatabaseConfig['endpoints']>>
  readonly options?: Partial<Readonly<DatabaseConfig['options']>>
  readonly circuitBreaker?: Partial<Readonly<CircuitBreakerConfig>>
  /** `slowMs` holds for every probe that is not named. @defaultValue 2000 */
  readonly healthThresholds?: Partial<Readonly<Record<HealthProbe | 'slowMs', number>>>
  /** Milliseconds by operation, in the place of `timeout`, e.g. `{ createStream: 500 }`. */
  readonly timeouts?: { readonly [operation in ServiceOperation]?: number }
}

/** Keeps a database across page loads. */
export interface PersistOptions {
  /** Names the saved content; each environment adds its own part. @defaultValue `kurrentlite` */
  readonly key?: string
  /** @defaultValue `indexedDbStorage()` where IndexedDB exists; elsewhere nothing is saved */
  readonly storage?: StoragePort
  /** Milliseconds after a write until it is saved, together with those that followed. @defaultValue 100 */
  readonly debounce?: number
}

/** A user's name, `null` for nobody, or a function that answers one of them. */
export type UserSource = string | null | (() => string | null | undefined)

/** How a session, the Vue plugin or the default session finds and simulates its database. Everything is optional. */
export interface KurrentLiteOptions {
  /**
   * Where the `VITE_KURRENT_DB_*` variables come from, e.g. `import.meta.env`.
   * @defaultValue `import.meta.env` as far as the bundler fills it in, then `process.env`
   */
  readonly env?: Readonly<Record<string, unknown>>
  /** Wins over `VITE_KURRENT_DB_ENVIRONMENT`. @defaultValue `dev` */
  readonly environment?: EnvironmentName | 'development' | 'production'
  readonly config?: ConfigOverrides
  /** For the starting environment, or by environment. The place for secrets that must not be in `VITE_` variables. */
  readonly credentials?: EnvironmentCredentials | { readonly [name in EnvironmentName]?: EnvironmentCredentials }
  /**
   * Who uses the app: a user's name, or a getter that is asked before each operation; `null` is nobody, who acts as
   * `anonymous`. Documents and user data are then seen and changed as their permissions allow, and new documents belong to
   * the user; refusals reject with `PermissionDeniedError`.
   * @defaultValue no user: the program itself, which may do everything
   */
  readonly user?: UserSource
  /**
   * The simulated network: one for all environments, or by environment.
   * @defaultValue `instant` for dev and test, `lan` for staging, `wan` for mainnet
   */
  readonly simulation?: SimulationOptions | { readonly [name in EnvironmentName]?: SimulationOptions }
  /** Saves the databases, by default to IndexedDB. @defaultValue false: memory only */
  readonly persist?: boolean | PersistOptions
  /** A database to use in the starting environment; its giver closes it. @defaultValue a new one for every session */
  readonly database?: Database | Promise<Database>
  /**
   * The client that everything goes through, in the place of a database in this process: the official one in Node, in
   * production, or whatever has its interface. Documents, user data, health, composables and stores then work on the
   * KurrentDB behind it; `simulation`, `persist` and `reset` are for databases in this process. Whoever made the client
   * disposes of it; its credentials count, not those of the configuration. (Reads of the official client tell times in
   * whole seconds, its subscriptions in milliseconds.)
   * @defaultValue a client of the session's own database, by its simulated network
   */
  readonly client?: EventClient
  /**
   * What documents must be, by kind (`'*'`: all of them): schemas and sanitizing, applied before every write.
   * @defaultValue whatever JSON can hold
   */
  readonly kinds?: DocumentKinds
  /** The same for user data, by type (`'*'`: all of them). */
  readonly userData?: Readonly<Record<string, DataRules>>
  /** The same for events that are appended by `session.client`, by event type: see `withSchemas`. */
  readonly eventSchemas?: EventSchemas
  /** Told of every write whose data sanitizing changed. @defaultValue a warning during development, once a kind */
  readonly onSanitized?: (sanitized: SanitizedData) => void
  /** Bytes that each new database may take; writes past it reject with `OutOfMemoryError`. @defaultValue no limit */
  readonly memoryLimit?: number
  /** Where `kurrentlite.wasm` is, when it was moved. Only the first session of a page decides. */
  readonly wasmUrl?: string | URL
  /**
   * Whether the session refreshes health and metrics, and with them the store its lists, every `syncInterval`: see
   * `session.sync`.
   * @defaultValue true in a page, and for a store without an app; false on a server
   */
  readonly sync?: boolean
  /**
   * Told of every operation and every attempt of a call after it ended, soon after: to be handed to OpenTelemetry. Without
   * it nothing is traced.
   */
  readonly onSpan?: (span: Span) => void
}
