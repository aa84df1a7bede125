import { toStream } from './convert'
import type { Stream, StreamAccess } from './models'
import type { CoreError, CoreErrorCode, CoreFailure, Violation } from '../wasm/core'

export type { Violation } from '../wasm/core'

/** The `type` of every error of the services. */
export type KurrentLiteErrorType =
  | 'kurrentdb-disabled'
  | 'validation-failed'
  | 'stream-conflict'
  | 'document-not-found'
  | 'invalid-config'
  | 'out-of-memory'
  | 'connection-failed'
  | 'circuit-open'
  | 'operation-timeout'
  | 'operation-cancelled'
  | 'permission-denied'
  | 'corrupt-data'
  | 'storage-failed'
  | 'load-failed'
  | 'unexpected'

/**
 * Base of all errors that the services, the store and the composables reject with. Tell them apart by `instanceof` or
 * by `type`. The structured clone of an error loses its class and its fields, so send `toJSON()` to another thread and
 * make an error of it again by `errorFromJSON`.
 */
export abstract class KurrentLiteError extends Error {
  abstract readonly type: KurrentLiteErrorType

  /** Plain data with `type`, `message` and the fields of the class. */
  toJSON(): Record<string, unknown> {
    const { name: _name, stack: _stack, cause: _cause, ...fields } = this as Record<string, unknown>
    return { ...fields, type: this.type, message: this.message }
  }
}

/** The database is switched off. Nothing was loaded. */
export class KurrentDBDisabledError extends KurrentLiteError {
  readonly type = 'kurrentdb-disabled'
  override readonly name = 'KurrentDBDisabledError'
  constructor(
    /** What switches it on again. */
    readonly variable: string = 'VITE_KURRENT_DB_ENABLED',
    message = `KurrentDB is disabled: ${variable} is set to false. Set it to true to use streams and user data.`,
  ) {
    super(message)
  }
}

const sentences = (violations: readonly Violation[]): string =>
  violations.map(({ field, problem }) => `\`${field}\`: ${problem}`).join(' ')

/** An argument cannot be accepted; the database is unchanged. */
export class ValidationError extends KurrentLiteError {
  readonly type = 'validation-failed'
  override readonly name = 'ValidationError'
  /** Path of the first bad field, such as `name` or `data.profile.age`. */
  readonly field: string
  /** What is wrong, by field: the first problem of each. */
  readonly errors: Readonly<Record<string, string>>
  constructor(
    readonly violations: readonly Violation[],
    message = `The request is not valid. ${sentences(violations)}`,
  ) {
    super(message)
    this.field = violations[0]?.field ?? ''
    this.errors = Object.fromEntries([...violations].reverse().map(({ field, problem }) => [field, problem]))
  }
}

/** The id is taken, or somebody else changed the document first. */
export class StreamConflictError extends KurrentLiteError {
  readonly type = 'stream-conflict'
  override readonly name = 'StreamConflictError'
  constructor(
    message: string,
    readonly id: string,
    readonly expectedVersion?: number,
    readonly actualVersion?: number,
    /** The document at the expected version, when it had that. */
    readonly base?: Stream<any>,
    /** The document now. */
    readonly theirs?: Stream<any>,
  ) {
    super(message)
  }
}

/** There is no such document or user data, or it is deleted. */
export class DocumentNotFoundError extends KurrentLiteError {
  readonly type = 'document-not-found'
  override readonly name = 'DocumentNotFoundError'
  constructor(
    message: string,
    readonly id: string,
  ) {
    super(message)
  }
}

/** Variables or options hold values that are not allowed: all of them at once. */
export class ConfigError extends KurrentLiteError {
  readonly type = 'invalid-config'
  override readonly name = 'ConfigError'
  constructor(
    readonly violations: readonly Violation[],
    message = `The configuration is not valid. ${sentences(violations)}`,
  ) {
    super(message)
  }
}

/** The write does not fit into memory; the database is unchanged and usable. */
export class OutOfMemoryError extends KurrentLiteError {
  readonly type = 'out-of-memory'
  override readonly name = 'OutOfMemoryError'
}

