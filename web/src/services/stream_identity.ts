import type { Stream } from './models'

/** Two documents with the same answer are equal: each event on a document's stream makes a version of its own. */
export const streamIdentity = ({ id, status, metadata }: Stream): string =>
  `${metadata.version}/${metadata.createdAt.getTime()}/${metadata.updatedAt.getTime()}/${status}/${id}`

/** `next`, with the objects of `previous` where nothing changed, so that components render only what did. */
export function keepUnchanged<T>(previous: readonly T[], next: readonly T[], identify: (item: T) => string): T[] {
  const known = new Map(previous.map((item) => [identify(item), item]))
  return next.map((item) => known.get(identify(item)) ?? item)
}
