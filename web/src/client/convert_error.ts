/** From failed gRPC calls to the client's errors, by the official rules. */

import { trailer } from './error_base'
import { statusDetails } from './error_details'
import * as errors from './errors'
import { type CommandError, ErrorType, type Failure, isCommandError } from './errors'

type FromTrailers = new (error: Failure) => Error

/** Errors that the trailer `exception` names. */
const NAMED: Partial<Record<string, FromTrailers>> = {
  [ErrorType.NOT_LEADER]: errors.NotLeaderError,
  [ErrorType.STREAM_NOT_FOUND]: errors.StreamNotFoundError,
  [ErrorType.NO_STREAM]: errors.NoStreamError,
  [ErrorType.ACCESS_DENIED]: errors.AccessDeniedError,
  [ErrorType.INVALID_TRANSACTION]: errors.InvalidTransactionError,
  [ErrorType.STREAM_DELETED]: errors.StreamDeletedError,
  [ErrorType.SCAVENGE_NOT_FOUND]: errors.ScavengeNotFoundError,
  [ErrorType.WRONG_EXPECTED_VERSION]: errors.WrongExpectedVersionError,
  [ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED]: errors.MaxAppendSizeExceededError,
  [ErrorType.MISSING_REQUIRED_METADATA_PROPERTY]: errors.RequiredMetadataPropertyMissingError,
  [ErrorType.PERSISTENT_SUBSCRIPTION_FAILED]: errors.PersistentSubscriptionFailedError,
  [ErrorType.PERSISTENT_SUBSCRIPTION_DOES_NOT_EXIST]: errors.PersistentSubscriptionDoesNotExistError,
  [ErrorType.PERSISTENT_SUBSCRIPTION_EXISTS]: errors.PersistentSubscriptionExistsError,
  [ErrorType.PERSISTENT_SUBSCRIPTION_DROPPED]: errors.PersistentSubscriptionDroppedError,
  [ErrorType.MAXIMUM_SUBSCRIBERS_REACHED]: errors.PersistentSubscriptionMaximumSubscribersReachedError,
  [ErrorType.USER_NOT_FOUND]: errors.LoginNotFoundError,
  [ErrorType.USER_CONFLICT]: errors.LoginConflictError,
}

/**
 * The client's error for a failed gRPC call. The trailer `exception` decides, else the details of the v2 protocol, else the
 * status; what none of them tells is an `UnknownError`. Anything but a failed call comes back as it is.
 */
export const convertToCommandError = (error: Error): CommandError | Error => {
  if (isCommandError(error) || !isServiceError(error)) return error
  const Named = NAMED[trailer(error, 'exception') ?? '']
  return Named ? new Named(error) : (fromStatus(error) ?? new errors.UnknownError(error))
}

function fromStatus(error: Failure): Error | undefined {
  const text = error.details ?? ''
  switch (error.code) {
    case 1: // CANCELLED
      if (text !== 'Cancelled on client') return new errors.CancelledError(error)
      break
    case 3: // INVALID_ARGUMENT
    case 9: // FAILED_PRECONDITION
    case 10: { // ABORTED
      const known = fromDetails(error)
      if (known) return known
      break
    }
    case 4: // DEADLINE_EXCEEDED
      return new errors.DeadlineExceededError(error)
    case 5: // NOT_FOUND
      return fromDetails(error) ?? new errors.NotFoundError(error)
    case 13: // INTERNAL
    case 14: // UNAVAILABLE
    case 15: // DATA_LOSS
      return new errors.UnavailableError(error)
    case 16: // UNAUTHENTICATED
      return new errors.AccessDeniedError(error)
  }
  // Calls that fail on this side have no status that says so.
  const neverLeft = text.includes('write after end') || text.includes('client error (Connect)')
  return neverLeft ? new errors.UnavailableError(error) : undefined
}

/** The error that the v2 protocol's details describe, where they belong to the status. */
function fromDetails(error: Failure): Error | undefined {
  const details = statusDetails(error)
  switch (error.code !== undefined && details && `${error.code} ${details.name}`) {
    case '3 AppendRecordSizeExceededErrorDetails':
      return new errors.AppendRecordSizeExceededError(error, details!.recordSize())
    case '5 StreamNotFoundErrorDetails':
      return new errors.StreamNotFoundError(error, details!.stream().stream)
    case '9 StreamRevisionConflictErrorDetails':
      return errors.WrongExpectedVersionError.fromRevisionConflict(details!.revisionConflict())
    case '9 StreamTombstonedErrorDetails':
      return new errors.StreamTombstonedError(error, details!.stream())
    case '9 AppendConsistencyViolationErrorDetails':
      return new errors.AppendConsistencyViolationError(error, details!.consistencyViolation())
    case '10 AppendTransactionSizeExceededErrorDetails':
      return new errors.TransactionMaxSizeExceededError(error, details!.transactionSize())
  }
  // Any other detail of an aborted call is taken for a time-out.
  return details && error.code === 10 ? new errors.TimeoutError(error) : undefined
}

function isServiceError(error: Error): error is Error & Failure {
  const { code, metadata } = error as { code?: unknown; metadata?: { getMap?: unknown } }
  return typeof code === 'number' || typeof metadata?.getMap === 'function'
}
