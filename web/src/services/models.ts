/**
 * The models of the services, as programs see them. They are plain data: safe to clone, to serialise and to put into
 * reactive state.
 */

/** Where a database runs. Each environment has a database of its own. */
export type EnvironmentName = 'dev' | 'staging' | 'test' | 'mainnet'

export type StreamStatus = 'active' | 'archived' | 'deleted'

/** What one may do with a document. Each includes those before it. */
export type StreamAccess = 'read' | 'write' | 'admin'

/**
 * Who may do what with a document: user names, or `*` for everybody. Its owner may do everything. `read`: see the document
 * and its past; `write`: change, archive and restore it; `admin`: delete it, change its permissions and its owner.
 */
export interface StreamPermissions {
  read: string[]
  write: string[]
  admin: string[]
}

export interface StreamMetadata {
  createdAt: Date
  updatedAt: Date
  /** 1 for a new document, one more with every change. */
  version: number
  tags: string[]
  owner: string
}

/** A document: the state that the events on the KurrentDB stream `document-{id}` add up to. */
export interface Stream<T = unknown> {
  id: string
  /** What sort of document it is, such as `customer`; given at its creation. */
  kind?: string
  name: string
  description?: string
  data: T
  metadata: StreamMetadata
  status: StreamStatus
  permissions: StreamPermissions
}

export interface CreateStreamRequest<T = unknown> {
  /** @defaultValue a random UUID */
  readonly id?: string
  /** What sort of document it is; schemas, constraints and indexes go by it. @defaultValue none */
  readonly kind?: string
  /** 1 to 256 characters. */
  readonly name: string
  readonly description?: string
  /** Whatever JSON can hold, up to 16 MiB. */
  readonly data: T
  /** @defaultValue none */
  readonly tags?: readonly string[]
  /** @defaultValue the acting user; without one `anonymous` */
  readonly owner?: string
  /** @defaultValue everybody reads, the owner writes and administrates */
  readonly permissions?: StreamPermissionsPatch
}

/** Parts of a document's permissions; an absent part stays as it is. */
export type StreamPermissionsPatch = Partial<Readonly<Record<keyof StreamPermissions, readonly string[]>>>

/** Two changes to a document that met. */
export interface StreamConflict<T = unknown, Changes = UpdateStreamRequest<T>> {
  readonly id: string
  /** The document at the expected version; `null` when it never had that, or its events are truncated. */
  readonly base: Stream<T> | null
  /** The document now. */
  readonly theirs: Stream<T>
  /** What was to be changed. */
  readonly changes: Changes
}

/** Answers what to change on top of `theirs` instead, or nothing to leave it at the `StreamConflictError`. */
export type MergeStreamConflict<T, Changes> = (
  conflict: StreamConflict<T, Changes>,
) => Changes | null | undefined | Promise<Changes | null | undefined>

/** What to change; an absent field stays as it is. */
export interface UpdateStreamRequest<T = unknown> {
  readonly name?: string
  readonly description?: string
  /** Replaces the document's data. */
  readonly data?: T
  readonly tags?: readonly string[]
  /** Merged part by part. */
  readonly permissions?: StreamPermissionsPatch
  /** When given, the document must still have this version; otherwise the update rejects with `StreamConflictError`. */
  readonly expectedVersion?: number
}

/** How a change is made when somebody else changed the document meanwhile. */
export interface ChangeOptions<T, Changes> extends CallOptions {
  /** Asked at each conflict with `expectedVersion`; what it answers is made at the version of `theirs`. */
  readonly onConflict?: MergeStreamConflict<T, Changes>
}

export interface PatchStreamOptions<T = unknown> extends ChangeOptions<T, object> {
  /** When given, the document must still have this version; otherwise the patch rejects with `StreamConflictError`. */
  readonly expectedVersion?: number
}