/** The database cannot be reached, and retries are used up. */
export class ConnectionError extends KurrentLiteError {
  readonly type: 'connection-failed' | 'circuit-open' = 'connection-failed'
  override readonly name: string = 'ConnectionError'
}

/** Nothing was sent: the database could not be reached several times in a row, see `CircuitBreakerConfig`. */
export class CircuitOpenError extends ConnectionError {
  override readonly type = 'circuit-open'
  override readonly name = 'CircuitOpenError'
  constructor(
    message: string,
    /** Milliseconds, from when it failed, until a call may be sent as a trial; 0 while one is under way. */
    readonly retryInMs: number,
  ) {
    super(message)
  }
}

/** The operation did not finish within the configured timeout. A write may or may not have happened. */
export class OperationTimeoutError extends KurrentLiteError {
  readonly type = 'operation-timeout'
  override readonly name = 'OperationTimeoutError'
  constructor(
    message: string,
    readonly operation?: string,
    readonly timeoutMs?: number,
  ) {
    super(message)
  }
}

/** A signal cancelled the operation (`cause` is its reason), or the services were closed or the environment switched meanwhile. */
export class OperationCancelledError extends KurrentLiteError {
  readonly type = 'operation-cancelled'
  override readonly name = 'OperationCancelledError'
}

/**
 * The acting user may not do that with a document (or with a user's data), or the database does not accept the
 * credentials; then the fields are empty.
 */
export class PermissionDeniedError extends KurrentLiteError {
  readonly type = 'permission-denied'
  override readonly name = 'PermissionDeniedError'
  constructor(
    message: string,
    /** Of the document, or the stream of the user's data. */
    readonly id?: string,
    /** Who was refused. */
    readonly user?: string,
    /** What would have been needed. */
    readonly needed?: StreamAccess,
  ) {
    super(message)
  }
}

/** Saved or imported content fails its checks. */
export class CorruptDataError extends KurrentLiteError {
  readonly type = 'corrupt-data'
  override readonly name = 'CorruptDataError'
}

/** The browser's storage cannot be read or written. */
export class StorageError extends KurrentLiteError {
  readonly type = 'storage-failed'
  override readonly name = 'StorageError'
}

/** `kurrentlite.wasm` cannot be loaded. The next action tries again. */
export class ModuleLoadError extends KurrentLiteError {
  readonly type = 'load-failed'
  override readonly name = 'ModuleLoadError'
}

/** Something that should not happen; `cause` tells more. */
export class UnexpectedError extends KurrentLiteError {
  readonly type = 'unexpected'
  override readonly name = 'UnexpectedError'
}

type Json = Readonly<Record<string, unknown>>

const text = (fact: unknown): string => (fact === undefined ? '' : String(fact))
const optional = (fact: unknown): string | undefined => (fact === undefined ? undefined : String(fact))
const number = (fact: unknown): number | undefined => (fact === undefined ? undefined : Number(fact))

/** Some codes say what is wrong with an argument without a list of violations. */
const argumentError = ({ message, facts, violations }: CoreFailure): ValidationError =>
  new ValidationError(
    violations.length > 0 ? violations : [{ field: text(facts.field) || 'data', problem: message }],
    message,
  )

const missing = ({ message, facts }: CoreFailure): DocumentNotFoundError =>
  new DocumentNotFoundError(message, text(facts.id ?? facts.stream))

const conflict = ({ message, facts }: CoreFailure): StreamConflictError =>
  new StreamConflictError(
    message,
    text(facts.id ?? facts.stream),
    number(facts.expectedVersion),
    number(facts.actualVersion),
    documentOf(facts.base),
    documentOf(facts.theirs),
  )

/** Facts hold documents as JSON text. */
const documentOf = (fact: unknown): Stream | undefined =>
  typeof fact === 'string' ? toStream(JSON.parse(fact)) : undefined

const denied = (message: string, { id, user, needed }: Json): PermissionDeniedError =>
  new PermissionDeniedError(message, optional(id), optional(user), optional(needed) as StreamAccess | undefined)

