/** The errors of `@kurrent/kurrentdb-client`: one class each, told apart by `instanceof` or by `type`. */

import { textDecoder } from '../wasm/environment'
import { ANY, NO_STREAM, STREAM_EXISTS } from './constants'
import { CommandErrorBase, ErrorType, type Failure, trailer } from './error_base'
import type { ConsistencyViolation } from './types/append'
import type { AppendStreamState, CurrentStreamState, EndPoint } from './types/core'
import type {
  AppendConsistencyViolationDetails,
  AppendRecordSizeExceededDetails,
  RevisionConflictDetails,
  StreamDetails,
  TransactionSizeExceededDetails,
} from './types/error_details'

export { ErrorType, type Failure, ServerAnswer, type ServiceError } from './error_base'

/** The server gave up: a write took too long, or one request names a stream twice. */
export class TimeoutError extends CommandErrorBase {
  type = ErrorType.TIMEOUT as const
}

/** The call's deadline passed first. What it asked for may have happened. */
export class DeadlineExceededError extends CommandErrorBase {
  type = ErrorType.DEADLINE_EXCEEDED as const
}

/** The database cannot be reached, or failed while answering. */
export class UnavailableError extends CommandErrorBase {
  type = ErrorType.UNAVAILABLE as const
}

/** The server ended the call. */
export class CancelledError extends CommandErrorBase {
  type = ErrorType.CANCELLED as const
}

/** There is no such thing, for example no such projection. */
export class NotFoundError extends CommandErrorBase {
  type = ErrorType.NOT_FOUND as const
}

/** Any other failure; `message` and `code` say which. */
export class UnknownError extends CommandErrorBase {
  type = ErrorType.UNKNOWN as const
}

/** The call requires a leader and met another node. */
export class NotLeaderError extends CommandErrorBase {
  type = ErrorType.NOT_LEADER as const
  /** Where the leader is. */
  leader: EndPoint

  constructor(error: Failure) {
    super(error)
    this.leader = {
      address: trailer(error, 'leader-endpoint-host') ?? '',
      port: parseInt(trailer(error, 'leader-endpoint-port') ?? '', 10),
    }
  }
}

/** The stream does not exist, or is deleted. */
export class StreamNotFoundError extends CommandErrorBase {
  type = ErrorType.STREAM_NOT_FOUND as const
  streamName: string

  /** The name to report: the one given, else the one in the trailers. */
  static nameToString(error?: Failure, streamName?: string | Uint8Array): string {
    const name = streamName ?? trailer(error, 'stream-name') ?? ''
    return typeof name === 'string' ? name : textDecoder.decode(name)
  }

  constructor(error?: Failure, streamName?: string | Uint8Array) {
    const name = StreamNotFoundError.nameToString(error, streamName)
    super(error, `${name} not found`)
    this.streamName = name
  }
}

/** The stream does not exist. */
export class NoStreamError extends CommandErrorBase {
  type = ErrorType.NO_STREAM as const
}

/** The credentials are wrong, or do not allow this. */
export class AccessDeniedError extends CommandErrorBase {
  type = ErrorType.ACCESS_DENIED as const
}

/** The transaction does not exist any more. */
export class InvalidTransactionError extends CommandErrorBase {
  type = ErrorType.INVALID_TRANSACTION as const
}

/**
 * The stream is tombstoned: it takes no further events and nothing of it can be read. Also when it is deleted softly and an
 * append expects it to exist.
 */
export class StreamDeletedError extends CommandErrorBase {
  type = ErrorType.STREAM_DELETED as const
  streamName: string

  static fromStreamName(streamName: string): StreamDeletedError {
    return new StreamDeletedError(undefined, streamName)
  }

  constructor(error: Failure)
  constructor(error: undefined, streamName: string)
  constructor(error: Failure | undefined, streamName = trailer(error, 'stream-name')) {
    super(error)
    this.streamName = streamName ?? ''
  }
}

/** There is no scavenge with this id. */
export class ScavengeNotFoundError extends CommandErrorBase {
  type = ErrorType.SCAVENGE_NOT_FOUND as const
  scavengeId: string

