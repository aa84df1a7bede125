export type { DataRules, SanitizedData } from './guard'
export { sanitize, type SanitizeChange, type Sanitized } from './sanitize'
export { DEFAULT_SANITIZE_RULES, type SanitizeLimit, type SanitizeRule, type SanitizeRules } from './sanitize_rules'
export type { AnySchema, JsonSchema } from './schema'
export type {
  SchemaInput,
  SchemaOutput,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
  StandardSchemaV1,
} from './standard_schema'
export { type EventSchemas, withSchemas } from './with_schemas'
