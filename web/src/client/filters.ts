/** Filters of `$all`, made as `@kurrent/kurrentdb-client` makes them. */

import { EVENT_TYPE, STREAM_NAME } from './constants'
import type { CheckpointReached, FilterOn, PrefixesFilter, RegexFilter } from './types/filters'

interface FilterOptionsBase {
  /** A checkpoint after so many search windows; above 0. @defaultValue 1 */
  checkpointInterval?: number
  /** Called at each checkpoint, and awaited before the next event. Store the position to go on from there later. */
  checkpointReached?: CheckpointReached
  /** Events looked at, kept or not, that make a search window; above 0. @defaultValue 32 */
  maxSearchWindow?: number
}
interface RegexOptions extends FilterOptionsBase {
  /** Keeps what it matches anywhere; in the database's dialect, which is .NET's. */
  regex: string
}
interface PrefixesOptions extends FilterOptionsBase {
  /** Keeps what begins with any of them. */
  prefixes: string[]
}
/** What the filter helpers take. */
export type FilterOptions = RegexOptions | PrefixesOptions

interface FilterMaker {
  (options: RegexOptions): RegexFilter
  (options: PrefixesOptions): PrefixesFilter
}

/** Filters by stream name. */
export const streamNameFilter: FilterMaker = (options: FilterOptions) => filter(STREAM_NAME, options)

/** Filters by event type. */
export const eventTypeFilter: FilterMaker = (options: FilterOptions) => filter(EVENT_TYPE, options)

/** Leaves out events whose type begins with `$`. */
export const excludeSystemEvents = (options: Omit<RegexOptions, 'regex'> = {}): RegexFilter =>
  eventTypeFilter({ regex: '^[^$].*', ...options })

/** Has the keys in the official order, and only those. */
function filter(
  filterOn: FilterOn,
  { checkpointInterval = 1, checkpointReached, maxSearchWindow, ...options }: FilterOptions,
): RegexFilter & PrefixesFilter {
  return {
    filterOn,
    checkpointInterval,
    checkpointReached,
    ...('regex' in options && { regex: options.regex }),
    ...('prefixes' in options && { prefixes: options.prefixes }),
    ...(maxSearchWindow != null && { maxSearchWindow }),
  } as RegexFilter & PrefixesFilter
}
