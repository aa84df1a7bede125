/** The operations of `KurrentDBClient`, with the signatures of `@kurrent/kurrentdb-client` 1.3. */

import type {
  AppendRecordInput,
  AppendRecordsResult,
  AppendStreamRequest,
  ConsistencyCheck,
  MultiAppendResult,
} from './types/append'
import type { AppendResult, BaseOptions, CredentialsProvider, DeleteResult } from './types/core'
import type { AllStreamResolvedEvent, EventData, EventType, ResolvedEvent } from './types/events'
import type { HostDuplexOptions, HostReadableOptions } from './types/host'
import type { CustomStreamMetadata, GetStreamMetadataResult, StreamMetadata } from './types/metadata'
import type {
  AbortProjectionOptions,
  AppendToStreamOptions,
  CreatePersistentSubscriptionToAllOptions,
  CreateProjectionOptions,
  DeletePersistentSubscriptionToAllOptions,
  DeletePersistentSubscriptionToStreamOptions,
  DeleteProjectionOptions,
  DeleteStreamOptions,
  DisableProjectionOptions,
  EnableProjectionOptions,
  GetPersistentSubscriptionToAllInfoOptions,
  GetPersistentSubscriptionToStreamInfoOptions,
  GetProjectionResultOptions,
  GetProjectionStateOptions,
  GetProjectionStatusOptions,
  GetStreamMetadataOptions,
  ReadAllOptions,
  ReadStreamOptions,
  ReplayParkedMessagesToAllOptions,
  ReplayParkedMessagesToStreamOptions,
  ResetProjectionOptions,
  RestartPersistentSubscriptionSubsystemOptions,
  RestartSubsystemOptions,
  SetStreamMetadataOptions,
  SubscribeToAllOptions,
  SubscribeToPersistentSubscriptionToAllOptions,
  SubscribeToPersistentSubscriptionToStreamOptions,
  SubscribeToStreamOptions,
  TombstoneStreamOptions,
  UpdatePersistentSubscriptionToAllOptions,
  UpdateProjectionOptions,
} from './types/options'
import type {
  PersistentSubscriptionToAllInfo,
  PersistentSubscriptionToAllSettings,
  PersistentSubscriptionToEitherInfo,
  PersistentSubscriptionToStreamInfo,
  PersistentSubscriptionToStreamSettings,
} from './types/persistent'
import type { ProjectionDetails } from './types/projections'
import type {
  AllStreamSubscription,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToStream,
  StreamSubscription,
} from './types/streams'

/** Streams: appending, reading, following, deleting, describing. */
export interface StreamOperations {
  /**
   * Appends one event or several to the end of the stream: all of them or none. An event whose id the stream already has at
   * this place is not written again and the call succeeds.
   * @throws {@link WrongExpectedVersionError} the stream is not in `streamState`; with `throwOnAppendFailure=false` it
   * resolves instead, `success` is false and `nextExpectedRevision` the revision met (`-1n`: no stream)
   * @throws {@link StreamDeletedError} the stream is tombstoned, or is deleted and `STREAM_EXISTS` was expected
   * @throws {@link AccessDeniedError} the credentials are wrong or do not allow this
   * @throws {@link MaxAppendSizeExceededError} the events are larger than the database takes at once
   * @throws {@link DeadlineExceededError}, {@link UnavailableError}
   */
  appendToStream<KnownEventType extends EventType = EventType>(
    streamName: string,
    events: EventData<KnownEventType> | EventData<KnownEventType>[],
    options?: AppendToStreamOptions,
  ): Promise<AppendResult>

  /**
   * Appends to several streams: everything or nothing. Takes no credentials or deadline of its own.
   * @throws `Error` an event's metadata is not a plain object of strings; nothing is sent
   * @throws {@link WrongExpectedVersionError} a stream is not in its `expectedState`
   * @throws {@link StreamTombstonedError} a stream is tombstoned
   * @throws {@link AppendRecordSizeExceededError}, {@link TransactionMaxSizeExceededError} too large
   * @throws {@link UnsupportedError} the server is older than 25.1
   */
  multiStreamAppend<KnownEventType extends EventType = EventType>(
    requests: AppendStreamRequest<KnownEventType>[],
  ): Promise<MultiAppendResult>

