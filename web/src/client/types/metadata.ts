/** What is stored about a stream: limits, rights, and whatever users add. */

import type { END, START } from '../constants'

/** Users and groups by right. A right that is absent is decided by the database's defaults. */
export interface StreamACL {
  /** Who may read the stream. */
  readRoles?: string[]
  /** Who may append to the stream. */
  writeRoles?: string[]
  /** Who may delete the stream. */
  deleteRoles?: string[]
  /** Who may read the stream's metadata. */
  metaReadRoles?: string[]
  /** Who may set the stream's metadata. */
  metaWriteRoles?: string[]
}

/** The metadata that the database obeys. */
export interface SystemStreamMetadata {
  /** Hides events older than this, in seconds. */
  maxAge?: number
  /** Hides events before this revision. START and END are accepted by the types only: writing them fails. */
  truncateBefore?: typeof START | typeof END | number
  /** How long the last events may be cached, in seconds. */
  cacheControl?: number
  acl?: StreamACL
  /** Hides all but so many of the last events. */
  maxCount?: number
}

export type CustomStreamMetadata = Record<string | number, unknown>

/** Metadata that the database obeys, and the user's own. */
export type StreamMetadata<CustomMetadata extends CustomStreamMetadata = CustomStreamMetadata> = SystemStreamMetadata &
  CustomMetadata

/** What is known about a stream; only its name when no metadata was set. */
export interface GetStreamMetadataResult<CustomMetadata extends CustomStreamMetadata = CustomStreamMetadata> {
  streamName: string
  metadata?: StreamMetadata<CustomMetadata>
  /** The commit position of the metadata event: what the official client puts here. */
  metastreamRevision?: bigint
}
