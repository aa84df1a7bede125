import type { ComputedRef, ShallowRef } from 'vue'
import type { SimulationOptions, SimulationProfile, StoredEvent } from '../wasm/core'
import type { KurrentLiteError } from '../services/errors'
import type {
  CallOptions,
  ChangeOptions,
  ConnectionStatus,
  CreateStreamRequest,
  DatabaseConnection,
  DatabaseHealth,
  DatabaseMetrics,
  EnvironmentName,
  PatchStreamOptions,
  MetricsSecond,
  Stream,
  StreamDiff,
  StreamFilter,
  StreamHistoryOptions,
  StreamHistoryPage,
  StreamMoment,
  StreamPage,
  StreamPermissionsPatch,
  TagChanges,
  TransactionStep,
  SyncStatus,
  UpdateStreamRequest,
  UserStream,
} from '../services/models'
import type { EventQuery, EventQueryPage } from '../services/event_service'
import type {
  QueryExplanation, StreamPath, StreamQuery, StreamQueryPage, StreamRow, StreamRowsQuery,
} from '../services/query'
import type { StoreUserData, UpdateUserData } from '../services/user_stream_service'

/** What `useUserStreamService()` gives; the store has the same actions. */
export interface UserDataActions {
  storeUserData: StoreUserData
  /** The stored data itself (of type `data` unless said otherwise), or `null` when there is none. */
  getUserData<T = any>(
    userId: string,
    type?: string,
    category?: string | null,
    options?: CallOptions,
  ): Promise<T | null>
  /** Rejects with `DocumentNotFoundError` when nothing is stored. */
  updateUserData: UpdateUserData
  /** Rejects with `DocumentNotFoundError` when nothing is stored. */
  deleteUserData(userId: string, type?: string, category?: string | null, options?: CallOptions): Promise<void>
}

export interface KurrentDBStoreState {
  connection: ShallowRef<DatabaseConnection>
  /** `null` before the first check. */
  health: ShallowRef<DatabaseHealth | null>
  /** The last health checks in this environment, newest first; at most 100. */
  healthHistory: ShallowRef<DatabaseHealth[]>
  /** `null` before they were first loaded. */
  metrics: ShallowRef<DatabaseMetrics | null>
  /** The regular refreshing of health, metrics and lists. */
  sync: ShallowRef<SyncStatus>
  /** The documents that the filter of the last `loadStreams` matches. */
  streams: ShallowRef<Stream<any>[]>
  /** Everything stored for users. */
  userStreams: ShallowRef<UserStream<any>[]>
  /** True while an action is under way. */
  isLoading: ShallowRef<boolean>
  /** Why the last failed action failed, until `clearError`. */
  error: ShallowRef<KurrentLiteError | null>
}

export interface KurrentDBStoreGetters {
  isConnected: ComputedRef<boolean>
  connectionStatus: ComputedRef<ConnectionStatus>
  /** Documents in the database that are not deleted, whatever the filter of `streams`. */
  totalStreams: ComputedRef<number>
  /** Entries of `userStreams`. */
  totalUserStreams: ComputedRef<number>
}

/**
 * Every action initialises and connects by itself. An action that fails sets `error` and rejects with the same
 * `KurrentLiteError`; when one resolves, `streams` and `userStreams` already show it. The last argument of those that
 * take `options` limits the call: `{ timeout, signal }`.
 */
