import type { CoreErrorCode } from '../wasm/core'
import { convertToCommandError } from './convert_error'
import {
  AppendConsistencyViolationError, AppendRecordSizeExceededError, ErrorType, InvalidArgumentError, ServerAnswer,
  StreamTombstonedError, TimeoutError, TransactionMaxSizeExceededError, UnsupportedError,
} from './errors'

const INJECTED = 'An injected fault.'

/** Types whose errors follow from a gRPC status alone. */
const STATUS: Partial<Record<ErrorType, number>> = {
  [ErrorType.CANCELLED]: 1,
  [ErrorType.UNKNOWN]: 2,
  [ErrorType.DEADLINE_EXCEEDED]: 4,
  [ErrorType.NOT_FOUND]: 5,
  [ErrorType.UNAVAILABLE]: 14,
}

/** An error of that type, as if a server had answered it. */
export function errorOfType(type: ErrorType): Error {
  switch (type) {
    case ErrorType.TIMEOUT: return new TimeoutError(new ServerAnswer(10, INJECTED))
    case ErrorType.INVALID_ARGUMENT: return new InvalidArgumentError(INJECTED)
    case ErrorType.UNSUPPORTED: return new UnsupportedError('The operation', '26.1')
    case ErrorType.STREAM_TOMBSTONED: return new StreamTombstonedError(new ServerAnswer(9, INJECTED), { stream: '' })
    case ErrorType.APPEND_CONSISTENCY_VIOLATION:
      return new AppendConsistencyViolationError(new ServerAnswer(9, INJECTED), { violationsList: [] })
    case ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED:
      return new TransactionMaxSizeExceededError(new ServerAnswer(10, INJECTED), { size: 0, maxSize: 0 })
    case ErrorType.APPEND_RECORD_SIZE_EXCEEDED:
      return new AppendRecordSizeExceededError(new ServerAnswer(3, INJECTED), { stream: '', recordId: '', size: 0, maxSize: 0 })
  }
  const status = STATUS[type]
  const answer = status === undefined ? new ServerAnswer(9, INJECTED, { exception: type }) : new ServerAnswer(status, INJECTED)
  return convertToCommandError(answer as unknown as Error)
}

/** What the core, and so the services, take an error for. */
export function coreCodeOf(error: Error): CoreErrorCode {
  switch ((error as { type?: ErrorType }).type) {
    case ErrorType.UNAVAILABLE:
    case ErrorType.NOT_LEADER: return 'Unavailable'
    case ErrorType.ACCESS_DENIED: return 'AccessDenied'
    case ErrorType.WRONG_EXPECTED_VERSION: return 'WrongExpectedVersion'
    case ErrorType.STREAM_NOT_FOUND: return 'StreamNotFound'
    case ErrorType.STREAM_DELETED: return 'StreamDeleted'
    case ErrorType.DEADLINE_EXCEEDED:
    case ErrorType.TIMEOUT: return 'DeadlineExceeded'
    case ErrorType.CANCELLED: return 'Cancelled'
    default: return 'Unknown'
  }
}
