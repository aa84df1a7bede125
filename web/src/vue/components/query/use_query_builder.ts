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

/** One of the keys that a query is sorted by. */
export interface SortKey {
  /** Tells it from the others. */
  readonly key: number
  /** May be empty while it is being typed; then it does not count. */
  path: string
  descending: boolean
}

/** The most that a query takes. */
const sortKeysMax = 8

export interface QueryBuilder {
  /** The tree of conditions; rows and groups may be changed in place. */
  readonly root: QueryGroup
  readonly search: Ref<string>
  /** Keys to sort by, the first counts most; they may be changed in place. Without one it is by id. */
  readonly sortKeys: Ref<SortKey[]>
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
  /** Adds a key that counts after the others; a query takes eight. */
  addSort(path?: string): void
  removeSort(key: number): void
  /** Lets a key count before the one that it stood behind. */
  raiseSort(key: number): void
  readonly canAddSort: ComputedRef<boolean>
  /** Sorts by `path` alone, or the other way round when it is a key already; with `keep` behind the other keys. */
  toggleSort(path: string, keep?: boolean): void
  /** Which of `violations` belong to which row and to which key to sort by, and what is left. */
  problemsOf(violations: readonly Violation[]): {
    byRow: ReadonlyMap<number, readonly string[]>
    bySort: ReadonlyMap<number, readonly string[]>
    others: readonly string[]
  }
}

/** Builds queries over documents out of rows and groups. */
export function useQueryBuilder(initial: BuiltQuery = {}): QueryBuilder {
  const root = reactive(newGroup())
  const search = ref('')
  const sortKeys = ref<SortKey[]>([])
  let lastKey = 0
  const groupBy = ref('')
  show(initial)

  const built = computed<BuiltCondition>(() => conditionOf(root))
  /** The keys that are filled in. */
  const sorting = computed(() => sortKeys.value.filter(({ path }) => path.trim() !== ''))
  const query = computed<BuiltQuery>(() => {
    const { condition } = built.value
    return {
      ...(Object.keys(condition).length > 0 && { where: condition }),
      ...(search.value.trim() !== '' && { search: search.value.trim() }),
      ...(sorting.value.length > 0 && {
        sort: sorting.value.map(({ path, descending }) => (descending ? `-${path.trim()}` : path.trim())),
      }),
      ...(groupBy.value.trim() !== '' && { groupBy: groupBy.value.trim() }),
    }
  })
  const paths = computed(() => [...new Set(pathsOf(root))])

  function show({ where, search: text, sort, groupBy: by }: BuiltQuery): void {
    const group = groupOf(where ?? {})
    Object.assign(root, { join: group.join, not: group.not, parts: group.parts })
    search.value = text ?? ''
    sortKeys.value = (sort ?? []).map((path) => sortKey(path.replace(/^-/, ''), path.startsWith('-')))
    groupBy.value = by ?? ''
  }

  function sortKey(path = '', descending = false): SortKey {
    return { key: (lastKey += 1), path, descending }
  }

  function toggleSort(path: string, keep = false): void {
    const known = sortKeys.value.find((each) => each.path.trim() === path)
    if (known) known.descending = !known.descending
    else if (keep && sortKeys.value.length < sortKeysMax) sortKeys.value.push(sortKey(path))
    else sortKeys.value = [sortKey(path)]
  }

  function raiseSort(key: number): void {
    const at = sortKeys.value.findIndex((each) => each.key === key)
    if (at > 0) sortKeys.value.splice(at - 1, 0, ...sortKeys.value.splice(at, 1))
  }

  function problemsOf(violations: readonly Violation[]) {
    const byRow = new Map<number, string[]>()
    const bySort = new Map<number, string[]>()
    const others: string[] = []
    for (const { field, problem } of violations) {
      const key = sorting.value[Number(/^sort\[(\d+)\]/.exec(field)?.[1])]?.key
      if (key !== undefined) {
        bySort.set(key, [...(bySort.get(key) ?? []), problem])
        continue
      }
      const place = field.replace(/^where/, '')
      const row = built.value.places.find(([start]) => place === start || place.startsWith(`${start}.`) || start.startsWith(`${place}.`))
      if (row && place !== '') byRow.set(row[1], [...(byRow.get(row[1]) ?? []), problem])
      else others.push(`${field}: ${problem}`)
    }
    return { byRow, bySort, others }
  }

  // A tree without a row would have nothing to begin with.
  watch(() => root.parts.length, (count) => count === 0 && root.parts.push(newRow()), { immediate: true })

  return {
    root,
    search,
    sortKeys,
    groupBy,
    query,
    paths,
    addRow: (to = root, row = {}) => to.parts.push(newRow(row)),
    addGroup: (to = root) => to.parts.push(newGroup({ join: to.join === 'and' ? 'or' : 'and', parts: [newRow()] })),
    remove: (key) => removePart(root, key),
    clear: () => show({}),
    show,
    canAddSort: computed(() => sortKeys.value.length < sortKeysMax),
    addSort: (path) => void (sortKeys.value.length < sortKeysMax && sortKeys.value.push(sortKey(path))),
    removeSort: (key) => (sortKeys.value = sortKeys.value.filter((each) => each.key !== key)),
    raiseSort,
    toggleSort,
    problemsOf,
  }
}

const pathsOf = (group: QueryGroup): string[] =>
  group.parts.flatMap((part) => (part.kind === 'group' ? pathsOf(part) : part.path.trim() === '' ? [] : [part.path.trim()]))
