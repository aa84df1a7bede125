/** Filters of `$all`. */

import type { EVENT_TYPE, STREAM_NAME } from '../constants'
import type { Position } from './core'
import type { AllStreamSubscription } from './streams'

/** What a filter looks at. */
export type FilterOn = typeof EVENT_TYPE | typeof STREAM_NAME

/** Called at each checkpoint of a subscription, and awaited before the next event. */
export type CheckpointReached = (subscription: AllStreamSubscription, position: Position) => Promise<void> | void

/** What all filters share. */
export interface FilterBase {
  filterOn: FilterOn
  /** A checkpoint after so many search windows; above 0. @defaultValue 1, by the helpers */
  checkpointInterval: number
  /** Called at each checkpoint, and awaited before the next event. Store the position to go on from there later. */
  checkpointReached?: CheckpointReached
  /** Events looked at, kept or not, that make a search window; above 0. @defaultValue 32 */
  maxSearchWindow?: number
}

/** Keeps what the expression matches anywhere. */
export interface RegexFilter extends FilterBase {
  /** In the database's dialect, which is .NET's. */
  regex: string
}

/** Keeps what begins with any of the prefixes. */
export interface PrefixesFilter extends FilterBase {
  prefixes: string[]
}

export type Filter = RegexFilter | PrefixesFilter