  /**
   * Appends records to one stream or several, in the given order also in `$all`, if all checks hold: everything or nothing.
   * A check may name any stream, also one that nothing is written to. Takes no credentials or deadline of its own.
   * @throws `Error` a record's metadata is not a plain object of strings; nothing is sent
   * @throws {@link AppendConsistencyViolationError} checks fail or a stream to write to is tombstoned; `violations` tells all
   * @throws {@link AppendRecordSizeExceededError}, {@link TransactionMaxSizeExceededError} too large
   * @throws {@link UnsupportedError} the server is older than 26.1
   */
  appendRecords<KnownEventType extends EventType = EventType>(
    records: AppendRecordInput<KnownEventType>[],
    checks?: ConsistencyCheck[],
  ): Promise<AppendRecordsResult>

  /**
   * Deletes the stream softly: its events are hidden, and an append makes it anew, with revisions that go on where they were.
   * @throws {@link WrongExpectedVersionError} the stream is not in `expectedRevision`
   * @throws {@link StreamDeletedError} the stream is tombstoned
   * @throws {@link AccessDeniedError}, {@link DeadlineExceededError}, {@link UnavailableError}
   */
  deleteStream(streamName: string, options?: DeleteStreamOptions): Promise<DeleteResult>

  /**
   * Deletes the stream for good: nothing can be read from it or appended to it ever again.
   * @throws {@link WrongExpectedVersionError} the stream is not in `expectedRevision`
   * @throws {@link StreamDeletedError} the stream is tombstoned already
   * @throws {@link AccessDeniedError}, {@link DeadlineExceededError}, {@link UnavailableError}
   */
  tombstoneStream(streamName: string, options?: TombstoneStreamOptions): Promise<DeleteResult>

  /**
   * Reads events of the stream, those that are there. The result is an async generator, not a stream: nothing happens before
   * its first `next()`, and `return()` (a `break` in `for await`) ends the read. `deadline` has no effect.
   * @throws {@link InvalidArgumentError} at once: `fromRevision` is below 0 or above 2^64 - 1
   * @throws {@link StreamNotFoundError} in iteration: the stream does not exist, or is deleted
   * @throws {@link StreamDeletedError} in iteration: the stream is tombstoned
   * @throws {@link AccessDeniedError}, {@link NotLeaderError}, {@link UnavailableError} in iteration
   */
  readStream<KnownEventType extends EventType = EventType>(
    streamName: string,
    options?: ReadStreamOptions,
  ): AsyncIterableIterator<ResolvedEvent<KnownEventType>>

  /**
   * Reads events of all streams, in the order in which they were appended; system events too, unless filtered out. The
   * result is an async generator, as that of `readStream`.
   * @throws {@link AccessDeniedError}, {@link NotLeaderError}, {@link UnavailableError} in iteration
   */
  readAll(options?: ReadAllOptions): AsyncIterableIterator<AllStreamResolvedEvent>

  /**
   * Follows the stream: the events that are there, then those to come; the stream may not exist yet. Failures arrive as an
   * `error` event, or reject the iteration: `StreamDeletedError` when the stream is tombstoned, now or later,
   * `AccessDeniedError`, `NotLeaderError`, `UnavailableError`. `readableOptions` is for `highWaterMark` and `signal`.
   */
  subscribeToStream<KnownEventType extends EventType = EventType>(
    streamName: string,
    options?: SubscribeToStreamOptions,
    readableOptions?: HostReadableOptions,
  ): StreamSubscription<KnownEventType>

  /**
   * Follows all streams: the events that are there, then those to come. With a filter, `checkpointReached` tells how far it
   * has come also where nothing matches. Failures arrive as an `error` event, or reject the iteration.
   * @throws `Error` at once: `maxSearchWindow` or `checkpointInterval` is below 1
   */
  subscribeToAll(options?: SubscribeToAllOptions, readableOptions?: HostReadableOptions): AllStreamSubscription

  /**
   * What is known about the stream; only its name when no metadata was ever set.
   * @throws {@link StreamDeletedError} the stream is tombstoned
   * @throws {@link AccessDeniedError}, {@link UnavailableError}
   */
  getStreamMetadata<CustomMetadata extends CustomStreamMetadata = CustomStreamMetadata>(
    streamName: string,
    options?: GetStreamMetadataOptions,
  ): Promise<GetStreamMetadataResult<CustomMetadata>>

