/** Filters of `$all`, made as `@kurrent/kurrentdb-client` makes them. */

import { EVENT_TYPE, STREAM_NAME } from './constants'

export type FilterOn = typeof EVENT_TYPE | typeof STREAM_NAME

export interface Position {
  commit: bigint
  prepare: bigint
}

/** What all filters share. */
export interface FilterBase {
  /** What the filter looks at. */
  filterOn: FilterOn
  /** Events looked at before a finite read pauses. @defaultValue 32 */
  maxSearchWindow?: number
  /** A checkpoint after so many search windows. @defaultValue 1 */
  checkpointInterval: number
  /** Called at each checkpoint; awaited before the next event. */
  checkpointReached?: (subscription: unknown, position: Position) => Promise<void> | void
}
/** Keeps what the expression matches anywhere. */
export interface RegexFilter extends FilterBase {
  regex: string
}
/** Keeps what begins with any of the prefixes. */
export interface PrefixesFilter extends FilterBase {
  prefixes: string[]
}
export type Filter = RegexFilter | PrefixesFilter

type Shared = Partial<Omit<FilterBase, 'filterOn'>>
export type FilterOptions = (Shared & { regex: string }) | (Shared & { prefixes: string[] })

/** Filters by stream name. */
export function streamNameFilter(options: FilterOptions): Filter {
  return filter(STREAM_NAME, options)
}

/** Filters by event type. */
export function eventTypeFilter(options: FilterOptions): Filter {
  return filter(EVENT_TYPE, options)
}

/** Leaves out events whose type begins with `$`. */
export function excludeSystemEvents(options: Shared = {}): Filter {
  return eventTypeFilter({ ...options, regex: '^[^$].*' })
}

function filter(filterOn: FilterOn, { checkpointInterval = 1, checkpointReached, ...rest }: FilterOptions): Filter {
  return { filterOn, checkpointInterval, checkpointReached, ...rest } as Filter
}
