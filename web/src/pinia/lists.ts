import type { Stream, StreamFilter, StreamPage, UserStream } from '../services/models'
import type { Session } from '../services/session'

/** The most that the core hands out at once. */
const pageSize = 1000

/** The page that `filter` asks for; without a limit, every matching document from its offset on. */
export async function loadPage(session: Session, filter: StreamFilter): Promise<StreamPage> {
  if (filter.limit !== undefined) return session.streams.list(filter)
  const first = await session.streams.list({ ...filter, limit: pageSize })
  const items = first.items
  while (first.offset + items.length < first.total) {
    const page = await session.streams.list({ ...filter, offset: first.offset + items.length, limit: pageSize })
    if (page.items.length === 0) break
    items.push(...page.items)
  }
  return { ...first, items, limit: items.length }
}

/** Documents in the database, whatever the filter that made `page`. */
export async function countStreams(session: Session, filter: StreamFilter, page: StreamPage): Promise<number> {
  const { status, owner, tags, search } = filter
  const isFiltered = status !== undefined || owner !== undefined || (tags?.length ?? 0) > 0 || Boolean(search)
  return isFiltered ? (await session.streams.list({ limit: 1 })).total : page.total
}

/** Whether `filter` asks for every document that is not deleted, in order of creation. */
export function isPlain({ sort = 'createdAt', descending = false, ...conditions }: StreamFilter): boolean {
  const given = Object.values(conditions).filter((value) => value !== undefined && value !== '')
  return sort === 'createdAt' && !descending && given.every((value) => Array.isArray(value) && value.length === 0)
}

/** A plain list with `document` in its place: in the order of creation, then of ids, as the core has it. */
export function withDocument<T>(documents: readonly Stream<T>[], document: Stream<T>): Stream<T>[] {
  const others = withoutDocument(documents, document.id)
  let place = others.length
  while (place > 0 && isBefore(document, others[place - 1]!)) place -= 1
  others.splice(place, 0, document)
  return others
}

export const withoutDocument = <T>(documents: readonly Stream<T>[], id: string): Stream<T>[] =>
  documents.filter((each) => each.id !== id)

function isBefore(a: Stream, b: Stream): boolean {
  const [at, bt] = [a.metadata.createdAt.getTime(), b.metadata.createdAt.getTime()]
  return at === bt ? a.id < b.id : at < bt
}

/** `users` with `user` in the place of what was stored under the same key; `undefined` when nothing was. */
export function withUser(users: readonly UserStream[], user: UserStream): UserStream[] | undefined {
  const isSame = (each: UserStream): boolean =>
    each.userId === user.userId && each.type === user.type && each.category === user.category
  return users.some(isSame) ? users.map((each) => (isSame(each) ? user : each)) : undefined
}

export const userStreamIdentity = ({ userId, type, category, version, updatedAt, isPublic }: UserStream): string =>
  JSON.stringify([userId, type, category ?? null, version, updatedAt.getTime(), isPublic])