  constructor(error: Failure) {
    super(error)
    this.scavengeId = trailer(error, 'scavenge-id') ?? ''
  }
}

/** What an append or a deletion expected of its stream, and what it met. */
export interface WrongExpectedVersionDetails {
  streamName: string
  expected: AppendStreamState
  current: CurrentStreamState
}

/** The part of the answer to an append that tells of a wrong expected state. */
export interface WrongExpectedVersion {
  hasExpectedStreamPosition(): boolean
  getExpectedStreamPosition(): string
  hasExpectedStreamExists(): boolean
  hasExpectedNoStream(): boolean
  hasCurrentStreamRevision(): boolean
  getCurrentStreamRevision(): string
}

/** The stream was not in the expected state. Nothing was written. */
export class WrongExpectedVersionError extends CommandErrorBase {
  type = ErrorType.WRONG_EXPECTED_VERSION as const
  streamName: string
  /** What the caller expected. From deletions these may be the numbers `-1n` (no stream) and `-2n` (any). */
  expectedState: AppendStreamState
  /** The stream's last revision, or that there is none. */
  actualState: CurrentStreamState

  static fromWrongExpectedVersion(details: WrongExpectedVersion, streamName: string): WrongExpectedVersionError {
    const expected = details.hasExpectedStreamPosition()
      ? BigInt(details.getExpectedStreamPosition())
      : details.hasExpectedStreamExists()
        ? STREAM_EXISTS
        : details.hasExpectedNoStream()
          ? NO_STREAM
          : ANY
    const current = details.hasCurrentStreamRevision() ? BigInt(details.getCurrentStreamRevision()) : NO_STREAM
    return new WrongExpectedVersionError(undefined, { streamName, expected, current })
  }

  static fromRevisionConflict(details: RevisionConflictDetails): WrongExpectedVersionError {
    return new WrongExpectedVersionError(undefined, {
      streamName: details.stream,
      expected: expectedStateOf(details.expectedRevision),
      current: actualStateOf(details.actualRevision),
    })
  }

  constructor(error: Failure)
  constructor(error: undefined, versions: WrongExpectedVersionDetails)
  constructor(error: Failure | undefined, versions?: WrongExpectedVersionDetails) {
    super(error)
    this.streamName = versions?.streamName ?? trailer(error, 'stream-name') ?? ''
    this.expectedState = versions?.expected ?? BigInt(trailer(error, 'expected-version') ?? 0)
    const actual = trailer(error, 'actual-version')
    this.actualState = versions?.current ?? (actual ? BigInt(actual) : NO_STREAM)
  }
}

/** More was appended at once than the server takes. Nothing was written. */
export class MaxAppendSizeExceededError extends CommandErrorBase {
  type = ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED as const
  /** The limit, in bytes. */
  maxAppendSize: number

  static fromMaxAppendSize(maxAppendSize: number): MaxAppendSizeExceededError {
    return new MaxAppendSizeExceededError(undefined, maxAppendSize)
  }

  constructor(error: Failure)
  constructor(error: undefined, maxAppendSize: number)
  constructor(error: Failure | undefined, maxAppendSize = parseInt(trailer(error, 'maximum-append-size') ?? '', 10)) {
    super(error)
    this.maxAppendSize = maxAppendSize
  }
}

/** One record is larger than the server takes. Nothing was written. */
export class AppendRecordSizeExceededError extends CommandErrorBase {
  type = ErrorType.APPEND_RECORD_SIZE_EXCEEDED as const
  stream: string
  recordId: string
  /** What the record measures, in bytes. */
  size: number
  /** The limit, in bytes. */
  maxSize: number

  constructor(error: Failure | undefined, details: AppendRecordSizeExceededDetails) {
    super(error)
    this.stream = details.stream
    this.recordId = details.recordId
    this.size = details.size
    this.maxSize = details.maxSize
  }
}

/** The stream is tombstoned and takes no further records. Nothing was written. */
export class StreamTombstonedError extends CommandErrorBase {
  type = ErrorType.STREAM_TOMBSTONED as const
  stream: string

  constructor(error: Failure | undefined, details: StreamDetails) {
    super(error)
    this.stream = details.stream
  }
}

