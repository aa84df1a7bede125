/* A chunk of its own: loaded when the first JSON Schema is used. The library interprets schemas, so no CSP stops it. */

import { type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import { ConfigError, type Violation } from '../errors'
import { checkJsonSchema } from './json_schema_check'
import { childPath, pointerKey } from './paths'
import type { JsonSchema } from './schema'

/** What is wrong with a value: nothing, or every place. */
export type JsonSchemaCheck = (value: unknown, field: string) => Violation[]

const compiled = new WeakMap<object, JsonSchemaCheck>()

/** Throws `ConfigError` when the schema is none that can be checked; `where` names it. */
export function compileJsonSchema(schema: JsonSchema, where: string): JsonSchemaCheck {
  if (typeof schema === 'boolean') return (_value, field) => (schema ? [] : [{ field, problem: 'is not allowed.' }])
  const known = compiled.get(schema)
  if (known) return known
  const check = compile(schema, where)
  compiled.set(schema, check)
  return check
}

function compile(given: Exclude<JsonSchema, boolean>, where: string): JsonSchemaCheck {
  const schema = copyOf(given, where) // the library writes into it
  const draft = draftOf(schema, where)
  const found = checkJsonSchema(schema, where)
  if (found.length > 0) throw new ConfigError(found)
  const validator = makeValidator(schema, draft, where)
  return (value, field) => {
    try {
      return violationsOf(validator.validate(value).errors, value, field)
    } catch (thrown) {
      if (thrown instanceof RangeError) return [{ field, problem: 'is too large or nested too deeply to be checked.' }]
      if (thrown instanceof URIError) return [{ field, problem: 'has a key that is not well-formed Unicode.' }]
      throw new ConfigError([{ field: where, problem: `cannot be checked: ${messageOf(thrown)}` }])
    }
  }
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]!

function copyOf(schema: object, where: string): Schema {
  try {
    return JSON.parse(JSON.stringify(schema)) as Schema
  } catch (thrown) {
    throw new ConfigError([{ field: where, problem: `is no JSON: ${messageOf(thrown)}` }])
  }
}

function makeValidator(schema: Schema, draft: SchemaDraft, where: string): Validator {
  try {
    return new Validator(schema, draft, false)
  } catch (thrown) {
    throw new ConfigError([{ field: where, problem: `cannot be used: ${messageOf(thrown)}` }])
  }
}

const drafts: readonly (readonly [RegExp, SchemaDraft])[] = [
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, '2020-12'],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, '2019-09'],
  [/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/, '7'],
]

function draftOf({ $schema }: Schema, where: string): SchemaDraft {
  if ($schema === undefined) return '2020-12'
  const found = drafts.find(([uri]) => uri.test(String($schema)))
  if (found) return found[1]
  const problem = `is of a draft that is not known (${String($schema)}); there are 2020-12, 2019-09 and draft-07.`
  throw new ConfigError([{ field: `${where}#/$schema`, problem }])
}

/** These only say that something below them is wrong, which is told there. */
const wrappers: ReadonlySet<string> = new Set([
  '$ref',
  '$recursiveRef',
  'additionalItems',
  'additionalProperties',
  'allOf',
  'dependentSchemas',
  'if',
  'items',
  'patternProperties',
  'prefixItems',
  'properties',
  'unevaluatedItems',
  'unevaluatedProperties',
])

function violationsOf(units: readonly OutputUnit[], value: unknown, root: string): Violation[] {
  const found = new Map<string, Violation>()
  let ofName: string | undefined
  for (const unit of units) {
    if (ofName !== undefined && unit.keywordLocation.startsWith(ofName)) continue // what is wrong with a key's name
    ofName = unit.keyword === 'propertyNames' ? `${unit.keywordLocation}/` : undefined
    if (wrappers.has(unit.keyword) || unit.error.endsWith('does not match dependant schema.')) continue
    const violation = { field: fieldOf(unit, value, root), problem: problemOf(unit) }
    found.set(JSON.stringify(violation), violation)
  }
  return [...found.values()]
}

