/**
 * The drop-in for `@kurrent/kurrentdb-client` 1.3: the same names, for databases in this process. Nothing is loaded at import;
 * the first operation loads the core.
 */

export { KurrentDBClient } from './client'
export * from './constants'
export * from './events'
export * from './filters'
export * from './stream_names'
export { convertToCommandError } from './convert_error'
export { isBasicCredentials, isBearerCredentials } from './credentials'
export {
  AccessDeniedError, AppendConsistencyViolationError, AppendRecordSizeExceededError, CancelledError, DeadlineExceededError,
  ErrorType, InvalidArgumentError, InvalidTransactionError, isCommandError, LoginConflictError, LoginNotFoundError,
  MaxAppendSizeExceededError, NoStreamError, NotFoundError, NotLeaderError, PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionDroppedError, PersistentSubscriptionExistsError, PersistentSubscriptionFailedError,
  PersistentSubscriptionMaximumSubscribersReachedError, RequiredMetadataPropertyMissingError, ScavengeNotFoundError,
  StreamDeletedError, StreamNotFoundError, StreamTombstonedError, TimeoutError, TransactionMaxSizeExceededError,
  UnavailableError, UnknownError, UnsupportedError, WrongExpectedVersionError,
} from './errors'
export type { CommandError } from './errors'
export {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from './settings'
export * from './types/index'
