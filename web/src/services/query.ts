import { ValidationError } from './errors'
import type { StreamStatus } from './models'
import { fieldsOf } from './request'
import { toStream } from './convert'

/*
 * Queries: which documents or events, in which order, and what of them. All of it is judged by the core, which names every
 * bad place in a `ValidationError`: `where.data.total.gte`, `sort[0]`, …
 */

/** What a condition compares with. Dates mean milliseconds for times of the database, ISO 8601 texts within data. */
export type QueryScalar = string | number | boolean | null | Date

/**
 * Comparisons of one value; all must hold. Values of different types never compare: only `ne` holds for them, and for
 * values that are missing. Numbers compare as numbers, texts by code point.
 */
export interface Comparison {
  /** Means the same JSON value, also an array or object. */
  readonly eq?: unknown
  readonly ne?: unknown
  readonly lt?: number | string | Date
  readonly lte?: number | string | Date
  readonly gt?: number | string | Date
  readonly gte?: number | string | Date
  /** Equal to one of up to 10,000 values. */
  readonly in?: readonly QueryScalar[]
  /** A text that holds the text, or an array with such an element. */
  readonly contains?: QueryScalar
  /** A text that begins with the text. */
  readonly prefix?: string
  /** A text that the expression, in .NET's dialect, is found in. A `RegExp` must have no flags but `u`. */
  readonly regex?: string | RegExp
  /** Whether there is such a value, were it `null`. */
  readonly exists?: boolean
}

/** A value is meant by `eq`. */
export type ConditionValue = QueryScalar | readonly unknown[] | Comparison

/** How conditions combine. All members of one object must hold. */
export interface ConditionGroups<C> {
  readonly and?: readonly C[]
  readonly or?: readonly C[]
  readonly not?: C
}

type MetadataPath = `metadata.${'owner' | 'createdAt' | 'updatedAt' | 'version'}`
type ListPath = 'tags' | 'metadata.tags' | `permissions.${'read' | 'write' | 'admin'}`

/**
 * Names a value of a document. What begins with `/` is a JSON pointer (RFC 6901), for keys that hold dots:
 * `/data/a.b`.
 */
export type StreamPath =
  | 'id' | 'kind' | 'name' | 'description' | 'status' | 'owner' | 'createdAt' | 'updatedAt' | 'version'
  | ListPath | `${ListPath}.${number}` | MetadataPath
  | 'data' | `data.${string}` | `/${string}`

/** What documents must be like. */
export type StreamCondition = { readonly [P in StreamPath]?: ConditionValue } & ConditionGroups<StreamCondition>

/** Names a value of an event. */
export type EventPath =
  | 'id' | 'type' | 'streamName' | 'revision' | 'position' | 'created'
  | 'data' | `data.${string}` | 'metadata' | `metadata.${string}` | `/${string}`

/** What events must be like. */
export type EventCondition = { readonly [P in EventPath]?: ConditionValue } & ConditionGroups<EventCondition>

/** A key to sort by; a leading `-` is descending. */
export type StreamSort =
  | StreamPath
  | `-${StreamPath}`
  | {
      readonly path: StreamPath
      /** @defaultValue false */
      readonly descending?: boolean
      /** Of ASCII letters. @defaultValue false */
      readonly ignoreCase?: boolean
    }

/**
 * Which documents, in which order, and what of them.
 *
 * Values sort missing < null < false < true < numbers < texts < arrays and objects; what is equal is ordered by id.
 */
export interface StreamQuery {
  /** Deleted documents are found only by a condition that names `status`. @defaultValue all others */
  readonly where?: StreamCondition
  /** Text to find in id, name, description or tags; ASCII letters ignore case. */
  readonly search?: string
  /** At most 8 keys. @defaultValue by id, which costs least */
  readonly sort?: StreamSort | readonly StreamSort[]
  /** 1 to 1000. @defaultValue 50 */
  readonly limit?: number
  /** `next` of the page before. Pages neither overlap nor leave gaps while documents come and go. */
  readonly cursor?: string | null
  /** Entries to skip; a cursor is better for going through pages. @defaultValue 0 */
  readonly offset?: number
  /** Whether to count all matching documents. @defaultValue false */
  readonly total?: boolean
  /** Counts matching documents by the value here; one with an array counts once for each different element. */
  readonly groupBy?: StreamPath
}

/** The same, for rows instead of whole documents. */
export interface StreamRowsQuery<P extends StreamPath = StreamPath> extends StreamQuery {
  /** What a row holds, beside the id: at most 100 paths. */
  readonly select: readonly P[]
}

