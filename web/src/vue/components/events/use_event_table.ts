import { computed, type ComputedRef, type MaybeRefOrGetter, ref, type Ref, shallowRef, type ShallowRef, toValue, watch } from 'vue'
import { eventTypeFilter, streamNameFilter } from '../../../client/filters'
import type { ResolvedEvent } from '../../../client/types/index'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'
import { ALL_STREAMS, type EventPlace } from '../../event_follower'
import { type EventQuery, placeOf } from '../../event_pages'
import { useEventQuery } from '../../use_event_query'
import { useEnvironment } from '../../use_subscription'
import { shownEvent, type ShownEvent } from './shown_event'

/** Which events of a stream to show. */
export interface EventTableFilter {
  /** Part of a stream's name, in `$all`; capitals do not matter. */
  readonly stream: string
  /** Part of an event's type; capitals do not matter. */
  readonly type: string
  /** Also events of the database itself, whose types begin with `$`. */
  readonly system: boolean
  readonly newestFirst: boolean
}

/** Everything but system events, newest first. */
export const everyEvent: EventTableFilter = { stream: '', type: '', system: false, newestFirst: true }

export interface EventTableOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** A stream, or all of them. @defaultValue `'$all'` */
  readonly stream?: MaybeRefOrGetter<string | null | undefined>
  /** @defaultValue a filter of its own */
  readonly filter?: Ref<EventTableFilter>
  /** Events on a page, from 1. @defaultValue 50 */
  readonly pageSize?: MaybeRefOrGetter<number | undefined>
  /** Also fetch what link events point to. @defaultValue false */
  readonly resolveLinkTos?: MaybeRefOrGetter<boolean | undefined>
}

/** One page of events. */
export interface EventTable {
  readonly filter: Ref<EventTableFilter>
  /** Those of the page; while another page is read, those of the one before. */
  readonly events: Readonly<ShallowRef<readonly ShownEvent[]>>
  /** Zero-based. How many pages there are is not known before one comes to the last. */
  readonly page: ComputedRef<number>
  readonly hasNext: ComputedRef<boolean>
  readonly isFiltered: ComputedRef<boolean>
  readonly isLoading: Readonly<Ref<boolean>>
  readonly isLoaded: Readonly<Ref<boolean>>
  readonly error: Readonly<ShallowRef<Error | null>>
  /** Types seen so far, in order, as suggestions. */
  readonly types: Readonly<ShallowRef<readonly string[]>>
  change(changes: Partial<EventTableFilter>): void
  /** Shows everything; the order stays. */
  clear(): void
  next(): void
  previous(): void
  first(): void
  refresh(): Promise<void>
}

/** So many pages of new events are kept before the page is read anew. */
const keptPages = 20
const keptTypes = 200

/**
 * Events of a stream or of `$all`, one page at a time, for as long as the caller's scope lives. Only that page is kept. New
 * events show by themselves: newest first on the first page, oldest first on the last.
 */
export function useEventTable(options: EventTableOptions = {}): EventTable {
  const session = options.session ?? currentSession()
  const filter = options.filter ?? ref(everyEvent)
  const stream = () => (options.stream === undefined ? ALL_STREAMS : toValue(options.stream))
  const pageSize = () => Math.max(1, Math.floor(toValue(options.pageSize) ?? 50))
  /** Behind which events the pages after the first begin. */
  const starts = shallowRef<readonly EventPlace[]>([])

  const query = computed(() => ({
    ...eventQuery(stream() ?? '', filter.value, starts.value.at(-1)),
    limit: pageSize(),
    ...(toValue(options.resolveLinkTos) && { resolveLinkTos: true }),
  }))
  const { data, error, hasMore, isLoading, refresh } = useEventQuery(stream, query, { live: true, session })

  const shown = shallowRef<readonly ResolvedEvent[]>([])
  const isLoaded = ref(false)
  const types = shallowRef<readonly string[]>([])
  watch(
    [data, isLoading, error],
    () => {
      if (isLoading.value || error.value) return
      shown.value = data.value.slice(0, pageSize())
      isLoaded.value = true
      noteTypes()
      if (data.value.length > pageSize() * keptPages) void refresh()
    },
    { immediate: true, flush: 'sync' },
  )
  watch([filter, stream, pageSize, useEnvironment(session)], () => (starts.value = []), { flush: 'sync' })

  function noteTypes(): void {
    const known = new Set(types.value)
    for (const event of shown.value) known.add(shownEvent(event)?.type ?? '')
    known.delete('')
    if (known.size > types.value.length) types.value = [...known].slice(-keptTypes).sort((a, b) => a.localeCompare(b))
  }

  function next(): void {
    const last = shown.value.at(-1)
    const place = last && placeOf(last, stream() ?? '')
    if (place !== undefined && !isLoading.value) starts.value = [...starts.value, place]
  }

  const change = (changes: Partial<EventTableFilter>): void => void (filter.value = { ...filter.value, ...changes })
  return {
    filter,
    events: computed(() => shown.value.flatMap((event) => shownEvent(event) ?? [])),
    page: computed(() => starts.value.length),
    hasNext: computed(() => hasMore.value || data.value.length > shown.value.length),
    isFiltered: computed(() => filter.value.stream.trim() !== '' || filter.value.type.trim() !== ''),
    isLoading,
    isLoaded,
    error,
    types,
    change,
    clear: () => change({ stream: '', type: '' }),
    next,
    previous: () => void (starts.value = starts.value.slice(0, -1)),
    first: () => void (starts.value = []),
    refresh,
  }
}

/** The database takes one filter for `$all`; what is left is looked at here. */
export function eventQuery(stream: string, wanted: EventTableFilter, after?: EventPlace): EventQuery {
  const type = wanted.type.trim()
  const name = wanted.stream.trim()
  const direction = wanted.newestFirst ? 'backwards' : 'forwards'
  const conditions: ((event: ResolvedEvent) => boolean)[] = []
  // Pages begin with the event that the one before ended with.
  if (after !== undefined) conditions.push((event) => !isSame(placeOf(event, stream), after))
  const typeHolds = (event: ResolvedEvent): boolean => {
    const found = shownEvent(event)?.type ?? ''
    return (wanted.system || !found.startsWith('$')) && contains(found, type)
  }
  const looksAtTypes = type !== '' || !wanted.system

  let filter: EventQuery['filter']
  if (stream !== ALL_STREAMS) {
    if (looksAtTypes) conditions.push(typeHolds)
  } else if (name !== '') {
    filter = streamNameFilter({ regex: anyCase(name) })
    if (looksAtTypes) conditions.push(typeHolds)
  } else if (type !== '') {
    filter = eventTypeFilter({ regex: anyCase(type) })
    if (!wanted.system) conditions.push(typeHolds)
  } else if (!wanted.system) {
    filter = eventTypeFilter({ regex: '^[^$]' })
  }
  return {
    direction,
    ...(after !== undefined && { from: after }),
    ...(filter && { filter }),
    ...(conditions.length > 0 && { where: (event: ResolvedEvent) => conditions.every((holds) => holds(event)) }),
  }
}

const contains = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase())
/** In the words that every dialect of regular expressions has. */
const anyCase = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)

function isSame(a: EventPlace | undefined, b: EventPlace): boolean {
  if (typeof a === 'object' && typeof b === 'object') return a.commit === b.commit && a.prepare === b.prepare
  return a === b
}
