/** What most operations share: options, credentials, positions, states of streams, results. */

import type * as constants from '../constants'

/** Options that every operation takes. */
export interface BaseOptions {
  /** Whose rights count for this call. @defaultValue those of the credentials provider, else of the connection string */
  credentials?: Credentials
  /** Fails with `NotLeaderError` where the node is not the leader. A database in process always is. @defaultValue false */
  requiresLeader?: boolean
  /** How long to wait for the answer, in milliseconds. @defaultValue `defaultDeadline` of the connection string */
  deadline?: number
}

/** A place in `$all`. Events of one transaction share `commit`; a single event has both alike. */
export type Position = {
  commit: bigint
  prepare: bigint
}

/** Where to read in a stream: at an end, or at a revision. */
export type ReadRevision = typeof constants.START | typeof constants.END | bigint
/** Where to read in `$all`: at an end, or at a position. */
export type ReadPosition = typeof constants.START | typeof constants.END | Position

/** What a stream is expected to be: in any state, not there, or with its last event at a revision. */
export type StreamState = typeof constants.ANY | typeof constants.NO_STREAM | bigint
/** What a stream is expected to be before an append; `STREAM_EXISTS` asks for any event in it or its metadata. */
export type AppendStreamState = typeof constants.STREAM_EXISTS | StreamState
/** What a stream was found to be: not there, or with its last event at a revision. */
export type CurrentStreamState = typeof constants.NO_STREAM | bigint

/** Which way to read. */
export type Direction = typeof constants.FORWARDS | typeof constants.BACKWARDS

/** What an append did. */
export interface AppendResult {
  /** False only with `throwOnAppendFailure=false` in the connection string. */
  success: boolean
  /** The revision of the stream's last event; the state to expect in the next append. */
  nextExpectedRevision: bigint
  /** Where in `$all` the last event lies. */
  position?: Position
}

/** What a deletion did. */
export interface DeleteResult {
  /** Where in `$all` the record of the deletion lies. */
  position?: Position
}

/** Which node of a cluster to talk to. */
export type NodePreference =
  | typeof constants.RANDOM
  | typeof constants.FOLLOWER
  | typeof constants.LEADER
  | typeof constants.READ_ONLY_REPLICA

/** Where a node listens. */
export interface EndPoint {
  address: string
  port: number
}

/** The roles and phases of a node in its cluster. */
export enum VNodeState {
  INITIALIZING = 0,
  DISCOVERLEADER = 1,
  UNKNOWN = 2,
  PREREPLICA = 3,
  CATCHINGUP = 4,
  CLONE = 5,
  FOLLOWER = 6,
  PRELEADER = 7,
  LEADER = 8,
  MANAGER = 9,
  SHUTTINGDOWN = 10,
  SHUTDOWN = 11,
  READONLYLEADERLESS = 12,
  PREREADONLYREPLICA = 13,
  READONLYREPLICA = 14,
  RESIGNINGLEADER = 15,
}

/** A node of a cluster, as its neighbours know it. */
export interface MemberInfo {
  instanceId?: string
  /** When this was last known, in milliseconds since 1970. */
  timeStamp: number
  state: VNodeState
  isAlive: boolean
  httpEndpoint?: EndPoint
}

/** A user and a password. */
export interface BasicCredentials {
  username: string
  password: string
}
/** A token; it cannot be part of a connection string. */
export interface BearerCredentials {
  bearerToken: string
}
export type Credentials = BasicCredentials | BearerCredentials
/** Called before every operation; its answer is used unless the call brings credentials of its own. */
export type CredentialsProvider = () => Credentials | Promise<Credentials>

/** A client's certificate and its key, PEM. */
export interface Certificate {
  userCertFile: Uint8Array
  userKeyFile: Uint8Array
}

/** How to check a server's certificate. A stand-in for grpc-js's type; databases in process have no certificates. */
export type VerifyOptions =
  | {
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the certificate is Node's `PeerCertificate`.
      checkServerIdentity?: (hostname: string, certificate: any) => Error | undefined
      rejectUnauthorized?: boolean
    }
  | undefined

/** Makes grpc-js clients. Here for code that names the type; nothing takes one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- grpc-js's own types are not at hand.
export type GRPCClientConstructor<T> = new (address: string, credentials: any, options?: any) => T
