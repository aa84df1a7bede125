import { computed, type ComputedRef, ref, shallowReadonly, type ShallowRef, watch } from 'vue'
import type { KurrentLiteError } from '../../../services/errors'
import type { Stream } from '../../../services/models'
import type { QueryExplanation } from '../../../services/query'
import type { Session } from '../../../services/session'
import { useLiveValue } from '../../live_value'
import type { BuiltQuery } from './use_query_builder'

/** What a page of a query holds. */
export interface QueryAnswer {
  readonly items: readonly Stream[]
  /** Cursor of the next page; `null` on the last. */
  readonly next: string | null
  /** Matching documents on all pages. */
  readonly total?: number
  /** How many matching documents have which value, most frequent first. */
  readonly groups?: readonly { readonly value?: unknown; readonly count: number }[]
}

/** Answers a query, e.g. `(query) => session.streams.query(query)`. */
export type RunQuery = (query: AskedQuery) => Promise<QueryAnswer>

/** A query and the page of it that is shown. */
export type AskedQuery = BuiltQuery & { limit: number; total: true; cursor?: string }

/** Tells how a query is carried out, e.g. `(query) => session.streams.explain(query)`. */
export type ExplainQuery = (query: AskedQuery) => Promise<QueryExplanation>

export interface QueryResult {
  /** What is asked for now. */
  readonly asked: ComputedRef<AskedQuery>
  /** `null` before the first answer. */
  readonly answer: Readonly<ShallowRef<QueryAnswer | null>>
  readonly isLoading: Readonly<ShallowRef<boolean>>
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** Zero-based. */
  readonly page: ComputedRef<number>
  readonly hasNext: ComputedRef<boolean>
  next(): void
  previous(): void
}

/** The answer to a query, a page at a time, followed for as long as the caller's scope lives. */
export function useQueryResult(session: Session, query: () => BuiltQuery, run: RunQuery, pageSize: () => number): QueryResult {
  /** Where the pages before and the present one begin. */
  const cursors = ref<(string | undefined)[]>([undefined])
  const text = computed(() => JSON.stringify(query()))
  const asked = computed<AskedQuery>(() => {
    const cursor = cursors.value.at(-1)
    return { ...(JSON.parse(text.value) as BuiltQuery), limit: pageSize(), total: true, ...(cursor !== undefined && { cursor }) }
  })
  const { data, isLoading, error } = useLiveValue<AskedQuery, QueryAnswer | null>(session, {
    key: () => asked.value,
    read: run,
    empty: null,
    events: ['streams', 'user', 'connection'],
  })
  watch(text, () => (cursors.value = [undefined]), { flush: 'sync' })

  return {
    asked,
    answer: shallowReadonly(data),
    isLoading: shallowReadonly(isLoading),
    error: shallowReadonly(error),
    page: computed(() => cursors.value.length - 1),
    hasNext: computed(() => data.value !== null && data.value.next !== null),
    next: () => {
      const cursor = data.value?.next
      if (cursor) cursors.value = [...cursors.value, cursor]
    },
    previous: () => {
      if (cursors.value.length > 1) cursors.value = cursors.value.slice(0, -1)
    },
  }
}

/** How the query that `asked` answers is carried out, followed while it answers one. `null` before the first answer. */
export function useQueryExplanation(
  session: Session,
  asked: () => AskedQuery | undefined,
  explain: ExplainQuery,
): Readonly<ShallowRef<QueryExplanation | null>> {
  const { data } = useLiveValue<AskedQuery, QueryExplanation | null>(session, {
    key: asked,
    read: explain,
    empty: null,
    events: ['streams', 'connection'],
  })
  return shallowReadonly(data)
}
