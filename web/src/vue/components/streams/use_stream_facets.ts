import { computed, type ComputedRef } from 'vue'
import type { Session } from '../../../services/session'
import { useLoaded } from '../parts/use_loaded'

/** Owners and tags to choose from, in alphabetical order. */
export interface StreamFacets {
  readonly owners: ComputedRef<readonly string[]>
  readonly tags: ComputedRef<readonly string[]>
}

/** Of the documents that changed last: choices for people, not a complete account. */
const documentsLookedAt = 1000

/** Owners and tags that documents have, followed for as long as the caller's scope lives. */
export function useStreamFacets(session: Session): StreamFacets {
  const load = () => session.streams.list({ sort: 'updatedAt', descending: true, limit: documentsLookedAt })
  const { value } = useLoaded(session, ['streams'], load, { items: [], total: 0, offset: 0, limit: 0 })
  return {
    owners: computed(() => distinct(value.value.items.map(({ metadata }) => metadata.owner))),
    tags: computed(() => distinct(value.value.items.flatMap(({ metadata }) => metadata.tags))),
  }
}

const distinct = (texts: readonly string[]) => [...new Set(texts)].sort((a, b) => a.localeCompare(b))
