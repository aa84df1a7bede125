/*
 * Conditions as rows and groups, the way people build them, and as JSON, the way queries take them:
 * `{ status: 'active', 'data.total': { gte: 100 }, or: [c, c], not: c }`.
 */

export const queryOperators = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'contains', 'prefix', 'regex', 'exists'] as const
export type QueryOperator = (typeof queryOperators)[number]

/** One condition: what stands at `path`, compared with what was typed. */
export interface QueryRow {
  readonly kind: 'row'
  /** Unique in its tree. */
  readonly key: number
  path: string
  operator: QueryOperator
  /** As typed; `valueOf` says what it means. */
  text: string
}

/** Conditions that hold all together (`and`) or one of which holds (`or`), or that do not. */
export interface QueryGroup {
  readonly kind: 'group'
  readonly key: number
  join: 'and' | 'or'
  not: boolean
  parts: (QueryRow | QueryGroup)[]
}

export type JsonCondition = Readonly<Record<string, unknown>>

/** A condition, and which row stands where in it: `.or[0].data.total.gte` → key. */
export interface BuiltCondition {
  readonly condition: JsonCondition
  readonly places: readonly (readonly [place: string, key: number])[]
}

let lastKey = 0
export const newRow = (row: Partial<Omit<QueryRow, 'kind' | 'key'>> = {}): QueryRow => ({
  kind: 'row',
  key: ++lastKey,
  path: '',
  operator: 'eq',
  text: '',
  ...row,
})
export const newGroup = (group: Partial<Omit<QueryGroup, 'kind' | 'key'>> = {}): QueryGroup => ({
  kind: 'group',
  key: ++lastKey,
  join: 'and',
  not: false,
  parts: [],
  ...group,
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Times are milliseconds since 1970; people type dates. */
export const isTime = (path: string): boolean => /^(metadata\.)?(createdAt|updatedAt)$/.test(path)

/** What typed text means: JSON when it is JSON (`5`, `true`, `null`, `"5"`), else the text itself. */
export function meaningOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' && meaningOf(value) === value ? value : JSON.stringify(value)

/** The value that a row compares with. */
export function valueOf({ path, operator, text }: Pick<QueryRow, 'path' | 'operator' | 'text'>): unknown {
  if (operator === 'exists') return text !== 'false'
  if (operator === 'prefix' || operator === 'regex') return text
  if (operator === 'in') return listOf(text).map((each) => timeOr(path, each))
  return timeOr(path, text)
}

function timeOr(path: string, text: string): unknown {
  const value = meaningOf(text.trim() === '' ? text : text.trim())
  if (!isTime(path) || typeof value !== 'string') return value
  const time = new Date(value).getTime()
  return Number.isNaN(time) ? value : time
}

/** `a, b, "c, d"` → three texts. */
const listOf = (text: string): string[] =>
  (text.match(/\s*(?:"(?:[^"\\]|\\.)*"|[^,]+)/g) ?? []).map((each) => each.trim()).filter((each) => each !== '')

/** The JSON of a tree; rows without a path and empty groups are left out. `{}` holds for everything. */
export function conditionOf(group: QueryGroup): BuiltCondition {
  return build(group) ?? { condition: {}, places: [] }
}

function build(part: QueryRow | QueryGroup): BuiltCondition | undefined {
  if (part.kind === 'row') return part.path.trim() === '' ? undefined : rowCondition(part)
  const parts = part.parts.map(build).filter((each) => each !== undefined)
  if (parts.length === 0) return undefined
  const joined = parts.length === 1 ? parts[0]! : part.join === 'or' ? list('or', parts) : merged(parts)
  return part.not ? nested('not', joined) : joined
}

function rowCondition(row: QueryRow): BuiltCondition {
  const { key, operator } = row
  const path = row.path.trim()
  const value = valueOf(row)
  // A bare object would be taken for operators.
  const isBare = operator === 'eq' && !isObject(value)
  return {
    condition: { [path]: isBare ? value : { [operator]: value } },
    places: [[isBare ? `.${path}` : `.${path}.${operator}`, key]],
  }
}

const moved = (places: BuiltCondition['places'], to: string) => places.map(([place, key]) => [`${to}${place}`, key] as const)

const nested = (word: string, { condition, places }: BuiltCondition): BuiltCondition => ({
  condition: { [word]: condition },
  places: moved(places, `.${word}`),
})

const list = (word: 'and' | 'or', parts: readonly BuiltCondition[]): BuiltCondition => ({
  condition: { [word]: parts.map(({ condition }) => condition) },
  places: parts.flatMap(({ places }, index) => moved(places, `.${word}[${index}]`)),
})

/** Members of one object are and-ed: as many parts as fit go into one, the rest into its `and`. */
function merged(parts: readonly BuiltCondition[]): BuiltCondition {
  const condition: Record<string, unknown> = {}
  const places: (readonly [string, number])[] = []
  const rest: BuiltCondition[] = []
  for (const part of parts) {
    if (!fits(condition, part.condition)) {
      rest.push(part)
      continue
    }
    for (const [key, value] of Object.entries(part.condition)) {
      const there = condition[key]
      condition[key] = isObject(there) && isObject(value) ? { ...there, ...value } : value
    }
    places.push(...part.places)
  }
  if (rest.length === 0) return { condition, places }
  const others = list('and', rest)
  return { condition: { ...condition, ...others.condition }, places: [...places, ...others.places] }
}

function fits(into: JsonCondition, condition: JsonCondition): boolean {
  return Object.entries(condition).every(([key, value]) => {
    if (key === 'and') return false
    if (!Object.hasOwn(into, key)) return true
    const there = into[key]
    const areOperators = key !== 'not' && isObject(there) && isObject(value)
    return areOperators && Object.keys(value).every((operator) => !Object.hasOwn(there, operator))
  })
}

/** The tree that shows a condition; what is no condition is left out. */
export function groupOf(condition: JsonCondition): QueryGroup {
  const parts = Object.entries(condition).flatMap(([key, value]): (QueryRow | QueryGroup)[] => {
    if ((key === 'and' || key === 'or') && Array.isArray(value)) {
      return [newGroup({ join: key, parts: value.filter(isObject).map((each) => flat(groupOf(each))) })]
    }
    if (key === 'not') return isObject(value) ? [negated(groupOf(value))] : []
    if (!isObject(value)) return [newRow({ path: key, text: textOf(value) })]
    return Object.entries(value)
      .filter(([operator]) => queryOperators.includes(operator as QueryOperator))
      .map(([operator, operand]) => rowFor(key, operator as QueryOperator, operand))
  })
  const [only] = parts
  return parts.length === 1 && only?.kind === 'group' ? only : newGroup({ parts })
}

function rowFor(path: string, operator: QueryOperator, operand: unknown): QueryRow {
  if (operator === 'in' && Array.isArray(operand)) {
    const texts = operand.map((each) => (typeof each === 'string' && each.includes(',') ? JSON.stringify(each) : textOf(each)))
    return newRow({ path, operator, text: texts.join(', ') })
  }
  const isText = operator === 'prefix' || operator === 'regex'
  return newRow({ path, operator, text: isText ? String(operand) : textOf(operand) })
}

/** A group of one is that one. */
function flat(group: QueryGroup): QueryRow | QueryGroup {
  const [only] = group.parts
  return group.parts.length === 1 && only && !group.not ? only : group
}

function negated(group: QueryGroup): QueryGroup {
  return group.not ? newGroup({ not: true, parts: [group] }) : { ...group, not: true }
}

/** Removes the part with this key from wherever it is below `group`. */
export function removePart(group: QueryGroup, key: number): void {
  group.parts = group.parts.filter((part) => part.key !== key)
  for (const part of group.parts) if (part.kind === 'group') removePart(part, key)
}
