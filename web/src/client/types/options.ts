/** The options of each operation, and of clients. */

import type {
  AppendStreamState,
  BaseOptions,
  Direction,
  EndPoint,
  NodePreference,
  ReadPosition,
  ReadRevision,
  StreamState,
  VerifyOptions,
} from './core'
import type { Filter } from './filters'
import type { ProjectionEngineVersion } from './projections'

export interface AppendToStreamOptions extends BaseOptions {
  /** The state that the stream must be in, else nothing is written. @defaultValue ANY */
  streamState?: AppendStreamState
  /** How many bytes travel at once. Of no consequence in process. @defaultValue 3 * 1024 * 1024 */
  batchAppendSize?: number
}

export interface DeleteStreamOptions extends BaseOptions {
  /** The state that the stream must be in, else nothing is deleted. @defaultValue ANY */
  expectedRevision?: StreamState
}

export interface TombstoneStreamOptions extends BaseOptions {
  /** The state that the stream must be in, else nothing is deleted. @defaultValue ANY */
  expectedRevision?: StreamState
}

export interface ReadStreamOptions extends BaseOptions {
  /** How many events at most. @defaultValue Number.MAX_SAFE_INTEGER */
  maxCount?: number | bigint
  /** The first revision to read. @defaultValue START */
  fromRevision?: ReadRevision
  /** Also fetch what link events point to. @defaultValue false */
  resolveLinkTos?: boolean
  /** From older to newer events, or back. @defaultValue FORWARDS */
  direction?: Direction
}

export interface ReadAllOptions extends BaseOptions {
  /** How many events at most. @defaultValue Number.MAX_SAFE_INTEGER */
  maxCount?: number | bigint
  /** The first position to read. @defaultValue START */
  fromPosition?: ReadPosition
  /** Also fetch what link events point to. @defaultValue false */
  resolveLinkTos?: boolean
  /** From older to newer events, or back. @defaultValue FORWARDS */
  direction?: Direction
  /** Which events to return. Of its fields only what to look at and what to find count. @defaultValue all */
  filter?: Filter
}

export interface SubscribeToStreamOptions extends BaseOptions {
  /** The revision after which to begin; START begins with the first event, END with the next one. @defaultValue START */
  fromRevision?: ReadRevision
  /** Also fetch what link events point to. @defaultValue false */
  resolveLinkTos?: boolean
  /**
   * Not in the official client, which ignores it. Subscriptions with it get the very same event objects, deeply frozen, which is
   * much faster for many subscriptions: nobody can change them, but they are not isolated (the time in a `Date` and bytes
   * can be changed). @defaultValue false
   */
  sharedEvents?: boolean
}

export interface SubscribeToAllOptions extends BaseOptions {
  /** The position after which to begin; START begins with the first event, END with the next one. @defaultValue START */
  fromPosition?: ReadPosition
  /** Also fetch what link events point to. @defaultValue false */
  resolveLinkTos?: boolean
  /** Which events to deliver, and when to report checkpoints. @defaultValue all */
  filter?: Filter
  /**
   * Not in the official client, which ignores it. Subscriptions with it get the very same event objects, deeply frozen, which is
   * much faster for many subscriptions: nobody can change them, but they are not isolated (the time in a `Date` and bytes
   * can be changed). @defaultValue false
   */
  sharedEvents?: boolean
}

export type GetStreamMetadataOptions = BaseOptions

export interface SetStreamMetadataOptions extends BaseOptions {
  /** The state that the *metadata* stream must be in, else nothing is written. @defaultValue ANY */
  expectedRevision?: AppendStreamState
}

export interface CreatePersistentSubscriptionToAllOptions extends BaseOptions {
  /** Which events to hand out. @defaultValue all */
  filter?: Filter
}
export type UpdatePersistentSubscriptionToAllOptions = BaseOptions
export type DeletePersistentSubscriptionToStreamOptions = BaseOptions
export type DeletePersistentSubscriptionToAllOptions = BaseOptions
export type GetPersistentSubscriptionToStreamInfoOptions = BaseOptions
export type GetPersistentSubscriptionToAllInfoOptions = BaseOptions
export type RestartPersistentSubscriptionSubsystemOptions = BaseOptions

