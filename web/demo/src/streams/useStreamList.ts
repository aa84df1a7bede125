import { messageOf } from 'kurrentlite/vue'
import { computed, reactive, shallowRef, watch } from 'vue'
import type { StreamPage } from '@/features/kurrentDB'
import { useDatabase } from '../app/database'

export type SortField = 'updatedAt' | 'createdAt' | 'name' | 'id'

const pageSize = 10

/** Kept while the page is left and come back to. */
const filter = reactive({
  search: '',
  status: '' as '' | 'active' | 'archived' | 'deleted',
  owner: '',
  tags: [] as string[],
  sort: 'updatedAt' as SortField,
  descending: true,
  page: 0,
})

export type StreamListFilter = typeof filter

/** One page of the documents that match the filter; follows every change of the database. */
export function useStreamList() {
  const { session, streams, environment, isReady } = useDatabase()
  const result = shallowRef<StreamPage>({ items: [], total: 0, offset: 0, limit: pageSize })
  const failure = shallowRef<string>()
  let latest = 0

  async function load(): Promise<void> {
    const request = ++latest
    const { status, owner, page, ...rest } = filter
    try {
      const found = await session.streams.list({
        ...rest,
        search: rest.search.trim(),
        tags: [...rest.tags],
        ...(status !== '' && { status }),
        ...(owner !== '' && { owner }),
        offset: page * pageSize,
        limit: pageSize,
      })
      // An answer to an earlier question must not replace that to a later one.
      if (request !== latest) return
      result.value = found
      failure.value = undefined
      if (found.items.length === 0 && page > 0) filter.page = Math.max(0, Math.ceil(found.total / pageSize) - 1)
    } catch (error) {
      if (request === latest) failure.value = messageOf(error)
    }
  }

  watch(
    () => [filter.search, filter.status, filter.owner, filter.tags, filter.sort, filter.descending],
    () => (filter.page = 0),
  )
  watch([filter, streams, isReady], () => isReady.value && void load(), { immediate: true })
  watch(environment, clear)

  function clear(): void {
    Object.assign(filter, { search: '', status: '', owner: '', tags: [], page: 0 })
  }

  const owners = computed(() => distinct(streams.value.map(({ metadata }) => metadata.owner)))
  const tags = computed(() => distinct([...streams.value.flatMap(({ metadata }) => metadata.tags), ...filter.tags]))
  const isFiltered = computed(
    () => filter.search.trim() !== '' || filter.status !== '' || filter.owner !== '' || filter.tags.length > 0,
  )
  const pages = computed(() => Math.max(1, Math.ceil(result.value.total / pageSize)))

  return { filter, result, failure, owners, tags, pages, isFiltered, clear }
}

const distinct = (texts: readonly string[]) => [...new Set(texts)].sort((a, b) => a.localeCompare(b))
