import { computed, type ComputedRef, type MaybeRefOrGetter, ref, type Ref, shallowReadonly, type ShallowRef, toValue, watch } from 'vue'
import type { KurrentLiteError } from '../../../services/errors'
import type { Stream, StreamPage, StreamStatus } from '../../../services/models'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'
import { useLiveValue } from '../../live_value'

/** What a person looks for in a list of documents. */
export interface StreamListFilter {
  /** Text in id, name, description or tags. */
  readonly search: string
  /** Empty: active and archived ones. */
  readonly status: StreamStatus | ''
  /** Empty: of anybody. */
  readonly owner: string
  /** Empty: of any kind, and of none. */
  readonly kind: string
  /** All of them must be on the document. */
  readonly tags: readonly string[]
  readonly sort: 'updatedAt' | 'createdAt' | 'name' | 'id'
  readonly descending: boolean
  /** Zero-based. */
  readonly page: number
}

/** Everything, what changed last first. */
export const everyStream: StreamListFilter = {
  search: '',
  status: '',
  owner: '',
  kind: '',
  tags: [],
  sort: 'updatedAt',
  descending: true,
  page: 0,
}

export interface StreamListOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** @defaultValue a filter of its own */
  readonly filter?: Ref<StreamListFilter>
  /** Documents on a page, 1 to 1000. @defaultValue 10 */
  readonly pageSize?: MaybeRefOrGetter<number>
}

export interface StreamList {
  readonly filter: Ref<StreamListFilter>
  /** The page that the filter asks for; follows every change of the database. `null` before the first answer. */
  readonly page: Readonly<ShallowRef<StreamPage | null>>
  readonly items: ComputedRef<readonly Stream[]>
  /** How many pages there are, at least one. */
  readonly pages: ComputedRef<number>
  /** Something is looked for: the list need not show everything. */
  readonly isFiltered: ComputedRef<boolean>
  /** Why it could not be read last; `page` stays what it was. */
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** Reads it now. */
  refresh(): Promise<void>
  /** Changes parts of the filter; unless it turns the page, the list goes back to its beginning. */
  change(changes: Partial<StreamListFilter>): void
  /** Looks for nothing any more; the order stays. */
  clear(): void
}

/** One page of the documents that match a filter, followed for as long as the caller's scope lives. */
export function useStreamList(options: StreamListOptions = {}): StreamList {
  const session = options.session ?? currentSession()
  const filter = options.filter ?? ref(everyStream)
  const pageSize = () => Math.min(1000, Math.max(1, toValue(options.pageSize) ?? 10))

  const { data: page, error, refresh } = useLiveValue<StreamListFilter & { limit: number }, StreamPage | null>(session, {
    key: () => ({ ...filter.value, limit: pageSize() }),
    read: ({ search, status, owner, kind, tags, page: number, limit, ...order }) =>
      session.streams.list({
        ...order,
        search: search.trim(),
        tags: [...tags],
        offset: number * limit,
        limit,
        ...(status !== '' && { status }),
        ...(owner !== '' && { owner }),
        ...(kind !== '' && { kind }),
      }),
    empty: null,
    events: ['streams', 'user', 'connection'],
  })
  const pages = computed(() => Math.max(1, Math.ceil((page.value?.total ?? 0) / pageSize())))

  // What stood on the last page may be gone.
  watch(page, (now) => {
    if (now && now.items.length === 0 && now.total > 0 && filter.value.page > 0) change({ page: pages.value - 1 })
  })

  function change(changes: Partial<StreamListFilter>): void {
    filter.value = { ...filter.value, page: 0, ...changes }
  }

  return {
    filter,
    page: shallowReadonly(page),
    error: shallowReadonly(error),
    refresh,
    items: computed(() => page.value?.items ?? []),
    pages,
    isFiltered: computed(() => {
      const { search, status, owner, kind, tags } = filter.value
      return search.trim() !== '' || status !== '' || owner !== '' || kind !== '' || tags.length > 0
    }),
    change,
    clear: () => change({ search: '', status: '', owner: '', kind: '', tags: [] }),
  }
}
