import { type KurrentLiteError, ModuleLoadError, UnexpectedError, type Violation } from '../errors'
import { toJsonText } from '../json_text'
import { childPath } from './paths'
import type { StandardSchemaIssue, StandardSchemaV1 } from './standard_schema'

/**
 * A JSON Schema of draft 2020-12 (also without `$schema`), 2019-09 or draft-07. Known values of `format` are checked:
 * date, time, date-time, duration, email, hostname, ipv4, ipv6, uri, uri-reference, uri-template, url, uuid, regex and JSON
 * pointers; others are allowed, as are unknown keywords. `$ref` leads within the schema; `$dynamicRef` is refused.
 */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

/** A schema of any library that follows Standard Schema (Zod, Valibot, ArkType, …), or a JSON Schema. */
export type AnySchema = StandardSchemaV1<any, any> | JsonSchema

export interface SchemaOutcome {
  /** What to store: the output of a Standard Schema, the given value otherwise. */
  readonly value: unknown
  /** Every place that is wrong. */
  readonly violations: readonly Violation[]
}

/**
 * Checks `value`, whose name in paths is `field`. `where` names the schema in the `ConfigError` that a bad one rejects with.
 */
export async function checkSchema(schema: AnySchema, value: unknown, field: string, where: string): Promise<SchemaOutcome> {
  return isStandardSchema(schema)
    ? checkStandard(schema, value, field, where)
    : checkJson(schema as JsonSchema, value, field, where)
}

/** Some libraries' schemas are functions. */
export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  const holder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  return holder && typeof (schema as Partial<StandardSchemaV1>)['~standard']?.validate === 'function'
}

async function checkStandard(schema: StandardSchemaV1, value: unknown, field: string, where: string): Promise<SchemaOutcome> {
  try {
    const result = await schema['~standard'].validate(value)
    if (!result.issues) return { value: result.value, violations: [] }
    return { value, violations: result.issues.map((issue) => violationOf(issue, value, field)) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new UnexpectedError(`The schema ${where} failed: ${reason}`, { cause: thrown })
  }
}

function violationOf({ message, path = [] }: StandardSchemaIssue, value: unknown, root: string): Violation {
  let [field, at] = [root, value]
  for (const part of path) {
    const key = typeof part === 'object' ? part.key : part
    field = childPath(field, String(key), Array.isArray(at))
    at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key]
  }
  return { field, problem: message }
}

/** JSON Schemas are about JSON, so it is the JSON of the value that is checked: a Date is a text. */
async function checkJson(schema: JsonSchema, value: unknown, field: string, where: string): Promise<SchemaOutcome> {
  const text = toJsonText(value, field)
  const { compileJsonSchema } = await loadJsonSchema()
  return { value, violations: compileJsonSchema(schema, where)(JSON.parse(text), field) }
}

async function loadJsonSchema(): Promise<typeof import('./json_schema')> {
  try {
    return await import('./json_schema')
  } catch (thrown) {
    throw notLoaded(thrown)
  }
}

function notLoaded(thrown: unknown): KurrentLiteError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new ModuleLoadError(`The part that checks JSON Schemas cannot be loaded: ${reason}`, { cause: thrown })
}
