/**
 * What the WASM core offers to the rest of the TypeScript code. `web/src/wasm` is its only importer; everything above
 * talks to these interfaces.
 */

/** JSON-shaped error of the core; `errors.ts` of each layer turns it into its error classes. */
export interface CoreFailure {
  readonly code: CoreErrorCode
  readonly message: string
  /** Details by name, e.g. `stream`, `expected`, `actual`, `id`; 64-bit numbers are bigint. */
  readonly facts: Readonly<Record<string, string | bigint>>
  readonly violations: readonly Violation[]
  /** Checks of a multi-stream append that failed. */
  readonly checks?: readonly CheckFailure[]
}

/** States are numbered as on the wire: a revision, or -1 no stream, -2 any, -4 stream exists, -5 soft-deleted, -6 tombstoned. */
export interface CheckFailure {
  readonly checkIndex: number
  readonly stream: string
  readonly expected: string
  readonly actual: string
}

/** One bad field of an input. */
export interface Violation {
  /** Path such as `data.profile.name`, or a variable's name. */
  readonly field: string
  /** What is wrong and what would be right, as a sentence. */
  readonly problem: string
}

/** See `ErrorCode` in src/include/kurrentlite/result.hpp. */
export type CoreErrorCode =
  | 'WrongExpectedVersion' | 'StreamNotFound' | 'StreamDeleted' | 'AccessDenied' | 'InvalidArgument'
  | 'StreamTombstoned' | 'ConsistencyViolation' | 'StreamAlreadyInAppendSession' | 'AppendRecordSizeExceeded'
  | 'TransactionMaxSizeExceeded'
  | 'MaxAppendSizeExceeded' | 'MaxAppendEventSizeExceeded' | 'DeadlineExceeded' | 'Unavailable' | 'Cancelled'
  | 'OutOfMemory' | 'CorruptData' | 'ValidationFailed' | 'NotFound' | 'Conflict' | 'InvalidConfig' | 'Unknown'

/** Thrown (or rejected with) by everything in this folder; upper layers convert it with their own classes. */
export class CoreError extends Error {
  constructor(readonly failure: CoreFailure) {
    super(failure.message)
    this.name = 'CoreError'
  }
}

export type SimulationPreset = 'instant' | 'lan' | 'wan' | 'mobile' | 'flaky'
export type SimulatedOperation = 'connect' | 'append' | 'read' | 'delete' | 'subscribe' | 'statistics'

/** Log-normal latency in milliseconds: `medianMs`, sigma `spread`, cut to [`minMs`, `maxMs`]. */
export interface Latency {
  readonly medianMs: number
  readonly spread: number
  readonly minMs: number
  readonly maxMs: number
}

/** How the network between client and database behaves; drawn from one seed. */
export interface SimulationProfile {
  readonly name: string
  readonly seed: number
  readonly latency: Readonly<Record<SimulatedOperation, Latency>>
  /** Chance (0 to 1) that a call is refused before it reaches the database. */
  readonly errorRate: number
  /** Chance that a call is carried out and its reply lost. */
  readonly lostReplyRate: number
  /** Chance that a call breaks the connection. */
  readonly disconnectRate: number
  readonly offline: boolean
}

/** A preset's name, or a preset with changes: `{ preset: 'lan', errorRate: 0.1 }`. */
export type SimulationOptions =
  | SimulationPreset
  | ({ readonly preset?: SimulationPreset } & Partial<Omit<SimulationProfile, 'name'>>)

/** What a database holds at one moment. */
export interface DatabaseStatistics {
  readonly totalEvents: number
  readonly totalStreams: number
  /** Bytes of the events themselves. */
  readonly storageUsedBytes: number
  /** Bytes of memory held for them, indexes included. */
  readonly memoryUsedBytes: number
}

/** An event as stored; bytes come back exactly as sent, JSON is parsed when handed out. */
export interface StoredEvent {
  readonly streamId: string
  readonly id: string
  readonly revision: bigint
  readonly type: string
  /** Parsed JSON, the raw text when it does not parse, or bytes. */
  readonly data: unknown
  readonly metadata: unknown
  readonly isJson: boolean
  readonly created: Date
  readonly position: { readonly commit: bigint; readonly prepare: bigint }
}

export interface DatabaseOptions {
  /** In bytes; writes past it reject with OutOfMemory. @defaultValue what the machine gives */
  readonly memoryLimit?: number
  /** Begins with the system events of a fresh KurrentDB; statistics leave them out. @defaultValue false */
  readonly systemEvents?: boolean
}

/** Carries out the calls of services over a client that JavaScript has. */
export interface HostCalls {
  /**
   * Runs an operation: src/clients/host/host_wire.hpp lists them, with what they take and answer, JSON-shaped. Rejects with
   * `CoreError`.
   */
  run(operation: string, args: unknown): Promise<unknown>
  /** The services are closed: what is still followed ends. */
  close(): void
}

