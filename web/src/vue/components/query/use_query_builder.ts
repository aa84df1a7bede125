import { computed, type ComputedRef, reactive, ref, type Ref, watch } from 'vue'
import type { Violation } from '../../../wasm/core'
import { type BuiltCondition, conditionOf, groupOf, type JsonCondition, newGroup, newRow, type QueryGroup, removePart } from './condition'

/** What a builder makes: an argument of `streams.query`. */
export interface BuiltQuery {
  /** Absent: every document. */
  readonly where?: JsonCondition
  /** Text in id, name, description or tags. */
  readonly search?: string
  /** Paths; a leading `-` is descending. */
  readonly sort?: readonly string[]
  /** A path whose values are counted. */
  readonly groupBy?: string
}

export interface QueryBuilder {
  /** The tree of conditions; rows and groups may be changed in place. */
  readonly root: QueryGroup
  readonly search: Ref<string>
  /** Path to sort by; empty: by id. */
  readonly sortBy: Ref<string>
  readonly descending: Ref<boolean>
  readonly groupBy: Ref<string>
  /** What is built, without what is not filled in. */
  readonly query: ComputedRef<BuiltQuery>
  /** Paths that the conditions name, each once. */
  readonly paths: ComputedRef<readonly string[]>
  addRow(to?: QueryGroup, row?: Parameters<typeof newRow>[0]): void
  addGroup(to?: QueryGroup): void
  /** Takes a row or a group out, wherever it is. */
  remove(key: number): void
  clear(): void
  /** Shows another query. */
  show(query: BuiltQuery): void
  /** Sorts by `path`, the other way round when it does so already. */
  toggleSort(path: string): void
  /** Which of `violations` belong to which row, and what is left. */
  problemsOf(violations: readonly Violation[]): { byRow: ReadonlyMap<number, readonly string[]>; others: readonly string[] }
}

/** Builds queries over documents out of rows and groups. */
export function useQueryBuilder(initial: BuiltQuery = {}): QueryBuilder {
  const root = reactive(newGroup())
  const search = ref('')
  const sortBy = ref('')
  const descending = ref(false)
  const groupBy = ref('')
  show(initial)

  const built = computed<BuiltCondition>(() => conditionOf(root))
  const query = computed<BuiltQuery>(() => {
    const { condition } = built.value
    const sort = sortBy.value.trim()
    return {
      ...(Object.keys(condition).length > 0 && { where: condition }),
      ...(search.value.trim() !== '' && { search: search.value.trim() }),
      ...(sort !== '' && { sort: [descending.value ? `-${sort}` : sort] }),
      ...(groupBy.value.trim() !== '' && { groupBy: groupBy.value.trim() }),
    }
  })
  const paths = computed(() => [...new Set(pathsOf(root))])

  function show({ where, search: text, sort, groupBy: by }: BuiltQuery): void {
    const group = groupOf(where ?? {})
    Object.assign(root, { join: group.join, not: group.not, parts: group.parts })
    search.value = text ?? ''
    const [first = ''] = sort ?? []
    descending.value = first.startsWith('-')
    sortBy.value = first.replace(/^-/, '')
    groupBy.value = by ?? ''
  }

  function problemsOf(violations: readonly Violation[]) {
    const byRow = new Map<number, string[]>()
    const others: string[] = []
    for (const { field, problem } of violations) {
      const place = field.replace(/^where/, '')
      const row = built.value.places.find(([start]) => place === start || place.startsWith(`${start}.`) || start.startsWith(`${place}.`))
      if (row && place !== '') byRow.set(row[1], [...(byRow.get(row[1]) ?? []), problem])
      else others.push(`${field}: ${problem}`)
    }
    return { byRow, others }
  }

  // A tree without a row would have nothing to begin with.
  watch(() => root.parts.length, (count) => count === 0 && root.parts.push(newRow()), { immediate: true })

  return {
    root,
    search,
    sortBy,
    descending,
    groupBy,
    query,
    paths,
    addRow: (to = root, row = {}) => to.parts.push(newRow(row)),
    addGroup: (to = root) => to.parts.push(newGroup({ join: to.join === 'and' ? 'or' : 'and', parts: [newRow()] })),
    remove: (key) => removePart(root, key),
    clear: () => show({}),
    show,
    toggleSort: (path) => {
      descending.value = sortBy.value === path && !descending.value
      sortBy.value = path
    },
    problemsOf,
  }
}

const pathsOf = (group: QueryGroup): string[] =>
  group.parts.flatMap((part) => (part.kind === 'group' ? pathsOf(part) : part.path.trim() === '' ? [] : [part.path.trim()]))
