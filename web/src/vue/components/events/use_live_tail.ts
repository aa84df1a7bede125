import {
  computed, type ComputedRef, type MaybeRefOrGetter, onScopeDispose, shallowReadonly, shallowRef, type ShallowRef, toValue,
  watch,
} from 'vue'
import type { ResolvedEvent } from '../../../client/types/index'
import type { Session } from '../../../services/session'
import { after } from '../../../services/timers'
import { currentSession } from '../../app_session'
import { ALL_STREAMS, EventFollower, type FollowStatus } from '../../event_follower'
import { EventPages } from '../../event_pages'
import { rendersOnServer } from '../../rendering'
import { useEnvironment } from '../../use_subscription'
import { shownEvent, type ShownEvent } from './shown_event'
import { eventQuery, everyEvent } from './use_event_table'

/** What a tail shows: an event, or that events between its neighbours were left out. */
export type TailEntry =
  | { readonly kind: 'event'; readonly key: string; readonly event: ShownEvent }
  | { readonly kind: 'gap'; readonly key: string; readonly skipped: number }

export interface LiveTailOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** A stream, or all of them. @defaultValue `'$all'` */
  readonly stream?: MaybeRefOrGetter<string | null | undefined>
  /** Part of an event's type; capitals do not matter. @defaultValue every type */
  readonly type?: MaybeRefOrGetter<string | undefined>
  /** Also events of the database itself, whose types begin with `$`. @defaultValue false */
  readonly system?: MaybeRefOrGetter<boolean | undefined>
  /** Events kept, from 1. @defaultValue 200 */
  readonly limit?: number
  /** Events of the past to begin with, `limit` at most. @defaultValue 20 */
  readonly history?: number
}

/** The newest events, as they come. */
export interface LiveTail {
  /** Newest first, `limit` events at most. */
  readonly entries: Readonly<ShallowRef<readonly TailEntry[]>>
  /** How the following goes; also while it is paused. */
  readonly status: Readonly<ShallowRef<FollowStatus>>
  readonly error: Readonly<ShallowRef<Error | null>>
  readonly isPaused: Readonly<ShallowRef<boolean>>
  /** Events that came while it is paused. */
  readonly waiting: Readonly<ShallowRef<number>>
  /** Events that were never shown: more came at once, or while it was paused, than are kept. */
  readonly skipped: Readonly<ShallowRef<number>>
  /** Nothing has come yet, and nothing is being read. */
  readonly isEmpty: ComputedRef<boolean>
  /** Lets the entries stand; events go on to come and wait, `limit` of them. */
  pause(): void
  /** Shows what waits, and goes on; also when the following failed. */
  resume(): void
  /** Forgets the entries, not what waits. */
  clear(): void
}

/** Events are shown in batches, so that many of them do not keep the page from answering. */
const batchMs = 50

/**
 * Follows a stream or `$all` from now on, for as long as the caller's scope lives, and keeps the last events. What cannot be
 * kept is counted: a gap stands where it was. Does nothing while rendering on a server.
 */
export function useLiveTail(options: LiveTailOptions = {}): LiveTail {
  const session = options.session ?? currentSession()
  const limit = Math.max(1, Math.floor(options.limit ?? 200))
  const history = Math.min(limit, Math.max(0, Math.floor(options.history ?? 20)))
  const stream = () => (options.stream === undefined ? ALL_STREAMS : toValue(options.stream))

  const entries = shallowRef<readonly TailEntry[]>([])
  const status = shallowRef<FollowStatus>('idle')
  const error = shallowRef<Error | null>(null)
  const isPaused = shallowRef(false)
  const waiting = shallowRef(0)
  const skipped = shallowRef(0)
  let follower: EventFollower | undefined
  let began = 0
  let keys = 0
  /** What is not shown yet, oldest first, and how many before it could not be kept. */
  let arrived: ShownEvent[] = []
  let lost = 0
  let cancelShow: (() => void) | undefined

  function take(event: ShownEvent | undefined): void {
    if (!event) return
    arrived.push(event)
    if (arrived.length > limit) {
      arrived.shift()
      lost += 1
    }
    if (isPaused.value) waiting.value += 1
    else cancelShow ??= after(batchMs, show)
  }

  function show(): void {
    cancelShow?.()
    cancelShow = undefined
    const fresh: TailEntry[] = arrived.reverse().map((event) => ({ kind: 'event', key: `${++keys}`, event }))
    if (lost > 0) fresh.push({ kind: 'gap', key: `${++keys}`, skipped: lost })
    skipped.value += lost
    arrived = []
    lost = 0
    waiting.value = 0
    if (fresh.length > 0) entries.value = newest([...fresh, ...entries.value], limit)
  }

  function forget(): void {
    follower?.stop()
    follower = undefined
    cancelShow?.()
    cancelShow = undefined
    arrived = []
    lost = 0
    waiting.value = 0
    skipped.value = 0
    entries.value = []
    error.value = null
    status.value = 'idle'
  }

  async function begin(): Promise<void> {
    const call = ++began
    forget()
    const name = stream()
    if (!name) return
    const query = eventQuery(name, { ...everyEvent, type: toValue(options.type) ?? '', system: toValue(options.system) ?? false })
    const holds = (event: ResolvedEvent): boolean => query.where?.(event) !== false
    status.value = 'connecting'
    let past: EventPages | undefined
    if (history > 0) {
      past = new EventPages(session.client, name, { ...query, limit: history })
      try {
        const events = await past.next()
        if (call !== began) return
        for (const event of events.reverse()) take(shownEvent(event))
        if (!isPaused.value) show()
      } catch (thrown) {
        if (call !== began) return
        error.value = thrown instanceof Error ? thrown : new Error(String(thrown))
        status.value = 'failed'
        return
      }
    }
    const { filter } = query
    const target = { stream: name, from: past ? past.newest : ('end' as const), retryDelay: 250, ...(filter && { filter }) }
    follower = new EventFollower(session.client, target, {
      event: (event) => {
        if (holds(event)) take(shownEvent(event))
      },
      status: (now, reason) => {
        status.value = now
        error.value = reason
      },
    })
    follower.start()
  }

  if (!rendersOnServer()) {
    const environment = useEnvironment(session, () => {
      if (follower?.status === 'retrying' && session.connection.isConnected) follower.start()
    })
    watch([stream, () => toValue(options.type), () => toValue(options.system), environment], () => void begin(), {
      immediate: true,
    })
    onScopeDispose(() => {
      began += 1
      forget()
    })
  }

  return {
    entries: shallowReadonly(entries),
    status: shallowReadonly(status),
    error: shallowReadonly(error),
    isPaused: shallowReadonly(isPaused),
    waiting: shallowReadonly(waiting),
    skipped: shallowReadonly(skipped),
    isEmpty: computed(() => entries.value.length === 0 && status.value === 'live'),
    pause: () => {
      if (arrived.length > 0) show()
      isPaused.value = true
    },
    resume: () => {
      isPaused.value = false
      show()
      if (status.value !== 'failed') return
      if (follower) follower.start()
      else void begin()
    },
    clear: () => (entries.value = []),
  }
}

/** The first entries with as many events as are kept; a gap at the end says nothing. */
function newest(entries: readonly TailEntry[], limit: number): TailEntry[] {
  const kept: TailEntry[] = []
  let events = 0
  for (const entry of entries) {
    if (entry.kind === 'event' && ++events > limit) break
    kept.push(entry)
  }
  if (events > limit && kept.at(-1)?.kind === 'gap') kept.pop()
  return kept
}
