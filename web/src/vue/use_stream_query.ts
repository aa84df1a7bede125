import { computed, type ComputedRef, type MaybeRefOrGetter, shallowReadonly, type ShallowRef, toValue } from 'vue'
import type { KurrentLiteError } from '../services/errors'
import type { Stream } from '../services/models'
import type { Session } from '../services/session'
import { keepUnchanged, streamIdentity } from '../services/stream_identity'
import { currentSession } from './app_session'
import { type LiveValue, useLiveValue } from './live_value'
import { queryEvents, type QueryPart, readQuery, type StreamQuery } from './query_source'

/** Options of `useStreamQuery`. */
export interface UseStreamQueryOptions {
  /** @defaultValue the one of the current app */
  readonly session?: Session
}

/** The documents that a query finds, as they are now. */
export interface UseStreamQuery<T> {
  /** Those of the pages asked for; the objects of unchanged documents stay the same. */
  readonly data: ComputedRef<readonly Stream<T>[]>
  /** Documents that match, on all pages. */
  readonly total: ComputedRef<number>
  /** Why the last reading failed; `data` stays what it was. */
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** True while another query, or a further page, is read for the first time. */
  readonly isLoading: Readonly<ShallowRef<boolean>>
  /** Whether there is another page. */
  readonly hasMore: ComputedRef<boolean>
  /** Shows one page more. Resolves when it is there; without one nothing happens. */
  next(): Promise<void>
  /** Reads everything shown anew, now. */
  refresh(): Promise<void>
}

/**
 * A live query for as long as the caller's scope lives. A ref or a getter is followed; another query begins with its first
 * page. `limit` is the size of a page (50 unless given). Nothing is read while the query is `null`.
 *
 * ```ts
 * const search = ref('')
 * const { data, total, hasMore, next } = useStreamQuery(() => ({ search: search.value, sort: 'name' }))
 * ```
 */
export function useStreamQuery<T = any>(
  query: MaybeRefOrGetter<StreamQuery | null | undefined>,
  { session = currentSession() }: UseStreamQueryOptions = {},
): UseStreamQuery<T> {
  const nothing: QueryPart<T> = { items: [], total: 0 }
  let pages = 1
  const found: LiveValue<QueryPart<T>> = useLiveValue<StreamQuery, QueryPart<T>>(session, {
    key: () => {
      const asked = toValue(query)
      return asked ? { ...asked } : undefined
    },
    keyChanged: () => (pages = 1),
    read: async (key) => {
      const { items, total } = await readQuery<T>(session, key, pages)
      return { items: keepUnchanged(found.data.value.items, items, streamIdentity), total }
    },
    empty: nothing,
    events: queryEvents,
  })
  const hasMore = computed(() => found.data.value.items.length < found.data.value.total)

  return {
    data: computed(() => found.data.value.items),
    total: computed(() => found.data.value.total),
    error: shallowReadonly(found.error),
    isLoading: shallowReadonly(found.isLoading),
    hasMore,
    next: async () => {
      if (!hasMore.value) return
      const wanted = (pages += 1)
      found.isLoading.value = true
      await found.refresh()
      if (found.error.value && pages === wanted) pages -= 1
    },
    refresh: found.refresh,
  }
}
