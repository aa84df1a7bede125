import type { Violation } from '../../services/errors'
import { ValidationError } from '../../services/errors'
import type { StandardSchemaIssue, StandardSchemaV1 } from '../../services/validation/standard_schema'

/** Another client appended to the stream first. The commit was taken back, and `state` shows what the other appended. */
export class EventStoreConflictError<E = { readonly type: string; readonly data: unknown }> extends Error {
  readonly type = 'event-store-conflict'
  override readonly name = 'EventStoreConflictError'
  constructor(
    readonly stream: string,
    /** The version that the commit was decided on. */
    readonly expectedVersion: number,
    /** The version that there is. */
    readonly actualVersion: number,
    /** The events that were not appended. */
    readonly ours: readonly E[],
    /** The events that others appended since, of the types that the store knows. */
    readonly theirs: readonly E[],
    options?: ErrorOptions,
  ) {
    super(`${stream} is at version ${actualVersion}, not ${expectedVersion}: another client changed it first.`, options)
  }
}

/** Describes the data of an event type to the compiler, without checking it: `eventType<{ sku: string }>()`. */
export function eventType<Data>(): StandardSchemaV1<Data> {
  return { '~standard': { version: 1, vendor: 'kurrentlite', validate: (value) => ({ value: value as Data }) } }
}

type Event = { readonly type: string; readonly data: unknown; readonly metadata?: object }

/**
 * The events with what their schemas make of the data; a promise only when a schema needs one. Throws, or rejects with,
 * `ValidationError` that tells all that is wrong.
 */
export function checkEvents(
  schemas: Readonly<Record<string, StandardSchemaV1<any, any>>>,
  events: readonly Event[],
): Event[] | Promise<Event[]> {
  const results = events.map((event) => {
    if (!Object.hasOwn(schemas, event.type)) return { issues: [{ message: `there is no event type "${event.type}".` }] }
    return schemas[event.type]!['~standard'].validate(event.data)
  })
  const finish = (settled: readonly Awaited<(typeof results)[number]>[]): Event[] => {
    const root = (index: number): string => (events.length === 1 ? 'data' : `events[${index}].data`)
    const violations = settled.flatMap((result, index) =>
      (result.issues ?? []).map((issue) => violationOf(issue, root(index))),
    )
    if (violations.length > 0) throw new ValidationError(violations)
    return events.map((event, index) => ({ ...event, data: (settled[index] as { value: unknown }).value }))
  }
  return results.some((result) => result instanceof Promise)
    ? Promise.all(results).then(finish)
    : finish(results as Awaited<(typeof results)[number]>[])
}

function violationOf({ message, path = [] }: StandardSchemaIssue, root: string): Violation {
  const field = path.reduce<string>((place, part) => {
    const key = typeof part === 'object' ? part.key : part
    return typeof key === 'number' ? `${place}[${key}]` : `${place}.${String(key)}`
  }, root)
  return { field, problem: message }
}