type ValueAt<P extends StreamPath> = P extends 'id' | 'name' | 'owner' | 'metadata.owner' | 'kind' | 'description'
  ? string
  : P extends 'status'
    ? StreamStatus
    : P extends 'createdAt' | 'updatedAt' | 'metadata.createdAt' | 'metadata.updatedAt'
      ? Date
      : P extends 'version' | 'metadata.version'
        ? number
        : P extends ListPath
          ? string[]
          : any

/** What `select` asked for, by path; what a document does not have is absent. */
export type StreamRow<P extends StreamPath = StreamPath> = { id: string } & { [Q in P]?: ValueAt<Q> }

/** How many have a value in common; `value` is absent for those that have none. */
export interface QueryGroup {
  value?: unknown
  count: number
}

/** The state of the documents at one moment. */
export interface StreamQueryPage<Item> {
  items: Item[]
  /** Cursor of the page that follows; `null` on the last. */
  next: string | null
  /** Matching documents on all pages, with `total: true`. */
  total?: number
  /** With `groupBy`: most frequent first, at most 1000. */
  groups?: QueryGroup[]
  /** How many groups there are. */
  groupsTotal?: number
}

/** How a query was carried out. */
export interface QueryExplanation {
  plan: 'index' | 'scan'
  /** Path of the index, or `id`. */
  index?: string
  /** Of which documents it is, unless of all. */
  indexKind?: string
  /** What it was asked; `sort`: it was gone through in order. */
  indexUse?: 'eq' | 'in' | 'range' | 'prefix' | 'contains' | 'exists' | 'sort'
  /** `id`: the order of reading. */
  sortedBy: 'index' | 'id' | 'sort'
  /** Documents that the condition was tried on. */
  examined: number
  /** Those that it held for, as far as it was tried. */
  matched: number
  /** All there are. */
  documents: number
  /** Pieces the work was done in, so that a page stays responsive. */
  slices: number
  /** Milliseconds. */
  duration: number
}

const queryFields = ['where', 'search', 'sort', 'select', 'limit', 'offset', 'cursor', 'total', 'groupBy'] as const

/** The members of a query as the core takes them. Throws `ValidationError`. */
export function queryFieldsOf(query: object): Record<string, unknown> {
  const fields = fieldsOf(query, 'query', queryFields)
  const { sort } = fields
  const isOne = sort !== undefined && !Array.isArray(sort)
  return { ...fields, where: plainCondition(fields.where, 'where', streamTimes), sort: isOne ? [sort] : sort }
}

const streamTimes = /^\/?(?:metadata[./])?(?:createdAt|updatedAt)$/
/** Paths of an event's own time. */
export const eventTimes = /^\/?created$/

/** `condition` with dates and expressions as JSON has them; `times` are paths whose values are milliseconds. */
export function plainCondition(condition: unknown, place: string, times: RegExp): unknown {
  if (!isPlain(condition)) return condition
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(condition)) {
    const inner = `${place}.${key}`
    if (key === 'not') plain[key] = plainCondition(value, inner, times)
    else if ((key === 'and' || key === 'or') && Array.isArray(value))
      plain[key] = value.map((part, index) => plainCondition(part, `${inner}[${index}]`, times))
    else plain[key] = plainValue(value, inner, times.test(key))
  }
  return plain
}

function plainValue(value: unknown, place: string, isTime: boolean): unknown {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refusal(place, 'must be a valid date.')
    return isTime ? value.getTime() : value.toISOString()
  }
  if (value instanceof RegExp) {
    if (!/^u?$/.test(value.flags)) throw refusal(place, 'must be an expression without flags; write (?i) for ignoring case.')
    return value.source
  }
  if (Array.isArray(value)) return value.map((part, index) => plainValue(part, `${place}[${index}]`, isTime))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainValue(part, `${place}.${key}`, isTime)]))
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

const refusal = (field: string, problem: string) => new ValidationError([{ field, problem }])

/** A whole document, or a row, of what the core answered. */
export function toItem<Item>(raw: unknown, select: readonly string[] | undefined): Item {
  if (!select) return toStream(raw) as Item
  const row = raw as Record<string, unknown>
  for (const path of select) {
    if (streamTimes.test(path) && row[path] !== undefined) row[path] = new Date(row[path] as number)
  }
  return row as Item
}

/** A page of what the core answered. */
export function toQueryPage<Item>(raw: unknown, select: readonly string[] | undefined): StreamQueryPage<Item> {
  const page = raw as StreamQueryPage<unknown>
  return { ...page, items: page.items.map((item) => toItem<Item>(item, select)) }
}