export interface ReplayParkedMessagesToStreamOptions extends BaseOptions {
  /** How many parked events to replay. @defaultValue all */
  stopAt?: number | bigint
}
export interface ReplayParkedMessagesToAllOptions extends BaseOptions {
  /** How many parked events to replay. @defaultValue all */
  stopAt?: number | bigint
}

export interface SubscribeToPersistentSubscriptionToStreamOptions extends BaseOptions {
  /** How many events may be unanswered at a time. @defaultValue 10 */
  bufferSize?: number
}
export interface SubscribeToPersistentSubscriptionToAllOptions extends BaseOptions {
  /** How many events may be unanswered at a time. @defaultValue 10 */
  bufferSize?: number
}

export interface CreateProjectionOptions extends BaseOptions {
  /** Whether the query may write. @defaultValue false */
  emitEnabled?: boolean
  /** Whether to keep a list of the streams written. @defaultValue false */
  trackEmittedStreams?: boolean
  /** Which engine runs it, from now on. @defaultValue PROJECTION_ENGINE_V1 */
  engineVersion?: ProjectionEngineVersion
}
export interface UpdateProjectionOptions extends BaseOptions {
  /** Whether the query may write. @defaultValue as before */
  emitEnabled?: boolean
}
export interface DeleteProjectionOptions extends BaseOptions {
  /** Also the streams it wrote, when they were tracked. @defaultValue false */
  deleteEmittedStreams?: boolean
  /** Also its state. @defaultValue false */
  deleteStateStream?: boolean
  /** Also its checkpoint. @defaultValue false */
  deleteCheckpointStream?: boolean
}
export interface GetProjectionStateOptions extends BaseOptions {
  /** Of which partition. @defaultValue the one without a name */
  partition?: string
}
export interface GetProjectionResultOptions extends BaseOptions {
  /** Of which partition. @defaultValue the one without a name */
  partition?: string
}
export type EnableProjectionOptions = BaseOptions
export type DisableProjectionOptions = BaseOptions
export type AbortProjectionOptions = BaseOptions
export type ResetProjectionOptions = BaseOptions
export type GetProjectionStatusOptions = BaseOptions
export type RestartSubsystemOptions = BaseOptions

interface ClientOptions {
  /** When to probe a silent connection, in milliseconds; -1 never. @defaultValue 10_000 */
  keepAliveInterval?: number
  /** How long to wait for the answer to a probe, in milliseconds; -1 for ever. @defaultValue 10_000 */
  keepAliveTimeout?: number
  /** Whether an append to a stream in another state rejects; else it resolves with `success: false`. @defaultValue true */
  throwOnAppendFailure?: boolean
  /** How long operations wait for an answer, in milliseconds. @defaultValue 10_000 */
  defaultDeadline?: number
  /** What the client is called in statistics. @defaultValue a random UUID */
  connectionName?: string
}

interface DiscoveryOptions {
  /** How often to look for a node. @defaultValue 10 */
  maxDiscoverAttempts?: number
  /** How long to wait between attempts, in milliseconds. @defaultValue 100 */
  discoveryInterval?: number
  /** How long to wait for a node's answer, in seconds. @defaultValue 5 */
  gossipTimeout?: number
  /** Which node to take. @defaultValue LEADER */
  nodePreference?: NodePreference
}

/** A cluster found through one name. */
export interface DNSClusterOptions extends DiscoveryOptions, ClientOptions {
  discover: EndPoint
}
/** A cluster found through its nodes. */
export interface GossipClusterOptions extends DiscoveryOptions, ClientOptions {
  endpoints: EndPoint[]
}
/** One node. */
export interface SingleNodeOptions extends ClientOptions {
  endpoint: EndPoint | string
}

/** How to secure a connection; all files as their bytes, PEM. */
export interface ChannelCredentialOptions {
  /** Without encryption. @defaultValue false */
  insecure?: boolean
  /** Who signed the server's certificate. */
  rootCertificate?: Uint8Array
  /** The client's key. */
  userKeyFile?: Uint8Array
  /** The client's certificate. */
  userCertFile?: Uint8Array
  /** How to check the server's certificate. */
  verifyOptions?: VerifyOptions
}
