import type { Stream, StreamFilter } from '../services/models'
import type { Session, SessionEvent } from '../services/session'

/** Which documents `useStreamQuery` shows. */
export type StreamQuery = Omit<StreamFilter, 'offset'>

/** A part of what a query finds. */
export interface QueryPart<T> {
  readonly items: readonly Stream<T>[]
  /** Documents that match, on all pages. */
  readonly total: number
}

/** What a query finds, as many pages of it as are wanted. */
export async function readQuery<T>(session: Session, query: StreamQuery, pages: number): Promise<QueryPart<T>> {
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
