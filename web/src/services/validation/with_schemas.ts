import { ValidationError, type Violation } from '../errors'
import type { EventClient } from '../event_client'
import { DataGuard, type DataRules, type SanitizedData } from './guard'
import { type AnySchema, isStandardSchema } from './schema'

/** By event type: a schema, or rules with one. Those of `'*'` hold for every JSON event, and come first. */
export type EventSchemas = Readonly<Record<string, AnySchema | DataRules>>

/** Rules that are not schemas have nothing but these keys. */
const ruleKeys: ReadonlySet<string> = new Set(['schema', 'sanitize', 'onSanitized'])

const toRules = (given: AnySchema | DataRules): DataRules => {
  if (typeof given === 'boolean' || isStandardSchema(given)) return { schema: given }
  const keys = Object.keys(given)
  return keys.length > 0 && keys.every((key) => ruleKeys.has(key)) ? (given as DataRules) : { schema: given as AnySchema }
}

/**
 * The same client, whose appends sanitize and check the data of JSON events first: `appendToStream`, `multiStreamAppend`
 * and `appendRecords` reject with `ValidationError` and nothing is sent when an event is not as its type's schema wants it.
 * Paths name the event when there are several: `events[1].data.total`. What a Standard Schema makes of the data is appended;
 * the given events stay as they are. `onSanitized` is told what sanitizing changed. Binary events and types without a schema pass. Everything else is the client's own.
 *
 * ```ts
 * const client = withSchemas(session.client, { OrderPlaced: v.object({ total: v.number() }) })
 * ```
 */
export function withSchemas<C extends Appending>(
  client: C,
  schemas: EventSchemas,
  onSanitized: (sanitized: SanitizedData, handled: boolean) => void = () => undefined,
): C {
  const rules = Object.fromEntries(Object.entries(schemas).map(([type, given]) => [type, toRules(given)]))
  const guard = new DataGuard('eventSchemas', rules, onSanitized)
  const checked = checkedAppends(client, guard)
  const bound = new Map<unknown, unknown>()
  return new Proxy(client, {
    get(target, name) {
      if (Object.hasOwn(checked, name)) return checked[name as keyof typeof checked]
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function' || name === 'constructor') return value
      // Methods run on the client itself: it may have private members, which no proxy has.
      if (!bound.has(value)) bound.set(value, value.bind(target))
      return bound.get(value)
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}

type Appending = Pick<EventClient, 'appendToStream'> & Partial<Pick<EventClient, 'multiStreamAppend' | 'appendRecords'>>
type Event = { readonly type: string; readonly contentType?: string; readonly data?: unknown }
type Append = (...given: any[]) => Promise<any>

/** One event of a call, and how to say where it is. */
interface Place {
  readonly event: Event
  readonly stream: string
  readonly field: string
}

function checkedAppends(client: Appending, guard: DataGuard): Record<string, Append> {
  const append = (name: keyof Appending, given: unknown[]) => (client[name] as Append).apply(client, given)
  const isGuarded = (event: Event | undefined): boolean =>
    event?.contentType === 'application/json' && guard.guards(event.type)
  return {
    appendToStream(stream: string, events: Event | Event[], ...options: unknown[]) {
      const list = Array.isArray(events) ? events : [events]
      if (!list.some(isGuarded)) return append('appendToStream', [stream, events, ...options])
      const places = list.map((event, i) => ({ event, stream, field: Array.isArray(events) ? `events[${i}].data` : 'data' }))
      return admitAll(places).then((admitted) =>
        append('appendToStream', [stream, Array.isArray(events) ? admitted : admitted[0], ...options]),
      )
    },
    multiStreamAppend(requests: { streamName: string; events: Event[] }[], ...options: unknown[]) {
      const isTold = Array.isArray(requests) && requests.some(({ events }) => Array.isArray(events) && events.some(isGuarded))
      if (!isTold) return append('multiStreamAppend', [requests, ...options])
      const places = requests.flatMap(({ streamName, events }, i) =>
        events.map((event, j) => ({ event, stream: streamName, field: `requests[${i}].events[${j}].data` })),
      )
      return admitAll(places).then((admitted) => {
        const rest = [...admitted]
        const changed = requests.map((each) => ({ ...each, events: rest.splice(0, each.events.length) }))
        return append('multiStreamAppend', [changed, ...options])
      })
    },
    appendRecords(records: { streamName: string; record: Event }[], ...options: unknown[]) {
      const isTold = Array.isArray(records) && records.some(({ record }) => isGuarded(record))
      if (!isTold) return append('appendRecords', [records, ...options])
      const places = records.map(({ streamName, record }, i) => ({
        event: record,
        stream: streamName,
        field: `records[${i}].record.data`,
      }))
      return admitAll(places).then((admitted) =>
        append('appendRecords', [records.map((each, i) => ({ ...each, record: admitted[i] })), ...options]),
      )
    },
  }

  /** The events to append, or a `ValidationError` that tells about all of them. */
  async function admitAll(places: readonly Place[]): Promise<Event[]> {
    const violations: Violation[] = []
    const admitted: Event[] = []
    for (const { event, stream, field } of places) {
      if (!isGuarded(event)) {
        admitted.push(event)
        continue
      }
      try {
        const data = await guard.admit(event.data, { subject: 'event', kind: event.type, id: stream }, field)
        admitted.push(data === event.data ? event : { ...event, data })
      } catch (thrown) {
        if (!(thrown instanceof ValidationError)) throw thrown
        violations.push(...thrown.violations)
      }
    }
    if (violations.length > 0) throw new ValidationError(violations)
    return admitted
  }
}