  /**
   * Replaces all metadata of the stream, which need not exist.
   * @throws `Error` a limit is not an integer; nothing is sent
   * @throws {@link WrongExpectedVersionError} the metadata stream is not in `expectedRevision`
   * @throws {@link AccessDeniedError}, {@link DeadlineExceededError}, {@link UnavailableError}
   */
  setStreamMetadata<MetadataType extends StreamMetadata = StreamMetadata>(
    streamName: string,
    metadata: StreamMetadata<MetadataType>,
    options?: SetStreamMetadataOptions,
  ): Promise<AppendResult>
}

/**
 * Persistent subscriptions, also called consumer groups: the database keeps the place and deals events out to whoever is
 * connected. Every method may fail with `AccessDeniedError`, `NotLeaderError`, `UnavailableError` and
 * `DeadlineExceededError`, and with `UnsupportedError` where the database does not offer groups.
 */
export interface PersistentSubscriptionOperations {
  /**
   * Creates a group that follows the stream, which need not exist.
   * @throws {@link PersistentSubscriptionExistsError} the stream has a group of this name
   */
  createPersistentSubscriptionToStream(
    streamName: string,
    groupName: string,
    settings: PersistentSubscriptionToStreamSettings,
    options?: BaseOptions,
  ): Promise<void>

  /**
   * Creates a group that follows all streams, or what a filter keeps of them.
   * @throws `Error` at once: the filter's `maxSearchWindow` or `checkpointInterval` is below 1
   * @throws {@link PersistentSubscriptionExistsError} there is a group of this name
   */
  createPersistentSubscriptionToAll(
    groupName: string,
    settings: PersistentSubscriptionToAllSettings,
    options?: CreatePersistentSubscriptionToAllOptions,
  ): Promise<void>

  /**
   * Replaces all settings; whoever is connected is dropped.
   * @throws `Error` the strategy is `PINNED_BY_CORRELATION`, which only a creation can set
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  updatePersistentSubscriptionToStream(
    streamName: string,
    groupName: string,
    settings: PersistentSubscriptionToStreamSettings,
    options?: BaseOptions,
  ): Promise<void>

  /**
   * Replaces all settings except the filter; whoever is connected is dropped.
   * @throws `Error` the strategy is `PINNED_BY_CORRELATION`, which only a creation can set
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  updatePersistentSubscriptionToAll(
    groupName: string,
    settings: PersistentSubscriptionToAllSettings,
    options?: UpdatePersistentSubscriptionToAllOptions,
  ): Promise<void>

  /**
   * Deletes the group; whoever is connected gets a `PersistentSubscriptionDroppedError`.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  deletePersistentSubscriptionToStream(
    streamName: string,
    groupName: string,
    options?: DeletePersistentSubscriptionToStreamOptions,
  ): Promise<void>

  /**
   * Deletes the group; whoever is connected gets a `PersistentSubscriptionDroppedError`.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  deletePersistentSubscriptionToAll(groupName: string, options?: DeletePersistentSubscriptionToAllOptions): Promise<void>

  /** Connects to the group and takes events from it. Every event wants an `ack` or a `nack`. Failures are `error` events. */
  subscribeToPersistentSubscriptionToStream<E extends EventType = EventType>(
    streamName: string,
    groupName: string,
    options?: SubscribeToPersistentSubscriptionToStreamOptions,
    duplexOptions?: HostDuplexOptions,
  ): PersistentSubscriptionToStream<E>

  /** Connects to the group and takes events from it. Every event wants an `ack` or a `nack`. Failures are `error` events. */
  subscribeToPersistentSubscriptionToAll(
    groupName: string,
    options?: SubscribeToPersistentSubscriptionToAllOptions,
    duplexOptions?: HostDuplexOptions,
  ): PersistentSubscriptionToAll

  /**
   * The group's settings and statistics, and who is connected.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  getPersistentSubscriptionToStreamInfo(
    streamName: string,
    groupName: string,
    options?: GetPersistentSubscriptionToStreamInfoOptions,
  ): Promise<PersistentSubscriptionToStreamInfo>

  /**
   * The group's settings and statistics, and who is connected.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  getPersistentSubscriptionToAllInfo(
    groupName: string,
    options?: GetPersistentSubscriptionToAllInfoOptions,
  ): Promise<PersistentSubscriptionToAllInfo>

  /** All groups. */
  listAllPersistentSubscriptions(options?: BaseOptions): Promise<PersistentSubscriptionToEitherInfo[]>

