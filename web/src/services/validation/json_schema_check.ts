import type { Violation } from '../errors'

type Json = Readonly<Record<string, unknown>>
type Test = (value: unknown) => boolean

const isObject: Test = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText: Test = (value) => typeof value === 'string'
const isNumber: Test = (value) => typeof value === 'number'
const isCount: Test = (value) => Number.isInteger(value) && (value as number) >= 0
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText)
const isBoolean: Test = (value) => typeof value === 'boolean'
const isSchema: Test = (value) => isBoolean(value) || isObject(value)
const isSchemas: Test = (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema)
const isSchemaMap: Test = (value) => isObject(value) && Object.values(value as Json).every(isSchema)

const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']
const isType: Test = (value) => {
  const names = Array.isArray(value) ? value : [value]
  return names.length > 0 && names.every((name) => types.includes(name as string))
}

function isPattern(value: unknown): boolean {
  try {
    return isText(value) && Boolean(new RegExp(value as string, 'u'))
  } catch {
    return false
  }
}

const expectations: Readonly<Record<string, readonly [test: Test, problem: string]>> = {
  type: [isType, `must name types: ${types.join(', ')}.`],
  pattern: [isPattern, 'must be a regular expression (as JavaScript writes them, with the flag u).'],
  enum: [Array.isArray, 'must be a list of values.'],
  required: [isTexts, 'must be a list of keys.'],
  dependentRequired: [(value) => isObject(value) && Object.values(value as Json).every(isTexts), 'must map keys to lists of keys.'],
  multipleOf: [(value) => isNumber(value) && (value as number) > 0, 'must be a number greater than 0.'],
  uniqueItems: [isBoolean, 'must be true or false.'],
  format: [isText, 'must be a text.'],
  $ref: [isText, 'must be a text.'],
  items: [(value) => isSchema(value) || (Array.isArray(value) && value.every(isSchema)), 'must be a schema.'],
  dependencies: [(value) => isObject(value) && Object.values(value as Json).every((each) => isSchema(each) || isTexts(each)), 'must map keys to schemas or lists of keys.'],
  ...each(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], isNumber, 'must be a number.'),
  ...each(
    ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'],
    isCount,
    'must be a whole number from 0.',
  ),
  ...each(['allOf', 'anyOf', 'oneOf', 'prefixItems'], isSchemas, 'must be a list of schemas.'),
  ...each(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'], isSchemaMap, 'must map keys to schemas.'),
  ...each(
    ['not', 'if', 'then', 'else', 'contains', 'propertyNames', 'additionalItems', 'additionalProperties', 'unevaluatedItems', 'unevaluatedProperties'],
    isSchema,
    'must be a schema.',
  ),
  // The library would pass over them, and so let everything through.
  ...each(['$dynamicRef', '$dynamicAnchor'], () => false, 'is not supported; use $ref.'),
}

function each(keywords: readonly string[], test: Test, problem: string): Record<string, readonly [Test, string]> {
  return Object.fromEntries(keywords.map((keyword) => [keyword, [test, problem] as const]))
}

const maps: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'])
const single: ReadonlySet<string> = new Set([
  'not',
  'if',
  'then',
  'else',
  'items',
  'contains',
  'propertyNames',
  'additionalItems',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
])
const lists: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'])

/**
 * What is wrong with a schema itself, by place (`schema#/properties/age/type`): a misspelt type or a broken pattern should
 * be told to whoever declares it, and not as an error of the first document. Unknown keywords are allowed, as the
 * specification says.
 */
export function checkJsonSchema(schema: unknown, where: string): Violation[] {
  const found: Violation[] = []
  const waiting: [schema: unknown, path: string][] = [[schema, `${where}#`]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [at, path] = next
    if (!isObject(at)) continue
    for (const [keyword, value] of Object.entries(at as Json)) {
      const place = `${path}/${keyword}`
      const expectation = Object.hasOwn(expectations, keyword) ? expectations[keyword] : undefined
      if (expectation && !expectation[0](value)) found.push({ field: place, problem: expectation[1] })
      else waiting.push(...schemasBelow(keyword, value, place))
      if (keyword === 'patternProperties' && isObject(value)) found.push(...badPatterns(value as Json, place))
    }
  }
  return found
}

function schemasBelow(keyword: string, value: unknown, place: string): [unknown, string][] {
  if (maps.has(keyword)) return Object.entries(value as Json).map(([key, each]) => [each, `${place}/${key}`])
  if (lists.has(keyword) && Array.isArray(value)) return value.map((each, i) => [each, `${place}/${i}`])
  return single.has(keyword) ? [[value, place]] : []
}

const badPatterns = (map: Json, place: string): Violation[] =>
  Object.keys(map)
    .filter((pattern) => !isPattern(pattern))
    .map((pattern) => ({ field: `${place}/${pattern}`, problem: expectations.pattern![1] }))
