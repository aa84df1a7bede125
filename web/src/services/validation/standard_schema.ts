/**
 * The interface that schema libraries (Zod, Valibot, ArkType, …) share, copied from the Standard Schema specification as
 * it asks users to do: https://standardschema.dev
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaProps<Input, Output>
}

export interface StandardSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1
  /** Name of the library. */
  readonly vendor: string
  readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>
  /** For the compiler only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] }

export interface StandardSchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a schema takes. */
export type SchemaInput<S> =
  S extends StandardSchemaV1<unknown, unknown> ? NonNullable<S['~standard']['types']>['input'] : unknown

/** What a schema makes of it, and so what is stored. */
export type SchemaOutput<S> =
  S extends StandardSchemaV1<unknown, unknown> ? NonNullable<S['~standard']['types']>['output'] : unknown
