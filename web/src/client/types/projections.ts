/** Projections: what they are and how they do. */

import type * as constants from '../constants'

/** What a projection is doing. */
export type ProjectionStatus =
  | typeof constants.CREATING
  | typeof constants.LOADING
  | typeof constants.LOADED
  | typeof constants.PREPARING
  | typeof constants.PREPARED
  | typeof constants.STARTING
  | typeof constants.LOADING_STOPPED
  | typeof constants.RUNNING
  | typeof constants.STOPPING
  | typeof constants.ABORTING
  | typeof constants.STOPPED
  | typeof constants.COMPLETED
  | typeof constants.ABORTED
  | typeof constants.FAULTED
  | typeof constants.DELETING

/** What its reader is doing, when that is told apart. */
export type ProcessingStatus = typeof constants.PAUSED | typeof constants.WRITING_RESULTS | typeof constants.STOPPED | ''

/** Which engine runs a projection. */
export type ProjectionEngineVersion = typeof constants.PROJECTION_ENGINE_V1 | typeof constants.PROJECTION_ENGINE_V2

/** How a projection does. */
export interface ProjectionDetails {
  /** Time spent in the query, in milliseconds. */
  coreProcessingTime: bigint
  /** How often the query was updated. */
  version: bigint
  epoch: bigint
  effectiveName: string
  writesInProgress: number
  readsInProgress: number
  /** Partitions whose state is in memory. */
  partitionsCached: number
  /** `projectionStatus` and `processingStatus` in one text. */
  status: string
  projectionStatus: ProjectionStatus
  processingStatus: ProcessingStatus
  /** Why the projection failed, when it did. */
  stateReason: string
  name: string
  /** How far it has read, as text. */
  position: string
  /** How much of the input is done, in percent. */
  progress: number
  /** Where it would go on after a restart, as text. */
  lastCheckpoint: string
  eventsProcessedAfterRestart: bigint
  checkpointStatus: string
  /** Events read and not yet processed. */
  bufferedEvents: bigint
  writePendingEventsBeforeCheckpoint: number
  writePendingEventsAfterCheckpoint: number
}