/** The one table from the core's codes to error classes. */
const makeError: Readonly<Record<CoreErrorCode, (failure: CoreFailure) => KurrentLiteError>> = {
  ValidationFailed: argumentError,
  InvalidArgument: argumentError,
  MaxAppendSizeExceeded: argumentError,
  MaxAppendEventSizeExceeded: argumentError,
  StreamAlreadyInAppendSession: argumentError,
  AppendRecordSizeExceeded: argumentError,
  TransactionMaxSizeExceeded: argumentError,
  NotFound: missing,
  StreamNotFound: missing,
  StreamDeleted: missing,
  StreamTombstoned: missing,
  ConsistencyViolation: conflict,
  Conflict: conflict,
  WrongExpectedVersion: conflict,
  InvalidConfig: ({ violations, message }) => new ConfigError(violations, message),
  OutOfMemory: ({ message }) => new OutOfMemoryError(message),
  Unavailable: ({ message, facts }) =>
    facts.retryInMs === undefined
      ? new ConnectionError(message)
      : new CircuitOpenError(message, Number(facts.retryInMs)),
  DeadlineExceeded: ({ message, facts }) =>
    new OperationTimeoutError(message, text(facts.operation) || undefined, number(facts.timeoutMs)),
  Cancelled: ({ message }) => new OperationCancelledError(message),
  AccessDenied: ({ message, facts }) => denied(message, facts),
  CorruptData: ({ message }) => new CorruptDataError(message),
  Unknown: ({ message }) => new UnexpectedError(message),
}

/** The core may belong to another copy of this package (CommonJS beside ESM), and so may its error class. */
export function isCoreError(thrown: unknown): thrown is CoreError {
  return thrown instanceof Error && thrown.name === 'CoreError' && 'failure' in thrown
}

/** Makes a `KurrentLiteError` of whatever was thrown. */
export function toKurrentLiteError(thrown: unknown): KurrentLiteError {
  if (thrown instanceof KurrentLiteError) return thrown
  if (isCoreError(thrown)) return makeError[thrown.failure.code](thrown.failure)
  return new UnexpectedError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}

const violationsOf = ({ violations }: Json): Violation[] =>
  (Array.isArray(violations) ? violations : []).map(({ field, problem }) => ({
    field: text(field),
    problem: text(problem),
  }))

/** JSON turned its dates into text. */
const revivedDocument = (json: unknown): Stream | undefined =>
  typeof json === 'object' && json !== null ? toStream(json) : undefined

const revive: Readonly<Record<KurrentLiteErrorType, (json: Json, message: string) => KurrentLiteError>> = {
  'kurrentdb-disabled': (json, message) => new KurrentDBDisabledError(text(json.variable), message),
  'validation-failed': (json, message) => new ValidationError(violationsOf(json), message),
  'stream-conflict': (json, message) =>
    new StreamConflictError(
      message,
      text(json.id),
      number(json.expectedVersion),
      number(json.actualVersion),
      revivedDocument(json.base),
      revivedDocument(json.theirs),
    ),
  'document-not-found': (json, message) => new DocumentNotFoundError(message, text(json.id)),
  'invalid-config': (json, message) => new ConfigError(violationsOf(json), message),
  'out-of-memory': (_json, message) => new OutOfMemoryError(message),
  'connection-failed': (_json, message) => new ConnectionError(message),
  'circuit-open': (json, message) => new CircuitOpenError(message, number(json.retryInMs) ?? 0),
  'operation-timeout': (json, message) =>
    new OperationTimeoutError(message, text(json.operation) || undefined, number(json.timeoutMs)),
  'operation-cancelled': (_json, message) => new OperationCancelledError(message),
  'permission-denied': (json, message) => denied(message, json),
  'corrupt-data': (_json, message) => new CorruptDataError(message),
  'storage-failed': (_json, message) => new StorageError(message),
  'load-failed': (_json, message) => new ModuleLoadError(message),
  unexpected: (_json, message) => new UnexpectedError(message),
}

/** Makes an error again of what `KurrentLiteError.toJSON` gave, e.g. in another thread. */
export function errorFromJSON(json: Json): KurrentLiteError {
  const type = Object.hasOwn(revive, String(json.type)) ? (json.type as KurrentLiteErrorType) : 'unexpected'
  return revive[type](json, text(json.message))
}
