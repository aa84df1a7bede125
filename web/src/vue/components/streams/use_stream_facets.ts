import { computed, type ComputedRef } from 'vue'
import type { Stream } from '../../../services/models'
import type { Session } from '../../../services/session'
import { useLiveValue } from '../../live_value'

/** Owners and tags to choose from, in alphabetical order. */
export interface StreamFacets {
  readonly owners: ComputedRef<readonly string[]>
  readonly tags: ComputedRef<readonly string[]>
}

/** Of the documents that changed last: choices for people, not a complete account. */
const documentsLookedAt = 1000

/** Owners and tags that documents have, followed for as long as the caller's scope lives. */
export function useStreamFacets(session: Session): StreamFacets {
  const { data } = useLiveValue<true, readonly Stream[]>(session, {
    key: () => true,
    read: async () => (await session.streams.list({ sort: 'updatedAt', descending: true, limit: documentsLookedAt })).items,
    empty: [],
    events: ['streams', 'user'],
  })
  return {
    owners: computed(() => distinct(data.value.map(({ metadata }) => metadata.owner))),
    tags: computed(() => distinct(data.value.flatMap(({ metadata }) => metadata.tags))),
  }
}

const distinct = (texts: readonly string[]) => [...new Set(texts)].sort((a, b) => a.localeCompare(b))
