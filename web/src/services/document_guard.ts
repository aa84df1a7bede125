import { StreamConflictError } from './errors'
import type { CallOptions, Stream } from './models'
import { argumentsText } from './request'
import type { Session } from './session'
import type { GuardedSubject } from './validation/guard'

/*
 * The rules of `kinds`, applied to what is written to documents. What is no document or no text is passed on as it is, for
 * the core to refuse.
 */

/** The data of a new document, as they are to be stored. */
export async function admitNew(session: Session, fields: { id?: unknown; kind?: unknown; data?: unknown }): Promise<unknown> {
  const guard = session.guards.documents
  const subject = subjectOf(fields.id, fields.kind)
  return guard.guards(subject.kind) ? guard.admit(fields.data, subject) : fields.data
}

/** The data that replace a document's. */
export async function admitReplacement(
  session: Session,
  id: unknown,
  data: unknown,
  options?: CallOptions,
): Promise<unknown> {
  const guard = session.guards.documents
  if (data === undefined || guard.isEmpty) return data
  const subject = subjectOf(id, guard.dependsOnName ? (await read(session, id, options))?.kind : undefined)
  return guard.guards(subject.kind) ? guard.admit(data, subject) : data
}

/** Arguments of `patchStream`. */
interface PatchFields {
  readonly id: unknown
  readonly with: unknown
  readonly expectedVersion: unknown
}

/**
 * Applies a merge patch (RFC 7396) to a document's data: what is checked is the outcome, so the document must not change
 * in between. When it does, everything is done anew, unless the caller named a version.
 */
export async function patchGuarded(session: Session, fields: PatchFields, options?: CallOptions): Promise<unknown> {
  const guard = session.guards.documents
  const write = (patch: unknown, expectedVersion = fields.expectedVersion) =>
    session.call('patchStream', argumentsText({ ...fields, with: patch, expectedVersion }), options)
  if (guard.isEmpty) return write(fields.with)
  let document = await read(session, fields.id, options)
  const subject = subjectOf(fields.id, document?.kind)
  if (!document || !guard.guards(subject.kind)) return write(fields.with)
  const patch = guard.sanitize(fields.with, subject)
  while (document) {
    const { version } = document.metadata
    const expectedVersion = fields.expectedVersion ?? version
    const merged = mergePatch(document.data, patch)
    const data = await guard.check(merged, subject.kind)
    try {
      if (data === merged) return await write(patch, expectedVersion)
      return await session.call('updateStream', argumentsText({ id: fields.id, data, expectedVersion }), options)
    } catch (thrown) {
      const isOurs = thrown instanceof StreamConflictError && thrown.expectedVersion === version
      if (!isOurs || fields.expectedVersion !== undefined) throw thrown
    }
    document = await read(session, fields.id, options)
  }
  return write(patch)
}

export type GuardedDocument = Pick<Stream, 'kind' | 'data' | 'metadata'>

export async function read(session: Session, id: unknown, options?: CallOptions): Promise<GuardedDocument | null> {
  return (await session.call('getStream', argumentsText({ id }), options)) as GuardedDocument | null
}

export const subjectOf = (id: unknown, kind: unknown): GuardedSubject => ({
  subject: 'document',
  ...(typeof kind === 'string' && { kind }),
  ...(typeof id === 'string' && { id }),
})

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7396. Shares with both what it can; the depth is that of what the core takes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) merged.delete(key)
    else if (change !== undefined) merged.set(key, mergePatch(merged.get(key), change))
  }
  return Object.fromEntries(merged)
}
