/** Stream names with a meaning to the database. */

/** Begins with `$`: reserved for the database and its administration. */
export function isSystemStream(streamName: string): boolean {
  return streamName.startsWith('$')
}

/** Begins with `$$`: holds the metadata of the stream named by the rest. */
export function isMetastream(streamName: string): boolean {
  return streamName.startsWith('$$')
}

/** The stream that holds the metadata of `streamName`. */
export function metastreamOf(streamName: string): string {
  return `$$${streamName}`
}

/** The stream that the metastream `metastreamName` describes; the name is not checked. */
export function originalStreamOf(metastreamName: string): string {
  return metastreamName.slice(2)
}
