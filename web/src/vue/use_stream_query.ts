import {
  computed, type ComputedRef, type MaybeRefOrGetter, onScopeDispose, shallowReadonly, shallowRef, type ShallowRef, toValue, watch,
} from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../services/errors'
import type { LiveStreamQuery } from '../services/live_query'
import type { Stream } from '../services/models'
import type { StreamPath, StreamRow } from '../services/query'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { follow, pageSizeOf, type StreamQuery, type StreamRowQuery } from './query_source'
import { loadBeforeRendering, rendersOnServer } from './rendering'

/** Options of `useStreamQuery`. */
export interface UseStreamQueryOptions {
  /** @defaultValue the one of the current app */
  readonly session?: Session
}

/** What a query finds, as it is now: documents, or with `select` rows. */
export interface UseStreamQuery<T, Item = Stream<T>> {
  /** Those of the pages asked for; the objects of unchanged documents stay the same. */
  readonly data: ComputedRef<readonly Item[]>
  /** Documents that match, on all pages. */
  readonly total: ComputedRef<number>
  /** Why the last reading failed; `data` stays what it was. It is tried again when the connection is restored. */
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
 * A live query for as long as the caller's scope lives: what others change is pushed. A ref or a getter is followed;
 * another query begins with its first page. `limit` is the size of a page (50 unless given). Nothing is read while the
 * query is `null`. With `select` there are rows of those values instead of whole documents.
 *
 * ```ts
 * const search = ref('')
 * const { data, total, hasMore, next } = useStreamQuery(() => ({ search: search.value, sort: 'name' }))
 * ```
 */
export function useStreamQuery<P extends StreamPath>(
  query: MaybeRefOrGetter<StreamRowQuery<P> | null | undefined>,
  options?: UseStreamQueryOptions,
): UseStreamQuery<unknown, StreamRow<P>>
export function useStreamQuery<T = any>(
  query: MaybeRefOrGetter<StreamQuery | null | undefined>,
  options?: UseStreamQueryOptions,
): UseStreamQuery<T>
export function useStreamQuery(
  query: MaybeRefOrGetter<StreamQuery | StreamRowQuery | null | undefined>,
  { session = currentSession() }: UseStreamQueryOptions = {},
): UseStreamQuery<unknown, any> {
  const data = shallowRef<readonly unknown[]>([])
  const total = shallowRef(0)
  const error = shallowRef<KurrentLiteError | null>(null)
  const isLoading = shallowRef(false)
  const hasMore = computed(() => data.value.length < total.value)
  let live: LiveStreamQuery<any> | undefined
  let pageSize = 0
  let limit = 0

  function show(items: readonly unknown[], matching: number): void {
    data.value = items
    total.value = matching
  }

  /** What fails is for the component to show. */
  async function settle(of: LiveStreamQuery<any>, reading: Promise<unknown>): Promise<boolean> {
    const failure = await reading.then(() => null, toKurrentLiteError)
    if (of !== live) return false
    isLoading.value = false
    error.value = failure
    return failure === null
  }

  async function begin(asked: StreamQuery | StreamRowQuery | undefined): Promise<void> {
    live?.close()
    live = undefined
    error.value = null
    isLoading.value = false
    if (!asked) return show([], 0)
    pageSize = limit = pageSizeOf(asked)
    try {
      live = follow(session, asked)
    } catch (thrown) {
      error.value = toKurrentLiteError(thrown)
      return
    }
    const current = live
    current.takeOver(data.value as any[])
    current.on('change', ({ items, total: matching }) => {
      show(items, matching)
      error.value = null
    })
    current.on('error', (reason) => (error.value = reason))
    isLoading.value = true
    await settle(current, current.ready())
  }

  const asked = (): StreamQuery | StreamRowQuery | undefined => {
    const value = toValue(query)
    return value ? { ...value } : undefined
  }
  const end = (): void => {
    live?.close()
    live = undefined
  }
  if (rendersOnServer()) {
    loadBeforeRendering(() => begin(asked()).finally(end))
  } else {
    watch(asked, (next) => void begin(next), { immediate: true, deep: true })
    // What one user may see is not for the next.
    const stop = session.on('user', () => {
      show([], 0)
      void begin(asked())
    })
    onScopeDispose(() => {
      stop()
      end()
    })
  }
  return {
    data: computed(() => data.value),
    total: computed(() => total.value),
    error: shallowReadonly(error),
    isLoading: shallowReadonly(isLoading),
    hasMore,
    next: async () => {
      if (!hasMore.value || !live) return
      const current = live
      limit += pageSize
      isLoading.value = true
      const isThere = await settle(current, current.resize(limit))
      if (!isThere && current === live) limit -= pageSize
    },
    refresh: async () => {
      if (live) await settle(live, live.refresh())
    },
  }
}
