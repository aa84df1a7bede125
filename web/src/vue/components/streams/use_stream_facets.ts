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

/** What documents can be told apart by. */
export type StreamFacetPath = 'owner' | 'tags' | 'kind'

type Counts = Partial<Record<StreamFacetPath, readonly QueryGroup[]>>

/**
 * Owners, tags and kinds of all documents that are not deleted, followed for as long as the caller's scope lives. Those that
 * are not among `paths` stay empty. Counting goes through all documents, so while changes come all the time it takes no more
 * than a twentieth of the time, and what is shown may be some seconds old.
 */
export function useStreamFacets(session: Session, paths: readonly StreamFacetPath[] = ['owner', 'tags', 'kind']): StreamFacets {
  const { data } = useLiveValue<true, Counts>(session, {
    key: () => true,
    // One after the other, so that the page has its turn in between.
    read: async () => {
      const counts: Counts = {}
      for (const groupBy of paths) counts[groupBy] = (await session.streams.query({ groupBy, limit: 1 })).groups ?? []
      return counts
    },
    empty: {},
    events: ['streams', 'user', 'connection'],
    rest: 20,
  })
  const of = (path: StreamFacetPath) => computed(() => facetsOf(data.value[path] ?? []))
  return { owners: of('owner'), tags: of('tags'), kinds: of('kind') }
}

/** Documents without a value are no choice. */
const facetsOf = (groups: readonly QueryGroup[]): StreamFacet[] =>
  groups.flatMap(({ value, count }) => (typeof value === 'string' ? [{ value, count }] : []))