/** Tags to put on a document and to take off it; the others stay. */
export interface TagChanges {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

/** One step of a transaction: which operation, on which document, and what that operation takes. */
export type TransactionStep =
  | { readonly create: CreateStreamRequest }
  | ({ readonly update: string } & UpdateStreamRequest)
  | { readonly patch: string; readonly with: object; readonly expectedVersion?: number }
  | ({ readonly tag: string } & TagChanges)
  | { readonly setPermissions: string; readonly permissions: StreamPermissionsPatch }
  | { readonly transferOwner: string; readonly owner: string }
  | { readonly archive: string }
  | { readonly restore: string }
  | { readonly delete: string }

/** Which documents to list. Every given condition must hold. */
export interface StreamFilter {
  /** @defaultValue active and archived documents */
  readonly status?: StreamStatus
  readonly kind?: string
  readonly owner?: string
  /** All of them must be on the document. */
  readonly tags?: readonly string[]
  /** Text to find in id, name, description or tags; ASCII letters ignore case. */
  readonly search?: string
  /** @defaultValue `createdAt` */
  readonly sort?: 'createdAt' | 'updatedAt' | 'name' | 'id'
  /** @defaultValue false */
  readonly descending?: boolean
  /** @defaultValue 0 */
  readonly offset?: number
  /** 1 to 1000. @defaultValue 50 in `StreamService.list`; every matching document in the store */
  readonly limit?: number
}

export interface StreamPage<T = unknown> {
  items: Stream<T>[]
  /** Matching documents on all pages. */
  total: number
  offset: number
  limit: number
}

/** What an event did to its document; `other`: nothing, but it counts as a version. */
export type StreamChangeType =
  | 'created'
  | 'updated'
  | 'patched'
  | 'tagged'
  | 'permissions-changed'
  | 'owner-changed'
  | 'archived'
  | 'restored'
  | 'deleted'
  | 'other'

/** The parts of a document that events change. */
export type StreamField = 'kind' | 'name' | 'description' | 'data' | 'tags' | 'owner' | 'permissions' | 'status'

/** One event in the history of a document. */
export interface StreamHistoryEntry {
  /** Of the document from this event on; `streams.at(id, { version })` answers that document. */
  version: number
  change: StreamChangeType
  eventType: string
  eventId: string
  /** When the database recorded the event. */
  time: Date
  /** What was different afterwards; of a new document whatever it was given. */
  fields: StreamField[]
}

/** Which part of a history to read, always newest first. */
export interface StreamHistoryOptions {
  /** The version to begin with. @defaultValue the latest */
  readonly from?: number
  /** 1 to 1000. @defaultValue 50 */
  readonly limit?: number
}

export interface StreamHistoryPage {
  items: StreamHistoryEntry[]
  /** Entries on all pages. */
  total: number
  /** `from` of the page with older entries; `null` when there are none. */
  next: number | null
}

/** A point in the history of a document: one of its versions, or a time (milliseconds since 1970 when a number). */
export type StreamMoment =
  | { readonly version: number; readonly time?: undefined }
  | { readonly time: Date | number; readonly version?: undefined }

/** How one value of a document differs between two versions. */
export type StreamDifference = {
  /** JSON pointer (RFC 6901) into the document: `/name`, `/metadata/tags/0`, `/data/profile/name`, … */
  path: string
} & (
  | { kind: 'added'; after: unknown }
  | { kind: 'removed'; before: unknown }
  | { kind: 'replaced'; before: unknown; after: unknown }
)

export interface StreamDiff {
  from: number
  to: number
  changes: StreamDifference[]
  /** There are more changes than the 10,000 (or 4 MiB of paths) that are answered at most. */
  truncated: boolean
}

/** Data of one user and one type, on the KurrentDB stream `user-{userId}-{type}[-{category}]`. */
export interface UserStream<T = unknown> {
  userId: string
  type: string
  category?: string
  data: T
  isPublic: boolean
  createdAt: Date
  updatedAt: Date
  version: number
}

export interface StoreUserDataRequest<T = unknown> {
  readonly userId: string
  /** @defaultValue `data` */
  readonly type?: string
  readonly category?: string
  readonly data: T
  /** @defaultValue what it was before; private for new data */
  readonly isPublic?: boolean
}

/** How to reach and use one environment's database. */
export interface DatabaseConfig {
  enabled: boolean
  environment: EnvironmentName
  /** Milliseconds between two refreshes of health, metrics and lists in the store. */
  syncInterval: number
  maxRetries: number
  /** Milliseconds that one operation may take, retries included. */
  timeout: number
  endpoints: { grpc: string; http: string; ws?: string }
  credentials: { apiKey?: string; secretKey?: string }
  options: {
    maxConcurrentStreams: number
    /** Milliseconds. */
    keepAliveTimeout: number
    /** Milliseconds before the first retry; doubles each time up to 30 s. */
    retryDelay: number
    /** Whether pauses are drawn evenly from nothing to that length, so that clients do not return all at once. */
    jitter: boolean
  }
  /** When calls are not sent any more, see `CircuitBreakerConfig`. */
  circuitBreaker: CircuitBreakerConfig
  /** Milliseconds from which on a probe of a health check counts as slow, and degrades the health. 0: never. */
  healthThresholds: Record<HealthProbe, number>
  /** Milliseconds that single operations may take, by name, in the place of `timeout`. */
  timeouts: Record<string, number>
}

/**
 * After `threshold` operations in a row that could not reach the database, calls fail at once with `CircuitOpenError`.
 * After `cooldown` one call is sent as a trial: if it fails, that takes twice as long, up to `maxCooldown`; any success
 * lets everything through again. `connect`, `reconnect` and health checks are always sent.
 */
export interface CircuitBreakerConfig {
  /** 0: never. @defaultValue 5 */
  threshold: number
  /** Milliseconds. @defaultValue 1000 */
  cooldown: number
  /** Milliseconds. @defaultValue 30000 */
  maxCooldown: number
}

/** `closed`: calls are sent; `open`: they fail at once; `half-open`: one is under way as a trial. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** Limits of one call; the optional last argument of every method of the services. */
export interface CallOptions {
  /**
   * Milliseconds (more than 0) that it may take, retries included; then it rejects with `OperationTimeoutError`. Loading
   * the core, before the first call, does not count.
   * @defaultValue `timeout` of the configuration
   */
  readonly timeout?: number
  /**
   * Cancels the call: it rejects with `OperationCancelledError`, whose `cause` is the signal's reason, and sends nothing
   * more. Aborted before the call, nothing is sent at all. What has reached the database by then stays written.
   */
  readonly signal?: AbortSignal
}

export type ConnectionStatus = 'connecting' | 'connected' | 'disconnected' | 'error' | 'reconnecting'

export interface DatabaseConnection {
  isConnected: boolean
  environment: EnvironmentName
  lastSync: Date | null
  /** A UUID, new with every connection; empty before the first. */
  connectionId: string
  status: ConnectionStatus
  /** What the circuit breaker lets through; while open `retryAt` says when the next call may be sent. */
  circuit: { state: CircuitState; retryAt: Date | null }
}

export type HealthProbe = 'connection' | 'authentication' | 'read' | 'write' | 'sync'

export interface DatabaseHealth {
  status: 'healthy' | 'degraded' | 'unhealthy'
  checks: { connection: boolean; authentication: boolean; read: boolean; write: boolean; sync: boolean }
  lastCheck: Date
  /** Milliseconds that the probes took. */
  responseTime: number
  /** Milliseconds that each probe took; `null` when it was not made. */
  durations: Record<HealthProbe, number | null>
  /** The probes that passed, but took longer than their threshold. */
  slow: HealthProbe[]
  /** One sentence for each probe that failed or was slow. */
  errors: string[]
}

/** Calls of one kind since the database was opened; percentiles in milliseconds, exact over the last 512 of them. */
export interface OperationMetrics {
  count: number
  /** Those that failed for good. "No such stream" or "somebody else was first" are answers, not errors. */
  errors: number
  retries: number
  /** Given up by whoever began them; not in `count`. */
  cancelled: number
  /** Calls in a second, over the last minute. */
  rate1m: number
  /** Calls in a second, over the last five minutes. */
  rate5m: number
  p50: number
  p95: number
  p99: number
}

export interface DatabaseMetrics {
  /** Documents that are not deleted. */
  totalStreams: number
  activeStreams: number
  totalUsers: number
  /**
   * Events of all streams, those of the system included. `null` with option `client`: a KurrentDB server does not tell how
   * many events it holds.
   */
  totalEvents: number | null
  /** Bytes; with option `client` the position of the last event, which is about the bytes that were ever written. */
  storageUsed: number
  lastBackup: Date | null
  /** Milliseconds since the first connection. */
  uptime: number
  /** Calls to the database. */
  operations: Record<ClientOperation, OperationMetrics>
  /** Operations of the services (`createStream`, `metrics`, …) that were ever called; retries are those of their calls. */
  serviceOperations: Record<string, OperationMetrics>
  /**
   * What `storageUsed` consists of. Documents, user data and who holds unique values are counted by their events, with what is deleted, until the
   * database gives its place back; system streams are counted on with each call, by at most 4096 events; `other` is what
   * remains, in events only as far as `totalEvents` is known.
   */
  storage: Record<'documents' | 'userData' | 'uniqueValues' | 'system' | 'other', { events: number; bytes: number }>
  circuit: {
    state: CircuitState
    /** Operations in a row that could not reach the database. */
    failures: number
    /** How often it opened, failed trials included. */
    openings: number
    /** Calls that were not sent. */
    refused: number
  }
}

/** A kind of call to the database. */
export type ClientOperation = 'connect' | 'append' | 'read' | 'delete' | 'subscribe' | 'statistics'

/** What calls did in one second. */
export interface MetricsSecond {
  /** The begin of the second. */
  time: Date
  /** Calls that finished in it. */
  calls: number
  errors: number
  retries: number
  /** Milliseconds that they took on average; 0 without calls. */
  average: number
  /** Milliseconds that the longest took. */
  max: number
}

/** Something that went wrong while syncing. */
export interface SyncProblem {
  time: Date
  message: string
}

/** The regular refreshing of a session, see `session.sync`. */
export interface SyncStatus {
  /** A sync begins every `syncInterval`. */
  isRunning: boolean
  /** By `pause`, until `resume`. */
  isPaused: boolean
  /** A sync is under way. */
  isSyncing: boolean
  /** Writes of this session under way, their retries included: not known yet to have happened. */
  pending: number
  /** When all that the database held was last seen by the lists. */
  lastSync: Date | null
  nextSync: Date | null
  /** What went wrong, newest first; the last ten. */
  errors: SyncProblem[]
}

/**
 * A piece of work that has ended, in the terms of OpenTelemetry: an operation of the services (kind `internal`), or one
 * attempt of a call that it makes to the database (kind `client`), whose parent is the operation.
 */
export interface Span {
  /** `createStream`, `streams.append`, … */
  name: string
  kind: 'internal' | 'client'
  /** 32 hexadecimal digits, the same for an operation and its calls. */
  traceId: string
  /** 16 hexadecimal digits. */
  spanId: string
  parentSpanId: string | null
  /** Milliseconds since 1970, to a ten-thousandth: OpenTelemetry takes them as they are. */
  startTime: number
  endTime: number
  /**
   * As KurrentDB's own clients name them: `db.system` (`kurrentdb`), `db.operation`, `db.kurrentdb.stream`, `db.user`,
   * `server.address`, `server.port`, `exception.type`, `exception.message`; and `kurrentlite.environment`,
   * `kurrentlite.retry` (the number of an attempt after the first), `kurrentlite.stream_count` (of an append to several
   * streams; `db.kurrentdb.stream` is the first of them).
   */
  attributes: Record<string, string | number>
  status: { code: 'unset' | 'ok' | 'error'; message?: string }
}
