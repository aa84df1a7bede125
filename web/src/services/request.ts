import { isCoreError, KurrentLiteError, OperationCancelledError, ValidationError } from './errors'
import { toJsonText } from './json_text'
import type { CallOptions } from './models'
import type { CallLimits } from '../wasm/core'

/*
 * How a method of a service is written. What it takes goes as JSON text to one operation of the core; the optional last
 * parameter of every method is a `CallOptions`, handed to `Session.call` as it is:
 *
 *   async archive<T>(id: string, options?: CallOptions): Promise<Stream<T>> {
 *     return toStream<T>(await this.session.call('archiveStream', argumentsText({ id }), options))
 *   }
 *
 * That is all there is to deadlines and cancellation. In C++ the method returns `runtime_.run("archiveStream", task)`,
 * which takes the deadline from the call and gives it to the task; cancelling destroys the task. A method that calls the
 * core several times passes the same options to each call.
 */

/**
 * JSON text of an operation's arguments: `fields` in order, those that are `undefined` left out. Throws
 * `ValidationError` naming the field that JSON cannot hold.
 */
export function argumentsText(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${toJsonText(value, name)}`)
  return `{${members.join(',')}}`
}

/** The named fields of a request, after checking that it is an object at all. */
export function fieldsOf<K extends string>(request: unknown, what: string, names: readonly K[]): Record<K, unknown> {
  if (typeof request !== 'object' || request === null) {
    throw new ValidationError([
      { field: what, problem: `must be an object, not ${request === null ? 'null' : typeof request}.` },
    ])
  }
  const fields = request as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Record<K, unknown>
}

/** An argument that must be there. */
export function required(value: unknown, field: string): unknown {
  if (value === undefined) throw new ValidationError([{ field, problem: 'is missing.' }])
  return value
}

/** A name or id that becomes part of a stream's name here and not in the core, which otherwise checks it. */
export function nameText(value: unknown, field: string): string {
  if (typeof value === 'string' && value.length >= 1 && value.length <= 256 && !/\p{Surrogate}/u.test(value)) return value
  throw new ValidationError([{ field, problem: 'must be text of 1 to 256 characters.' }])
}

const timeoutMax = 2 ** 31 - 1

/** The limits of a call as the core takes them. Throws `ValidationError`, or what cancels the call before it begins. */
export function limitsOf(options: CallOptions | undefined): CallLimits {
  if (options === undefined) return {}
  const { timeout, signal } = fieldsOf(options, 'options', ['timeout', 'signal'])
  const isDuration = typeof timeout === 'number' && timeout > 0 && timeout <= timeoutMax
  if (timeout !== undefined && !isDuration) {
    const problem = `must be a number of milliseconds from 1 to ${timeoutMax}.`
    throw new ValidationError([{ field: 'options.timeout', problem }])
  }
  if (signal !== undefined && !isSignal(signal)) {
    throw new ValidationError([{ field: 'options.signal', problem: 'must be an AbortSignal.' }])
  }
  if (signal?.aborted) throw cancelledBy(signal)
  return { ...(isDuration && { timeoutMs: timeout }), ...(signal && { signal }) }
}

/** Not by its class: test environments bring signals of their own. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

/** What a call that `signal` has cancelled rejects with. */
export function cancelledBy({ reason }: AbortSignal): KurrentLiteError {
  if (reason instanceof KurrentLiteError) return reason
  const why = reason instanceof Error ? reason.message : String(reason)
  return new OperationCancelledError(`The operation was cancelled: ${why}`, { cause: reason })
}

/** Whether the core gave up because of `signal`. */
export const wasCancelled = (signal: AbortSignal | undefined, thrown: unknown): signal is AbortSignal =>
  signal?.aborted === true && isCoreError(thrown) && thrown.failure.code === 'Cancelled'

/** What `promise` brings, unless `signal` is aborted first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    const cancel = (): void => reject(cancelledBy(signal))
    signal.addEventListener('abort', cancel)
    stop = () => signal.removeEventListener('abort', cancel)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stop()
  }
}