/** The loaded module. */
export interface Core {
  /** The three services over a client that JavaScript has; they use no database in this process. */
  openHostServices(config: CoreConfig, host: HostCalls): ServicesHandle
  /** An empty database of its own. */
  createDatabase(options?: DatabaseOptions): Database
  /** Parses VITE_KURRENT_DB_* variables. Throws CoreError InvalidConfig with every bad value at once. */
  parseConfig(variables: Readonly<Record<string, string>>, environment?: string): CoreConfig
  /** Sentences to show once, e.g. about secret keys that a browser publishes. */
  configWarnings(variables: Readonly<Record<string, string>>, inBrowser: boolean): readonly string[]
  /** `document-{id}` and `user-{userId}-{type}[-{category}]`, percent-encoded as the services do. */
  documentStreamName(id: string): string
  userStreamName(userId: string, type: string, category?: string): string
}

/** Same shape as the `DatabaseConfig` model. */
export interface CoreConfig {
  readonly enabled: boolean
  readonly environment: 'dev' | 'staging' | 'test' | 'mainnet'
  readonly syncInterval: number
  readonly maxRetries: number
  readonly timeout: number
  readonly endpoints: { readonly grpc: string; readonly http: string; readonly ws?: string }
  readonly credentials: { readonly apiKey?: string; readonly secretKey?: string }
  readonly options: {
    readonly maxConcurrentStreams: number
    readonly keepAliveTimeout: number
    readonly retryDelay: number
    readonly jitter: boolean
  }
  readonly circuitBreaker: { readonly threshold: number; readonly cooldown: number; readonly maxCooldown: number }
  readonly healthThresholds: Readonly<Record<'connection' | 'authentication' | 'read' | 'write' | 'sync', number>>
  readonly timeouts: Readonly<Record<string, number>>
}

/** One in-process database. Holds memory until `close`. */
export interface Database {
  /** A client over a simulated network (instant unless said otherwise) and the three services over it. */
  openServices(config: CoreConfig, simulation?: SimulationOptions): ServicesHandle
  statistics(): DatabaseStatistics
  /** Events of one stream, oldest first; empty for a stream that cannot be read. Not simulated: for inspectors. */
  readEvents(stream: string, options?: { readonly from?: bigint; readonly maxCount?: number }): StoredEvent[]
  /** Events of `$all`, after (or from the start), oldest first. Not simulated: for inspectors and export. */
  readAllEvents(options?: { readonly after?: bigint; readonly maxCount?: number }): StoredEvent[]
  /** Appends raw events to a stream, whatever its state. Not simulated: for import. Throws CoreError. */
  appendEvents(stream: string, events: readonly ImportedEvent[]): void
  /** Forgets everything. Services see empty lists. */
  reset(): void
  /** Log position of the last event, 0n when empty. */
  head(): bigint
  /** Everything after `position` in the journal format (checksummed, versioned); pieces may be concatenated. */
  journal(after?: bigint): Uint8Array
  /** Appends the events of a journal. Throws CoreError CorruptData and changes nothing when its checks fail. */
  replay(journal: Uint8Array): void
  /** `listener` runs once per append. Returns the function that stops it. */
  onAppend(listener: () => void): () => void
  /** Frees the memory; safe to call twice. Open services are closed first. */
  close(): void
}

/** An event to import. */
export interface ImportedEvent {
  readonly id?: string
  readonly type: string
  readonly data: unknown
  readonly metadata?: unknown
  /** When it was first recorded. @defaultValue now */
  readonly created?: Date
}

export type ServiceOperation =
  | 'connect' | 'disconnect' | 'reconnect' | 'checkHealth' | 'metrics' | 'prometheus'
  | 'createStream' | 'getStream' | 'updateStream' | 'deleteStream' | 'archiveStream' | 'restoreStream' | 'listStreams'
  | 'patchStream' | 'tagStream' | 'setStreamPermissions' | 'transferStream' | 'runStreamTransaction' | 'declareStreamKind'
  | 'getStreamHistory' | 'getStreamAt' | 'diffStream'
  | 'claimStreamValues' | 'queryStreams' | 'explainStreams' | 'declareStreamIndex'
  | 'watchStreams' | 'watchStreamList' | 'resizeStreamWatch' | 'unwatchStreams' | 'takeStreamUpdates'
  | 'queryStreamEvents'
  | 'storeUserData' | 'getUserData' | 'updateUserData' | 'deleteUserData' | 'listUserData'

/** What ends one call early. */
export interface CallLimits {
  /** Its deadline, retries included. @defaultValue the configured one */
  readonly timeoutMs?: number
  /** Abandons the call, which then writes nothing more. */
  readonly signal?: AbortSignal
}

