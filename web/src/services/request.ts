import { ValidationError } from './errors'
import { toJsonText } from './json_text'

/**
 * JSON text of an operation's arguments: `fields` in order, those that are `undefined` left out. Throws
 * `ValidationError` naming the field that JSON cannot hold.
 */
export function argumentsText(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${toJsonText(value, name)}`)
  return `{${members.join(',')}}`
}

/** The named fields of a request, after checking that it is an object at all. */
export function fieldsOf<K extends string>(request: unknown, what: string, names: readonly K[]): Record<K, unknown> {
  if (typeof request !== 'object' || request === null) {
    throw new ValidationError([
      { field: what, problem: `must be an object, not ${request === null ? 'null' : typeof request}.` },
    ])
  }
  const fields = request as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Record<K, unknown>
}

/** An argument that must be there. */
export function required(value: unknown, field: string): unknown {
  if (value === undefined) throw new ValidationError([{ field, problem: 'is missing.' }])
  return value
}
