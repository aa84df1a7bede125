import type { StreamPath } from './query'
import { argumentsText } from './request'
import type { DataRules } from './validation/guard'
import type { AnySchema } from './validation/schema'
import type { SchemaOutput } from './validation/standard_schema'

/**
 * A value that no two documents of the kind have in common; missing and `null` are no values. It is claimed on a stream of
 * its own in the very append that writes the document, so that it holds whoever writes at the same time, and given back
 * when it changes or the document is deleted. Holds for what is written while it is declared; `streams.claimUnique` claims
 * what older documents have.
 */
export interface UniqueConstraint {
  /** 1 to 64 characters; part of stream names, so it must not change. */
  readonly name: string
  /** Such as `data.email`. */
  readonly path: string
  /** Of ASCII letters. @defaultValue false */
  readonly ignoreCase?: boolean
}

/** A document that has a unique value which it cannot claim. */
export interface UniqueConflict {
  /** Of the constraint. */
  readonly name: string
  /** Of the value. */
  readonly path: string
  readonly value: string | number | boolean
  /** The one that is left without. */
  readonly document: string
  /** The document that holds the value; `null` when none can any more, since `stream` was tombstoned. */
  readonly holder: string | null
  /** The stream on which the value is claimed. */
  readonly stream: string
}

/** What `streams.claimUnique` found and did. */
export interface UniqueClaims {
  /** Of the kind, deleted ones left out. */
  readonly documents: number
  /** Values that were claimed before. */
  readonly held: number
  /** Values that were claimed now. */
  readonly claimed: number
  /** Claims given back. */
  readonly released: number
  readonly conflicts: readonly UniqueConflict[]
}

/** What every document of the kind must be like, judged before it is written. */
export interface CheckConstraint {
  readonly name: string
  /** A condition as in queries: `{ 'data.total': { gte: 0 } }`. */
  readonly where: object
  /** What to tell when it does not hold. @defaultValue the condition */
  readonly message?: string
}

/** What holds for the documents of one kind. A document that is refused rejects with `ValidationError`. */
export interface DocumentKind<S extends AnySchema = AnySchema> extends DataRules<S> {
  readonly unique?: readonly UniqueConstraint[]
  readonly checks?: readonly CheckConstraint[]
  /**
   * Paths that queries about documents of this kind (`kind: '…'` in their condition) find by or sort by first; those of
   * `'*'` serve every query. An index costs memory and some time at every change.
   */
  readonly indexes?: readonly StreamPath[]
}

/** Rules by kind. Those of `'*'` hold for every document, and come before those of its kind. */
export type DocumentKinds = Readonly<Record<string, DocumentKind>>

/** What the core has to know of `kinds`: arguments of `declareStreamKind`, by kind. */
export function declarationsOf(kinds: DocumentKinds = {}): [kind: string, text: string][] {
  return Object.entries(kinds)
    .filter(([, { unique, checks }]) => unique !== undefined || checks !== undefined)
    .map(([kind, { unique, checks }]) => [kind, argumentsText({ kind, unique, checks })])
}

/** Arguments of `declareStreamIndex`, and the place of each in `kinds`. */
export function indexesOf(kinds: DocumentKinds = {}): [place: string, text: string][] {
  return Object.entries(kinds).flatMap(([kind, { indexes = [] }]) =>
    indexes.map((path, at): [string, string] => [
      `kinds.${kind}.indexes[${at}]`,
      argumentsText({ path, kind: kind === '*' ? undefined : kind }),
    ]),
  )
}

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