  /**
   * The groups that follow the stream.
   * @throws {@link PersistentSubscriptionDoesNotExistError} the stream never had one
   */
  listPersistentSubscriptionsToStream(
    streamName: string,
    options?: BaseOptions,
  ): Promise<PersistentSubscriptionToStreamInfo[]>

  /**
   * The groups that follow all streams.
   * @throws {@link PersistentSubscriptionDoesNotExistError} there never was one
   */
  listPersistentSubscriptionsToAll(options?: BaseOptions): Promise<PersistentSubscriptionToAllInfo[]>

  /**
   * Hands parked events out again, the oldest first.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  replayParkedMessagesToStream(
    streamName: string,
    groupName: string,
    options?: ReplayParkedMessagesToStreamOptions,
  ): Promise<void>

  /**
   * Hands parked events out again, the oldest first.
   * @throws {@link PersistentSubscriptionDoesNotExistError}
   */
  replayParkedMessagesToAll(groupName: string, options?: ReplayParkedMessagesToAllOptions): Promise<void>

  /** Stops all groups and starts them from their checkpoints. */
  restartPersistentSubscriptionSubsystem(options?: RestartPersistentSubscriptionSubsystemOptions): Promise<void>
}

/**
 * Projections: queries in JavaScript that the database runs over its events. Every method may fail with `AccessDeniedError`,
 * `UnavailableError` and `DeadlineExceededError`, with `UnsupportedError` where the database does not offer projections, and
 * with `UnknownError` (its `code` is 6 or 9) when the projection is not in a state that allows it.
 */
export interface ProjectionOperations {
  /** Creates a continuous projection and starts it. */
  createProjection(projectionName: string, query: string, options?: CreateProjectionOptions): Promise<void>

  /**
   * Replaces the query.
   * @throws {@link NotFoundError} there is no such projection; so do all methods that take a name
   */
  updateProjection(projectionName: string, query: string, options?: UpdateProjectionOptions): Promise<void>

  /** Deletes the projection, which must not be running. */
  deleteProjection(projectionName: string, options?: DeleteProjectionOptions): Promise<void>

  /** Starts the projection, where it was stopped. */
  enableProjection(projectionName: string, options?: EnableProjectionOptions): Promise<void>

  /** Stops the projection and writes a checkpoint. */
  disableProjection(projectionName: string, options?: DisableProjectionOptions): Promise<void>

  /** Stops the projection without writing a checkpoint. */
  abortProjection(projectionName: string, options?: AbortProjectionOptions): Promise<void>

  /** Starts the projection over: it forgets its state and emits again. */
  resetProjection(projectionName: string, options?: ResetProjectionOptions): Promise<void>

  /** The projection's state, a JSON value; `{}` when it has none. */
  getProjectionState<T = unknown>(projectionName: string, options?: GetProjectionStateOptions): Promise<T>

  /** The projection's result, a JSON value; `{}` when it has none. */
  getProjectionResult<T = unknown>(projectionName: string, options?: GetProjectionResultOptions): Promise<T>

  /** How the projection does. */
  getProjectionStatus(projectionName: string, options?: GetProjectionStatusOptions): Promise<ProjectionDetails>

  /** How all continuous projections do. */
  listProjections(options?: BaseOptions): Promise<ProjectionDetails[]>

  /** Stops all projections and starts them from their checkpoints. */
  restartSubsystem(options?: RestartSubsystemOptions): Promise<void>
}

/** Everything that a client does. */
export interface ClientOperations extends StreamOperations, PersistentSubscriptionOperations, ProjectionOperations {
  /** What the client is called in statistics: `connectionName` of the connection string, else a random UUID. */
  readonly connectionName: string

  /** Asked for credentials before every operation that brings none. */
  readonly credentialsProvider: CredentialsProvider | undefined

  /** Sets who is asked for credentials; `undefined` leaves those of the connection string. Open subscriptions keep theirs. */
  setCredentialsProvider(provider: CredentialsProvider | undefined): void

  /** Ends all subscriptions of this client and waits for each; they emit `end` and `close`. The client stays usable. */
  dispose(): Promise<void>
}
