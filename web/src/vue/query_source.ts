import type { LiveStreamQuery } from '../services/live_query'
import type { StreamFilter } from '../services/models'
import type { StreamPath, StreamQuery as ServiceQuery, StreamRowsQuery } from '../services/query'
import type { Session } from '../services/session'

type NotFollowed = 'offset' | 'cursor' | 'total' | 'groupBy'

/** Which documents `useStreamQuery` shows: what `streams.list` takes, or with `where` and several keys `streams.query`. */
export type StreamQuery =
  | (Omit<StreamFilter, 'offset'> & { readonly where?: undefined; readonly select?: undefined })
  | (Omit<ServiceQuery, NotFollowed> & { readonly select?: undefined })

/** The same, for rows of what `select` names; without `sort` in the order of their ids. */
export type StreamRowQuery<P extends StreamPath = StreamPath> = Omit<StreamRowsQuery<P>, NotFollowed>

/** Documents shown at first, and added by `next`. */
export const pageSizeOf = ({ limit = 50 }: StreamQuery | StreamRowQuery): number => limit

/** Follows what a query finds. Throws `ValidationError` when JSON cannot hold it. */
export function follow(session: Session, query: StreamQuery | StreamRowQuery): LiveStreamQuery<any> {
  return isList(query) ? session.streams.liveList(query) : session.streams.live(query as ServiceQuery)
}

const listKeys = new Set(['status', 'kind', 'owner', 'tags', 'search', 'sort', 'descending', 'limit'])
const listSorts: readonly unknown[] = [undefined, 'createdAt', 'updatedAt', 'name', 'id']

/** Without a condition it is a list, whose order is that of creation unless it says otherwise. */
const isList = (query: StreamQuery | StreamRowQuery): query is Omit<StreamFilter, 'offset'> =>
  listSorts.includes(query.sort) && Object.entries(query).every(([key, value]) => value === undefined || listKeys.has(key))