/** The place: for what is missing, where it should be. */
function fieldOf({ instanceLocation, keyword, error }: OutputUnit, value: unknown, root: string): string {
  let [path, at] = [root, value]
  for (const part of instanceLocation.split('/').slice(1)) {
    const key = pointerKey(decodePart(part))
    path = childPath(path, key, Array.isArray(at))
    at = (at as Record<string, unknown> | undefined)?.[key]
  }
  const key = keyword === 'required' || keyword === 'propertyNames' ? /"(.*)"/s.exec(error)?.[1] : undefined
  return key === undefined ? path : childPath(path, key, false)
}

function decodePart(part: string): string {
  try {
    return decodeURI(part)
  } catch {
    return part
  }
}

/** The library's messages, as sentences about the field. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/^False boolean schema\.$/s, 'is not allowed.'],
  [/^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/s, 'must be of type $2, not $1.'],
  [/^Instance does not match any of \[(.*)\]\.$/s, 'must be one of $1.'],
  [/^Instance does not match any subschemas\.$/s, 'matches none of the alternatives.'],
  [/^Instance does not match exactly one subschema \((\d+) matches\)\.$/s, 'must match one of the alternatives, not $1.'],
  [/^Instance does not match (.*)\.$/s, 'must be $1.'],
  [/^Instance matched "not" schema\.$/s, 'is what the schema forbids.'],
  [/^Instance does not have required property .*$/s, 'is missing.'],
  [/^Property name .* does not match schema\.$/s, 'has a name that is not allowed.'],
  [/^Instance has (".*") but does not have (".*")\.$/s, 'must have $2, because it has $1.'],
  [/^Array has too (many|few) items \((\d+) [<>] (\d+)\)\.$/s, 'has too $1 items: $2, the limit being $3.'],
  [/^Array has less items .*minContains \((\d+)\)\.$/s, 'must contain $1 items of the kind that the schema wants.'],
  [/^Array is empty\. .*|^Array does not contain .*/s, 'must contain an item of the kind that the schema wants.'],
  [/^Array must contain at least (\d+) items.*/s, 'must contain $1 items of the kind that the schema wants.'],
  [/^Array may contain at most (\d+) items.*/s, 'may contain $1 items of the kind that the schema counts.'],
  [/^Duplicate items at indexes (\d+) and (\d+)\.$/s, 'must not repeat items: [$1] and [$2] are the same.'],
  [/^(\S+) is less than +(\S+)\.$/s, 'must not be less than $2.'],
  [/^(\S+) is greater than +(\S+)\.$/s, 'must not be greater than $2.'],
  [/^(\S+) is less than or equal to +(\S+)\.$/s, 'must be greater than $2.'],
  [/^(\S+) is greater than or equal to +(\S+)\.$/s, 'must be less than $2.'],
  [/^(\S+) is not a multiple of (\S+)\.$/s, 'must be a multiple of $2.'],
  [/^String is too (short|long) \((\d+) [<>] (\d+)\)\.$/s, 'is too $1: $2 characters, the limit being $3.'],
  [/^String does not match pattern\.$/s, 'does not match the pattern.'],
  [/^String does not match format "(.*)"\.$/s, 'must have the format $1.'],
]

function problemOf({ keyword, error }: OutputUnit): string {
  if (keyword === 'exclusiveMinimum') return error.replace(/^\S+ is less than (\S+)\.$/, 'must be greater than $1.')
  if (keyword === 'minProperties') return error.replace(/.*at least (\d+) properties\./, 'must have at least $1 keys.')
  if (keyword === 'maxProperties') return error.replace(/.*at least (\d+) properties\./, 'must have at most $1 keys.')
  const found = sentences.find(([pattern]) => pattern.test(error))
  const problem = found ? error.replace(found[0], found[1]) : error
  return keyword === 'type' ? problem.replaceAll('", "', ' or ') : problem
}
