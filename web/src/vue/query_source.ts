import type { Stream, StreamFilter } from '../services/models'
import type { StreamQuery as ServiceQuery, StreamQueryPage } from '../services/query'
import type { Session, SessionEvent } from '../services/session'

/** Which documents `useStreamQuery` shows: what `streams.list` takes, or with `where` and several keys `streams.query`. */
export type StreamQuery =
  | (Omit<StreamFilter, 'offset'> & { readonly where?: undefined })
  | Omit<ServiceQuery, 'offset' | 'cursor' | 'total' | 'groupBy'>

/** A part of what a query finds. */
export interface QueryPart<T> {
  readonly items: readonly Stream<T>[]
  /** Documents that match, on all pages. */
  readonly total: number
}

/** What a query finds, as many pages of it as are wanted. */
export function readQuery<T>(session: Session, query: StreamQuery, pages: number): Promise<QueryPart<T>> {
  return isList(query) ? readList(session, query, pages) : readConditions(session, query, pages)
}

const listKeys = new Set(['status', 'kind', 'owner', 'tags', 'search', 'sort', 'descending', 'limit'])
const listSorts: readonly unknown[] = [undefined, 'createdAt', 'updatedAt', 'name', 'id']

/** Without a condition it is a list, whose order is that of creation unless it says otherwise. */
const isList = (query: StreamQuery): query is Omit<StreamFilter, 'offset'> =>
  listSorts.includes(query.sort) && Object.entries(query).every(([key, value]) => value === undefined || listKeys.has(key))

async function readConditions<T>(
  session: Session,
  query: Omit<ServiceQuery, 'offset' | 'cursor' | 'total' | 'groupBy'>,
  pages: number,
): Promise<QueryPart<T>> {
  const wanted = (query.limit ?? defaultPageSize) * pages
  const items: Stream<T>[] = []
  let total = 0
  let cursor: string | null = null
  do {
    const limit = Math.min(wanted - items.length, largestPage)
    const page: StreamQueryPage<Stream<T>> = await session.streams.query<T>({ ...query, limit, cursor, total: cursor === null })
    items.push(...page.items)
    total = page.total ?? total
    cursor = page.next
  } while (cursor !== null && items.length < wanted)
  return { items, total }
}

async function readList<T>(session: Session, query: Omit<StreamFilter, 'offset'>, pages: number): Promise<QueryPart<T>> {
  const size = query.limit ?? defaultPageSize
  const wanted = size * pages
  const items: Stream<T>[] = []
  for (;;) {
    const limit = Math.min(wanted - items.length, largestPage)
    const page = await session.streams.list<T>({ ...query, offset: items.length, limit })
    items.push(...page.items)
    if (page.items.length < limit || items.length >= wanted) return { items, total: page.total }
  }
}

const defaultPageSize = 50
/** The most that the core hands out at once. */
const largestPage = 1000

/** After what the answer may be another one. */
export const queryEvents: readonly SessionEvent[] = ['streams']