/** All records together are larger than the server takes at once. Nothing was written. */
export class TransactionMaxSizeExceededError extends CommandErrorBase {
  type = ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED as const
  /** What the records measure, in bytes. */
  size: number
  /** The limit, in bytes. */
  maxSize: number

  constructor(error: Failure | undefined, details: TransactionSizeExceededDetails) {
    super(error)
    this.size = details.size
    this.maxSize = details.maxSize
  }
}

/** Streams were not in the states that the checks of `appendRecords` ask for. Nothing was written. */
export class AppendConsistencyViolationError extends CommandErrorBase {
  type = ErrorType.APPEND_CONSISTENCY_VIOLATION as const
  /** The checks that failed, in their order. */
  violations: ConsistencyViolation[]

  constructor(error: Failure | undefined, details: AppendConsistencyViolationDetails) {
    super(error)
    this.violations = details.violationsList.map(({ checkIndex, streamState }) => ({
      checkIndex,
      streamName: streamState?.stream ?? '',
      expectedState: expectedStateOf(streamState?.expectedState ?? '0'),
      actualState: actualStateOf(streamState?.actualState ?? '0'),
    }))
  }
}

function expectedStateOf(revision: string): AppendStreamState {
  return revision === '-1' ? NO_STREAM : revision === '-2' ? ANY : revision === '-4' ? STREAM_EXISTS : BigInt(revision)
}

function actualStateOf(revision: string): CurrentStreamState {
  return revision === '-1' ? NO_STREAM : BigInt(revision)
}

/** An event lacks metadata that it must have. */
export class RequiredMetadataPropertyMissingError extends CommandErrorBase {
  type = ErrorType.MISSING_REQUIRED_METADATA_PROPERTY as const
  requiredMetadataProperties: string[]

  constructor(error: Failure) {
    super(error)
    this.requiredMetadataProperties = (trailer(error, 'required-metadata-properties') ?? '').split(',')
  }
}

/** The consumer group failed; `reason` says why. */
export class PersistentSubscriptionFailedError extends CommandErrorBase {
  type = ErrorType.PERSISTENT_SUBSCRIPTION_FAILED as const
  streamName: string
  groupName: string
  reason: string

  constructor(error: Failure) {
    super(error)
    this.streamName = trailer(error, 'stream-name') ?? ''
    this.groupName = trailer(error, 'group-name') ?? ''
    this.reason = trailer(error, 'reason') ?? ''
  }
}

/** The group that was looked for. */
export interface PersistentSubscriptionDoesNotExistMeta {
  streamName: string
  groupName?: string
}

/** There is no such consumer group. */
export class PersistentSubscriptionDoesNotExistError extends CommandErrorBase {
  type = ErrorType.PERSISTENT_SUBSCRIPTION_DOES_NOT_EXIST as const
  streamName: string
  groupName: string

  constructor(error: Failure)
  constructor(error: undefined, metadata: PersistentSubscriptionDoesNotExistMeta)
  constructor(error: Failure | undefined, metadata?: PersistentSubscriptionDoesNotExistMeta) {
    const streamName = metadata?.streamName ?? trailer(error, 'stream-name') ?? ''
    const groupName = metadata ? metadata.groupName ?? '' : trailer(error, 'group-name') ?? ''
    super(error, metadata && `5 NOT_FOUND: Subscription group ${groupName} on stream ${streamName} does not exist.`)
    this.streamName = streamName
    this.groupName = groupName
  }
}

/** There already is a consumer group of this name. */
export class PersistentSubscriptionExistsError extends CommandErrorBase {
  type = ErrorType.PERSISTENT_SUBSCRIPTION_EXISTS as const
  streamName: string
  groupName: string

  constructor(error: Failure) {
    super(error)
    this.streamName = trailer(error, 'stream-name') ?? ''
    this.groupName = trailer(error, 'group-name') ?? ''
  }
}

/** The consumer group has as many subscribers as its settings allow. */
export class PersistentSubscriptionMaximumSubscribersReachedError extends CommandErrorBase {
  type = ErrorType.MAXIMUM_SUBSCRIBERS_REACHED as const
  streamName: string
  groupName: string

