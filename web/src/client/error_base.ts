/** What all errors of the client are made of. */

/** What `error.type` may be: survives `postMessage` and JSON, where classes are lost. */
export enum ErrorType {
  TIMEOUT = 'timeout',
  DEADLINE_EXCEEDED = 'deadline-exceeded',
  UNAVAILABLE = 'unavailable',
  CANCELLED = 'cancelled',
  UNKNOWN = 'unknown',
  NOT_LEADER = 'not-leader',
  STREAM_NOT_FOUND = 'stream-not-found',
  NO_STREAM = 'no-stream',
  NOT_FOUND = 'not-found',
  ACCESS_DENIED = 'access-denied',
  INVALID_ARGUMENT = 'invalid-argument',
  INVALID_TRANSACTION = 'invalid-transaction',
  STREAM_DELETED = 'stream-deleted',
  STREAM_TOMBSTONED = 'stream-tombstoned',
  SCAVENGE_NOT_FOUND = 'scavenge-not-found',
  WRONG_EXPECTED_VERSION = 'wrong-expected-version',
  MAXIMUM_APPEND_SIZE_EXCEEDED = 'maximum-append-size-exceeded',
  TRANSACTION_MAX_SIZE_EXCEEDED = 'transaction-max-size-exceeded',
  APPEND_RECORD_SIZE_EXCEEDED = 'append-record-size-exceeded',
  APPEND_CONSISTENCY_VIOLATION = 'append-consistency-violation',
  MISSING_REQUIRED_METADATA_PROPERTY = 'missing-required-metadata-property',
  PERSISTENT_SUBSCRIPTION_FAILED = 'persistent-subscription-failed',
  PERSISTENT_SUBSCRIPTION_DOES_NOT_EXIST = 'persistent-subscription-does-not-exist',
  PERSISTENT_SUBSCRIPTION_EXISTS = 'persistent-subscription-exists',
  PERSISTENT_SUBSCRIPTION_DROPPED = 'persistent-subscription-dropped',
  MAXIMUM_SUBSCRIBERS_REACHED = 'maximum-subscribers-reached',
  USER_NOT_FOUND = 'user-not-found',
  USER_CONFLICT = 'user-conflict',
  UNSUPPORTED = 'unsupported',
}

/** A failed call as gRPC reports it. A stand-in for grpc-js's type of that name: each fits in the other's place. */
export interface ServiceError {
  name: string
  message: string
  stack?: string
  /** The gRPC status, 0 to 16. */
  code: number
  /** The status in words, without the prefix that `message` has. */
  details: string
  /** The trailers: grpc-js's `Metadata`. */
  metadata: any // eslint-disable-line @typescript-eslint/no-explicit-any -- grpc-js's own type is not at hand.
}

/** What errors are made from: a failed call, or as much of one as there is. Trailers may also be a plain object. */
export type Failure = Partial<ServiceError> & { message: string }

const STATUS_NAMES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE',
  'DATA_LOSS', 'UNAUTHENTICATED',
]

/**
 * What a server would have answered. Errors of in-process databases are made from it: they get its `code`, its message with
 * the prefix that gRPC gives it (`5 NOT_FOUND: …`) and its trailers, and their `_raw` stays undefined.
 */
export class ServerAnswer implements Failure {
  readonly message: string
  readonly metadata: { getMap(): Record<string, string> }

  constructor(
    readonly code: number,
    readonly details: string,
    trailers: Record<string, string> = {},
  ) {
    this.message = `${code} ${STATUS_NAMES[code]}: ${details}`
    this.metadata = { getMap: () => trailers }
  }
}

/** What came with the failure, by name; nothing is as good as no trailers. */
export function trailersOf(error: Failure | undefined): Record<string, unknown> {
  const metadata: { getMap?: unknown } | undefined = error?.metadata
  const trailers = typeof metadata?.getMap === 'function' ? (metadata.getMap() as unknown) : metadata
  return (trailers ?? {}) as Record<string, unknown>
}

/** The trailer of that name as text; undefined when absent. */
export function trailer(error: Failure | undefined, name: string): string | undefined {
  return trailersOf(error)[name]?.toString()
}

/** What all errors of the client have. */
export abstract class CommandErrorBase extends Error {
  /** Tells the class. */
  abstract readonly type: ErrorType
  /** The gRPC status, when the server told one. */
  code?: number
  override message: string
  /** The failed call, when there was one on a wire. */
  _raw?: ServiceError

  constructor(error?: Failure, message?: string) {
    super(error?.message)
    this.code = error?.code
    this.message = error?.message ?? message ?? ''
    this._raw = error instanceof ServerAnswer ? undefined : (error as ServiceError | undefined)
  }
}

const BRAND = Symbol.for('kurrentlite/error')
Object.defineProperty(CommandErrorBase.prototype, BRAND, { value: true })

/**
 * Errors of another copy of this package are instances, too: databases are shared by all copies, and a test runner that
 * resets modules makes some. Told by the names of their classes.
 */
Object.defineProperty(CommandErrorBase, Symbol.hasInstance, {
  value(this: { readonly name: string }, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
    let each = value as object | null
    while (typeof each === 'object' && each !== null && BRAND in each) {
      if (each.constructor.name === this.name) return true
      each = Object.getPrototypeOf(each) as object | null
    }
    return false
  },
})
