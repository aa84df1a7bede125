/** Stream metadata as programs see them, and as the database keeps them. */

const STORED = { maxAge: '$maxAge', truncateBefore: '$tb', cacheControl: '$cacheControl', maxCount: '$maxCount' } as const
const STORED_ROLES = {
  readRoles: '$r', writeRoles: '$w', deleteRoles: '$d', metaReadRoles: '$mr', metaWriteRoles: '$mw',
} as const

const stored = new Map<string, string>(Object.entries(STORED))
const storedRoles = new Map<string, string>(Object.entries(STORED_ROLES))
const shown = new Map<string, string>(Object.entries(STORED).map(([name, key]) => [key, name]))
const shownRoles = new Map<string, string>(Object.entries(STORED_ROLES).map(([name, key]) => [key, name]))

/** What is written. Throws for a limit that is no integer. */
export function storedMetadata(metadata: object): Record<string, unknown> {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw new TypeError(`Stream metadata must be an object; they are ${String(metadata)}.`)
  }
  return mapped(metadata, (name, value) => {
    if (name === 'acl') {
      if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
        throw new TypeError(`Invalid stream metadata: "acl" must be an object or text; it is ${String(value)}.`)
      }
      return ['$acl', mappedAcl(value, storedRoles)]
    }
    const key = stored.get(name)
    if (key === undefined) return [name, value]
    if (!Number.isInteger(value)) throw new Error(`Invalid stream metadata: "${name}" must be an integer.`)
    return [key, value]
  })
}

/** What was written, under its names; types are not checked. */
export function shownMetadata(metadata: object): Record<string, unknown> {
  return mapped(metadata, (key, value) =>
    key === '$acl' ? ['acl', mappedAcl(value, shownRoles)] : [shown.get(key) ?? key, value],
  )
}

function mappedAcl(acl: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof acl !== 'object' || acl === null) return acl
  return mapped(acl, (key, value) => {
    const name = names.get(key)
    if (name !== undefined) return [name, value]
    console.warn(`Unknown key "${key}" in acl will be ignored`)
    return undefined
  })
}

function mapped(from: object, map: (key: string, value: unknown) => [string, unknown] | undefined): Record<string, unknown> {
  const result: [string, unknown][] = []
  for (const [key, value] of Object.entries(from)) {
    const entry = map(key, value)
    if (entry) result.push(entry)
  }
  return Object.fromEntries(result)
}
