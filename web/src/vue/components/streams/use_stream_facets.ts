import { computed, type ComputedRef } from 'vue'
import type { QueryGroup } from '../../../services/query'
import type { Session } from '../../../services/session'
import { useLiveValue } from '../../live_value'

/** A value to choose, and how many documents have it. */
export interface StreamFacet {
  readonly value: string
  readonly count: number
}

/** What documents have in common, most frequent first; of each at most 1000. */
export interface StreamFacets {
  readonly owners: ComputedRef<readonly StreamFacet[]>
  /** A document counts for each of its tags. */
  readonly tags: ComputedRef<readonly StreamFacet[]>
  readonly kinds: ComputedRef<readonly StreamFacet[]>
}

const paths = ['owner', 'tags', 'kind'] as const
const nothing: readonly (readonly QueryGroup[])[] = [[], [], []]

/** Owners, tags and kinds of all documents that are not deleted, followed for as long as the caller's scope lives. */
export function useStreamFacets(session: Session): StreamFacets {
  const { data } = useLiveValue(session, {
    key: () => true as const,
    read: () => Promise.all(paths.map(async (groupBy) => (await session.streams.query({ groupBy, limit: 1 })).groups ?? [])),
    empty: nothing,
    events: ['streams', 'user'],
  })
  const of = (path: (typeof paths)[number]) => computed(() => facetsOf(data.value[paths.indexOf(path)] ?? []))
  return { owners: of('owner'), tags: of('tags'), kinds: of('kind') }
}

/** Documents without a value are no choice. */
const facetsOf = (groups: readonly QueryGroup[]): StreamFacet[] =>
  groups.flatMap(({ value, count }) => (typeof value === 'string' ? [{ value, count }] : []))
