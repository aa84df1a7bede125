import type { Stream } from '../../../services/models'
import { pathParts } from '../parts/json'

/** What every document has, beside its data. */
export const documentFields = [
  'id', 'kind', 'name', 'description', 'status', 'owner', 'tags', 'createdAt', 'updatedAt', 'version',
  'permissions.read', 'permissions.write', 'permissions.admin',
] as const

const depthMax = 5
const namesMax = 300

/** Paths of values in the data of `documents`, to be suggested; arrays are entered at their first element. */
export function dataFields(documents: readonly Stream[]): string[] {
  const found = new Set<string>()
  const visit = (value: unknown, path: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth >= depthMax) return
    const keys = Array.isArray(value) ? (value.length > 0 ? ['0'] : []) : Object.keys(value)
    for (const key of keys) {
      if (found.size >= namesMax) return
      if (/[.[\]/]/.test(key) || key === '') continue
      const inner = (value as Record<string, unknown>)[key]
      const name = `${path}.${key}`
      if (!(typeof inner === 'object' && inner !== null && !Array.isArray(inner))) found.add(name)
      visit(inner, name, depth + 1)
    }
  }
  for (const { data } of documents) visit(data, 'data', 0)
  return [...found].sort((a, b) => a.localeCompare(b))
}

/** The value at a path of a query, such as `owner` or `data.items.0.sku`; `undefined` when there is none. */
export function valueAt(document: Stream, path: string): unknown {
  const { metadata, ...rest } = document
  let value: unknown = { ...rest, ...metadata, metadata }
  for (const part of pathParts(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}
