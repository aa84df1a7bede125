/** The place of a member, as violations name it: `data.profile.age`, `data.items[2].sku`. */
export const childPath = (path: string, key: string, ofArray: boolean): string =>
  ofArray ? `${path}[${key}]` : `${path}.${key}`

/** Matches any key or index. */
export const ANY_KEY: unique symbol = Symbol('any key')

/** The keys that lead to a place, from below its root. */
export type PathPattern = readonly (string | typeof ANY_KEY)[]

/**
 * Reads `data.items[*].card`, `data.items.*.card` or the JSON pointer `/data/items/0/a~1b` (in which `*` is a key like any
 * other). The first key must be `root`. `undefined` when it is no such path.
 */
export function parsePathPattern(text: string, root: string): PathPattern | undefined {
  const keys = text.startsWith('/') ? pointerKeys(text) : dottedKeys(text)
  return keys && keys.length > 1 && keys[0] === root ? keys.slice(1) : undefined
}

const pointerKeys = (text: string): PathPattern => text.slice(1).split('/').map(pointerKey)

/** One key of a JSON pointer (RFC 6901). */
export const pointerKey = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

function dottedKeys(text: string): PathPattern | undefined {
  if (!/^[^.[\]]+(\.[^.[\]]+|\[(\d+|\*)\])*$/.test(text)) return undefined
  return [...text.matchAll(/[^.[\]]+/g)].map(([key]) => (key === '*' ? ANY_KEY : key))
}