export interface KurrentDBStoreActions extends UserDataActions {
  /** Loads the core, connects, and fills lists, health and metrics. Doing it again only refreshes them. */
  initialize(): Promise<void>
  connect(options?: CallOptions): Promise<DatabaseConnection>
  disconnect(): Promise<void>
  reconnect(options?: CallOptions): Promise<DatabaseConnection>
  /** Syncs now, and shows what came of it. */
  syncNow(options?: CallOptions): Promise<SyncStatus>
  /** No sync begins by itself until `resumeSync`. */
  pauseSync(): void
  resumeSync(): void
  /** What calls did in each of the last seconds (60, at most 300), see `KurrentDBService.metricsSeries`. */
  metricsSeries(seconds?: number, operation?: string): MetricsSecond[]
  /** The metrics in the text format of Prometheus. */
  prometheus(options?: CallOptions): Promise<string>
  checkHealth(options?: CallOptions): Promise<DatabaseHealth>
  loadMetrics(options?: CallOptions): Promise<DatabaseMetrics>
  /** Sets the filter of `streams` (none: active and archived documents) and fills it. */
  loadStreams(filter?: StreamFilter): Promise<StreamPage<any>>
  /** Rejects with `ValidationError`, or with `StreamConflictError` when the id is taken. */
  createStream<T>(request: CreateStreamRequest<T>, options?: CallOptions): Promise<Stream<T>>
  /** `null` when there is no such document or it is deleted. */
  getStream<T = any>(id: string, options?: CallOptions): Promise<Stream<T> | null>
  /** Rejects with `DocumentNotFoundError` for an unknown or deleted document. */
  updateStream<T = any>(
    id: string,
    changes: UpdateStreamRequest<T>,
    options?: ChangeOptions<T, UpdateStreamRequest<T>>,
  ): Promise<Stream<T>>
  /** Changes parts of the data by a JSON merge patch (RFC 7396); rejects as `updateStream`. */
  patchStream<T = any>(id: string, patch: object, options?: PatchStreamOptions<T>): Promise<Stream<T>>
  tagStream<T = any>(id: string, changes: TagChanges, options?: CallOptions): Promise<Stream<T>>
  setStreamPermissions<T = any>(
    id: string,
    permissions: StreamPermissionsPatch,
    options?: CallOptions,
  ): Promise<Stream<T>>
  /** Gives the document to another owner. */
  transferStream<T = any>(id: string, owner: string, options?: CallOptions): Promise<Stream<T>>
  /** Several changes, all of them or none; answers each step's document. See `StreamService.transaction`. */
  transaction(steps: readonly TransactionStep[], options?: CallOptions): Promise<Stream<any>[]>
  /** One page of the documents that a query describes. See `StreamService.query`; `streams` stays as it is. */
  queryStreams<P extends StreamPath>(
    query: StreamRowsQuery<P>,
    options?: CallOptions,
  ): Promise<StreamQueryPage<StreamRow<P>>>
  queryStreams<T = any>(query?: StreamQuery, options?: CallOptions): Promise<StreamQueryPage<Stream<T>>>
  /** Carries a query out and tells how: whether an index was used, how many documents were looked at, how long it took. */
  explain(query?: StreamQuery, options?: CallOptions): Promise<QueryExplanation>
  /** One page of the events that a query describes. Rejects with `ValidationError`. See `EventService.query`. */
  queryEvents<D = any>(query?: EventQuery, options?: CallOptions): Promise<EventQueryPage<D>>
  /** What happened to a document, newest first, a page at a time. */
  loadStreamHistory(id: string, part?: StreamHistoryOptions, options?: CallOptions): Promise<StreamHistoryPage>
  /** The document as it was at a version or a time. */
  getStreamAt<T = any>(id: string, moment: StreamMoment, options?: CallOptions): Promise<Stream<T> | null>
  /** What makes version `to` of a document differ from version `from`. */
  diffStream(id: string, from: number, to: number, options?: CallOptions): Promise<StreamDiff>
  /** Rejects with `DocumentNotFoundError` for an unknown or deleted document. */
  deleteStream(id: string, options?: CallOptions): Promise<void>
  archiveStream<T = any>(id: string, options?: CallOptions): Promise<Stream<T>>
  /** Makes an archived document active again. */
  restoreStream<T = any>(id: string, options?: CallOptions): Promise<Stream<T>>
  /** The events behind a document, oldest first. */
  loadStreamEvents(id: string): Promise<StoredEvent[]>
  loadUserStreams(): Promise<UserStream<any>[]>
  /** Goes over to another environment and its database; the one left keeps its content. */
  switchEnvironment(environment: EnvironmentName, options?: CallOptions): Promise<DatabaseConnection>
  /** The simulated network of the current environment. */
  getSimulation(): Promise<SimulationProfile>
  setSimulation(simulation: SimulationOptions): Promise<SimulationProfile>
  /** Start afresh: empties the current environment's database, and what `persist` saved of it. */
  reset(): Promise<void>
  clearError(): void
  /** Back to the state before the first action: lists empty, no filter. The database keeps its content. */
  $reset(): void
}

export interface KurrentDBStoreSetup extends KurrentDBStoreState, KurrentDBStoreGetters, KurrentDBStoreActions {}