  constructor(error: Failure) {
    super(error)
    this.streamName = trailer(error, 'stream-name') ?? ''
    this.groupName = trailer(error, 'group-name') ?? ''
  }
}

/** The consumer group was deleted, or its stream, while this subscriber was connected. */
export class PersistentSubscriptionDroppedError extends CommandErrorBase {
  type = ErrorType.PERSISTENT_SUBSCRIPTION_DROPPED as const
  streamName: string
  groupName: string

  constructor(error: Failure) {
    super(error)
    this.streamName = trailer(error, 'stream-name') ?? ''
    this.groupName = trailer(error, 'group-name') ?? ''
  }
}

/** There is no such user. */
export class LoginNotFoundError extends CommandErrorBase {
  type = ErrorType.USER_NOT_FOUND as const
  LoginName: string

  constructor(error: Failure) {
    super(error)
    this.LoginName = trailer(error, 'login-name') ?? ''
  }
}

/** There already is a user of this name. */
export class LoginConflictError extends CommandErrorBase {
  type = ErrorType.USER_CONFLICT as const
  LoginName: string

  constructor(error: Failure) {
    super(error)
    this.LoginName = trailer(error, 'login-name') ?? ''
  }
}

/** The database does not offer this. */
export class UnsupportedError extends CommandErrorBase {
  type = ErrorType.UNSUPPORTED as const
  feature: string
  /** The first version of the server that has the feature. */
  minimumVersion: string

  constructor(feature: string, minimumVersion: string) {
    super(undefined, `${feature} requires server version ${minimumVersion} or higher.`)
    this.feature = feature
    this.minimumVersion = minimumVersion
  }
}

/** The client refused an argument; nothing was sent. */
export class InvalidArgumentError extends CommandErrorBase {
  type = ErrorType.INVALID_ARGUMENT as const
  errorMessage: string

  constructor(error: string) {
    super(undefined, error)
    this.errorMessage = error
  }
}

/** Any error of the client, told apart by `type`. (The official type leaves `NotFoundError` out, and so does this one.) */
export type CommandError =
  | NotLeaderError
  | StreamNotFoundError
  | NoStreamError
  | AccessDeniedError
  | InvalidArgumentError
  | InvalidTransactionError
  | StreamDeletedError
  | StreamTombstonedError
  | ScavengeNotFoundError
  | WrongExpectedVersionError
  | MaxAppendSizeExceededError
  | AppendRecordSizeExceededError
  | TransactionMaxSizeExceededError
  | AppendConsistencyViolationError
  | RequiredMetadataPropertyMissingError
  | PersistentSubscriptionFailedError
  | PersistentSubscriptionDoesNotExistError
  | PersistentSubscriptionExistsError
  | PersistentSubscriptionDroppedError
  | PersistentSubscriptionMaximumSubscribersReachedError
  | LoginNotFoundError
  | LoginConflictError
  | TimeoutError
  | DeadlineExceededError
  | UnavailableError
  | CancelledError
  | UnknownError
  | UnsupportedError

/** Whether the error is one of the client's. */
export function isCommandError(error: Error): error is CommandError {
  return error instanceof CommandErrorBase
}

// Consoles and test reports show the name of an error's class, which minifiers shorten.
const classes = {
  TimeoutError, DeadlineExceededError, UnavailableError, CancelledError, NotFoundError, UnknownError, NotLeaderError,
  StreamNotFoundError, NoStreamError, AccessDeniedError, InvalidTransactionError, StreamDeletedError,
  ScavengeNotFoundError, WrongExpectedVersionError, MaxAppendSizeExceededError, AppendRecordSizeExceededError,
  StreamTombstonedError, TransactionMaxSizeExceededError, AppendConsistencyViolationError,
  RequiredMetadataPropertyMissingError, PersistentSubscriptionFailedError, PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError, PersistentSubscriptionMaximumSubscribersReachedError,
  PersistentSubscriptionDroppedError, LoginNotFoundError, LoginConflictError, UnsupportedError, InvalidArgumentError,
}
for (const [name, value] of Object.entries(classes)) Object.defineProperty(value, 'name', { value: name, configurable: true })
