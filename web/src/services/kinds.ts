import type { DataRules } from './validation/guard'
import type { AnySchema } from './validation/schema'
import type { SchemaOutput } from './validation/standard_schema'

/** What holds for the documents of one kind. */
export interface DocumentKind<S extends AnySchema = AnySchema> extends DataRules<S> {}

/** Rules by kind. Those of `'*'` hold for every document, and come before those of its kind. */
export type DocumentKinds = Readonly<Record<string, DocumentKind>>

/** The same object, with the type of its schema: for `KindData`. */
export const defineKind = <S extends AnySchema = AnySchema>(kind: DocumentKind<S>): DocumentKind<S> => kind

/**
 * The data of documents of a kind, as its schema leaves them.
 *
 * ```ts
 * const customer = defineKind({ schema: v.object({ name: v.string() }) })
 * type Customer = KindData<typeof customer>
 * const found = await streams.get<Customer>('c-1')
 * ```
 */
export type KindData<K> = K extends { readonly schema?: infer S } ? SchemaOutput<NonNullable<S>> : unknown
