/*
 * Merging two changes of one value: what only one side changed is taken over, what both changed differently is for a
 * person to decide. Objects are compared key by key, arrays and everything else as wholes.
 */

/** A place where two versions differ, and what was there before both. `undefined` is nothing. */
export interface Difference {
  readonly path: readonly string[]
  readonly base: unknown
  readonly mine: unknown
  readonly theirs: unknown
  /** Who changed it; `both`: each in another way. */
  readonly by: 'mine' | 'theirs' | 'both'
}

type Side = 'mine' | 'theirs'
type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const keysOf = (...objects: readonly unknown[]) => [...new Set(objects.flatMap((each) => (isObject(each) ? Object.keys(each) : [])))]
const get = (object: unknown, key: string) => (isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined)

/** Whether two JSON values mean the same; the order of keys does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => isSame(each, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}

/** Every place where `mine` and `theirs` differ, in the order of their keys. */
export function differences(base: unknown, mine: unknown, theirs: unknown, path: readonly string[] = []): Difference[] {
  if (isSame(mine, theirs)) return []
  if (isObject(mine) && isObject(theirs)) {
    return keysOf(mine, theirs).flatMap((key) => differences(get(base, key), get(mine, key), get(theirs, key), [...path, key]))
  }
  const by = isSame(base, mine) ? 'theirs' : isSame(base, theirs) ? 'mine' : 'both'
  return [{ path, base, mine, theirs, by }]
}

/** Both changes in one value; `choose` decides where both sides changed the same place. */
export function merge(
  base: unknown,
  mine: unknown,
  theirs: unknown,
  choose: (path: readonly string[]) => Side,
  path: readonly string[] = [],
): unknown {
  if (isSame(mine, theirs)) return mine
  if (isObject(mine) && isObject(theirs)) {
    const entries = keysOf(mine, theirs).map((key) => {
      return [key, merge(get(base, key), get(mine, key), get(theirs, key), choose, [...path, key])] as const
    })
    // fromEntries makes a key named __proto__ a key like any other.
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }
  if (isSame(base, mine)) return theirs
  if (isSame(base, theirs)) return mine
  return choose(path) === 'mine' ? mine : theirs
}