/**
 * The C++ services. Arguments and results are JSON-shaped; times are milliseconds since 1970 (the service layer makes
 * them Dates).
 *
 * | operation | arguments | result |
 * |---|---|---|
 * | connect, reconnect | `{}` | connection |
 * | disconnect | `{}` | null |
 * | checkHealth, metrics, prometheus | `{}` | health, metrics, text |
 * | createStream | create request | document |
 * | getStream | `{id}` | document or null |
 * | updateStream | `{id, name?, description?, data?, tags?, permissions?, expectedVersion?}` | document |
 * | patchStream | `{id, with, expectedVersion?}` | document |
 * | tagStream | `{id, add?, remove?}` | document |
 * | setStreamPermissions | `{id, permissions}` | document |
 * | transferStream | `{id, owner}` | document |
 * | runStreamTransaction | `{steps}`, see `read_transaction` in bindings/convert.hpp | a document for each step |
 * | declareStreamKind | `{kind, unique?: [{name, path, ignoreCase?}], checks?: [{name, where, message?}]}` | null |
 * | claimStreamValues | `{kind}` | `{documents, held, claimed, released, conflicts: [{name, path, value, document, holder, stream}]}` |
 * | deleteStream | `{id}` | null |
 * | archiveStream, restoreStream | `{id}` | document |
 * | listStreams | `{status?, kind?, owner?, tags?, search?, sort?: 'createdAt'\|'updatedAt'\|'name'\|'id', descending?, offset?, limit?}` | `{items, total, offset, limit}` |
 * | queryStreams | query, see `read_stream_query` in bindings/convert.hpp | `{items, next, total?, groups?, groupsTotal?}` |
 * | explainStreams | query | `{plan, index?, indexKind?, indexUse?, sortedBy, examined, matched, documents, slices, duration}` |
 * | watchStreams | query | `{watch, first: update}`; from then on the news `live` |
 * | watchStreamList | as listStreams | as watchStreams |
 * | resizeStreamWatch | `{watch, limit}` | as takeStreamUpdates |
 * | takeStreamUpdates | `{}` | the updates since the last time, in arrays by watch: `{changes, ids, total}` |
 * | unwatchStreams | `{watch}` | null |
 * | declareStreamIndex | `{path, kind?}` | null |
 * | queryStreamEvents | query, see `read_event_query` there | `{items, next, scanned, matched, groups?, groupsTotal?}` |
 * | getStreamHistory | `{id, from?, limit?}` | `{items, total, next}` |
 * | getStreamAt | `{id, version}` or `{id, time}` | document or null |
 * | diffStream | `{id, from, to}` | `{from, to, changes, truncated}` |
 * | storeUserData | `{userId, type?, category?, data, isPublic?, expectedVersion?}` | user stream |
 * | getUserData | `{userId, type?, category?}` | user stream or null |
 * | updateUserData | `{userId, type?, category?, data, expectedVersion?}` | user stream |
 * | deleteUserData | `{userId, type?, category?}` | null |
 * | listUserData | `{userId?}` | user streams |
 *
 * document: `{id, kind?, name, description?, data, metadata: {createdAt, updatedAt, version, tags, owner}, status, permissions}`;
 * user stream: `{userId, type, category?, data, isPublic, createdAt, updatedAt, version}`;
 * connection: `{isConnected, environment, lastSync: ms|null, connectionId, status, circuit: {state, retryAt: ms|null}}`;
 * health: `{status, checks: {connection, authentication, read, write, sync}, durations, slow, lastCheck, responseTime, errors}`;
 * metrics: `{totalStreams, activeStreams, totalUsers, totalEvents, storageUsed, lastBackup: ms|null, uptime,
 *            operations: {append: {count, errors, retries, cancelled, rate1m, rate5m, p50, p95, p99}, …}, serviceOperations,
 *            storage: {documents: {events, bytes}, …}, circuit}`.
 */
export interface ServicesHandle {
  /**
   * Runs an operation. `json` is the text of its arguments, `data` being cut out of it as it stands.
   * Rejects with CoreError; with code Cancelled when closed or aborted meanwhile. Without simulated latency the work is done before
   * this returns.
   */
  call(operation: ServiceOperation, json: string, limits?: CallLimits): Promise<unknown>
  /** For whom operations are made from now on: a user's name, or null for the program itself. */
  actAs(user: string | null): void
  connection(): unknown
  /** The profile in force. Like `setSimulation` not for services over a client of JavaScript's: those throw CoreError. */
  simulation(): SimulationProfile
  /** For calls from now on. */
  setSimulation(simulation: SimulationOptions): void
  /** The last health checks, newest first. */
  healthHistory(limit: number): unknown
  /** The last seconds of calls, oldest first; of one kind of call or operation when it is named. */
  series(seconds: number, operation: string): unknown
  /** Calls under way that write. */
  pendingWrites(): number
  /** Spans are made from now on; `listener` gets those that ended, soon after. */
  onSpans(listener: (spans: readonly unknown[]) => void): void
  /** `what` changed. Returns the function that stops it. Listeners run after the change, never inside a call. */
  on(what: 'connection' | 'streams' | 'users' | 'live' | 'pending', listener: () => void): () => void
  /** Rejects what is under way with Cancelled and frees the services; safe to call twice. The database stays. */
  close(): void
}
