/** From the core's failures to the errors that a KurrentDB server's answers become, by the rules of each operation. */

import type { CoreFailure } from '../wasm/core'
import { realm } from '../wasm/index'
import {
  AccessDeniedError, AppendConsistencyViolationError, AppendRecordSizeExceededError, CancelledError, DeadlineExceededError,
  MaxAppendSizeExceededError, ServerAnswer, StreamDeletedError, StreamNotFoundError, StreamTombstonedError, TimeoutError,
  TransactionMaxSizeExceededError, UnavailableError, UnknownError, WrongExpectedVersionError,
} from './errors'
import type { AppendStreamState, CurrentStreamState } from './types/core'

/** Which protocol the operation speaks: its errors carry different details. */
export type Protocol = 'append' | 'delete' | 'tombstone' | 'read' | 'subscribe' | 'multi-append'

const WIRE_STATES: Readonly<Record<string, string>> = { any: '-2', no_stream: '-1', stream_exists: '-4' }

/** The error for `thrown`; anything but a failure of the core comes back as it is. */
export function toClientError(thrown: unknown, protocol: Protocol): unknown {
  const failure = failureOf(thrown)
  return failure === undefined ? thrown : (injected().get(failure.message) ?? convert(failure, protocol))
}

/** Errors that faults were told to fail with, by the message under which the core knows them. */
export function injected(): Map<string, Error> {
  return (realm().injected ??= new Map()) as Map<string, Error>
}

export function deadlineExceeded(): DeadlineExceededError {
  return new DeadlineExceededError(new ServerAnswer(4, 'Deadline exceeded'))
}

/** The core may belong to another copy of this package, and so may its error class. */
export function failureOf(thrown: unknown): CoreFailure | undefined {
  const { name, failure } = (thrown ?? {}) as { name?: string; failure?: CoreFailure }
  return name === 'CoreError' ? failure : undefined
}

function convert(failure: CoreFailure, protocol: Protocol): Error {
  const { code, message, facts } = failure
  const stream = String(facts.stream ?? '')
  switch (code) {
    case 'WrongExpectedVersion': return wrongVersion(failure, protocol)
    case 'StreamNotFound': return new StreamNotFoundError(undefined, stream)
    case 'StreamDeleted': return deleted(stream, protocol)
    case 'StreamTombstoned': return new StreamTombstonedError(new ServerAnswer(9, message), { stream })
    case 'AccessDenied':
      // The newer protocol sends details that the official client does not know.
      if (protocol === 'multi-append') return new UnknownError(new ServerAnswer(7, message))
      return new AccessDeniedError(new ServerAnswer(7, message, { exception: 'access-denied' }))
    case 'MaxAppendSizeExceeded': return MaxAppendSizeExceededError.fromMaxAppendSize(Number(facts.maxAppendSize))
    case 'AppendRecordSizeExceeded':
      return new AppendRecordSizeExceededError(new ServerAnswer(3, message), {
        stream, recordId: String(facts.recordId), size: Number(facts.size), maxSize: Number(facts.maxSize),
      })
    case 'TransactionMaxSizeExceeded': {
      const details = { size: Number(facts.size), maxSize: Number(facts.maxSize) }
      return new TransactionMaxSizeExceededError(new ServerAnswer(10, message), details)
    }
    case 'StreamAlreadyInAppendSession': return new TimeoutError(new ServerAnswer(10, message))
    case 'ConsistencyViolation': return violations(failure)
    case 'DeadlineExceeded': return new DeadlineExceededError(new ServerAnswer(4, message))
    case 'Unavailable': return new UnavailableError(new ServerAnswer(14, message))
    case 'Cancelled': return new CancelledError(new ServerAnswer(1, message))
    case 'OutOfMemory': return new UnavailableError(new ServerAnswer(8, message))
    case 'InvalidArgument': return new UnknownError(new ServerAnswer(3, message))
    case 'MaxAppendEventSizeExceeded':
      return new UnknownError(new ServerAnswer(3, message, {
        exception: 'maximum-append-event-size-exceeded',
        'event-id': String(facts.eventId),
        'maximum-append-event-size': String(facts.maxAppendEventSize),
        'proposed-append-event-size': String(facts.proposedEventSize),
      }))
    default: return new UnknownError(new ServerAnswer(2, message))
  }
}

function wrongVersion({ facts }: CoreFailure, protocol: Protocol): Error {
  const streamName = String(facts.stream)
  const { expected = 'any', actual = 'no_stream' } = facts
  if (protocol === 'delete' || protocol === 'tombstone') {
    // Deletions tell states by their numbers.
    const number = (state: string | bigint) => (typeof state === 'bigint' ? String(state) : (WIRE_STATES[state] ?? '0'))
    const states = { 'expected-version': number(expected), 'actual-version': number(actual) }
    const details = `${protocol === 'delete' ? 'Delete' : 'Tombstone'} failed due to WrongExpectedVersion. Stream: ${streamName}, ` +
      `Expected version: ${states['expected-version']}, Actual version: ${states['actual-version']}`
    return new WrongExpectedVersionError(
      new ServerAnswer(9, details, { exception: 'wrong-expected-version', 'stream-name': streamName, ...states }))
  }
  return new WrongExpectedVersionError(undefined, {
    streamName, expected: expected as AppendStreamState, current: actual as CurrentStreamState,
  })
}

function deleted(stream: string, protocol: Protocol): Error {
  // To appends and reads the official client tells no more than the name.
  if (protocol === 'append' || protocol === 'read') return StreamDeletedError.fromStreamName(stream)
  const details = `Event stream '${stream}' is deleted.`
  return new StreamDeletedError(new ServerAnswer(9, details, { exception: 'stream-deleted', 'stream-name': stream }))
}

function violations({ checks = [], message }: CoreFailure): Error {
  return new AppendConsistencyViolationError(new ServerAnswer(9, message), {
    violationsList: checks.map(({ checkIndex, stream, expected, actual }) => ({
      checkIndex,
      streamState: { stream, expectedState: expected, actualState: actual },
    })),
  })
}
