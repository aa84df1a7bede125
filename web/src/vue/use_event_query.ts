import {
  type MaybeRefOrGetter, onScopeDispose, shallowReadonly, shallowRef, type ShallowRef, toValue, watch,
} from 'vue'
import type { EventType, ResolvedEvent } from '../client/types/index'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { EventFollower } from './event_follower'
import { EventPages, type EventQuery } from './event_pages'
import { loadBeforeRendering, rendersOnServer } from './rendering'
import { useEnvironment } from './use_subscription'

/** Options of `useEventQuery`; those of the query may be a ref or a getter. */
export interface UseEventQueryOptions {
  /**
   * Whether events that are appended later come by themselves: at the end of forward pages, once the last is shown; at the
   * beginning of backward ones that began at the end. @defaultValue false
   */
  readonly live?: boolean
  /** @defaultValue the one of the current app */
  readonly session?: Session
}

/** Events of a stream, page after page. */
export interface UseEventQuery<E extends EventType = EventType> {
  /** Those of the pages shown, in the direction of the query. */
  readonly data: Readonly<ShallowRef<readonly ResolvedEvent<E>[]>>
  readonly error: Readonly<ShallowRef<Error | null>>
  readonly isLoading: Readonly<ShallowRef<boolean>>
  readonly hasMore: Readonly<ShallowRef<boolean>>
  /** Shows one page more; without one nothing happens. */
  next(): Promise<void>
  /** Begins anew, with the first page. */
  refresh(): Promise<void>
}

/**
 * Reads a stream, or all streams as `'$all'`; a stream that does not exist has no events. Another name or query begins
 * anew; nothing is read while the name is empty. On a server the first page is read before the component is rendered.
 *
 * ```ts
 * const { data, hasMore, next } = useEventQuery('$all', { direction: 'backwards', limit: 20 }, { live: true })
 * ```
 */
export function useEventQuery<E extends EventType = EventType>(
  stream: MaybeRefOrGetter<string | null | undefined>,
  query: MaybeRefOrGetter<EventQuery> = {},
  { live = false, session = currentSession() }: UseEventQueryOptions = {},
): UseEventQuery<E> {
  const data = shallowRef<ResolvedEvent<E>[]>([])
  const error = shallowRef<Error | null>(null)
  const isLoading = shallowRef(false)
  const hasMore = shallowRef(false)
  const onServer = rendersOnServer()
  let pages: EventPages | undefined
  let follower: EventFollower | undefined
  let reading: Promise<void> | undefined

  function begin(): Promise<void> {
    const name = toValue(stream)
    follower?.stop()
    follower = undefined
    pages = name ? new EventPages(session.client, name, toValue(query)) : undefined
    reading = undefined
    data.value = []
    error.value = null
    hasMore.value = false
    isLoading.value = pages !== undefined
    return read()
  }

  /** One page at a time. */
  function read(): Promise<void> {
    return (reading ??= readPage(pages))
  }

  async function readPage(current: EventPages | undefined): Promise<void> {
    if (!current) return
    isLoading.value = true
    const outcome = await current.next().then(
      (events) => ({ events }),
      (thrown: unknown) => ({ thrown }),
    )
    if (current !== pages) return
    reading = undefined
    isLoading.value = false
    if ('thrown' in outcome) {
      error.value = outcome.thrown instanceof Error ? outcome.thrown : new Error(String(outcome.thrown))
      hasMore.value = true
      return
    }
    error.value = null
    hasMore.value = current.hasMore
    if (outcome.events.length > 0) data.value = [...data.value, ...(outcome.events as ResolvedEvent<E>[])]
    if (live && !onServer && !follower) follow(current)
  }

  function follow(current: EventPages): void {
    const { where, filter, resolveLinkTos, from, limit: _limit } = toValue(query)
    const isBackwards = current.isBackwards
    if (isBackwards ? from !== undefined && from !== 'end' : current.hasMore) return
    const target = {
      stream: toValue(stream)!, from: current.newest, retryDelay: 250,
      ...(filter && { filter }),
      ...(resolveLinkTos !== undefined && { resolveLinkTos }),
    }
    let arrived: ResolvedEvent<E>[] = []
    const show = (): void => {
      const events = arrived
      arrived = []
      if (current === pages) data.value = isBackwards ? [...events.reverse(), ...data.value] : [...data.value, ...events]
    }
    follower = new EventFollower(session.client, target, {
      event: (event) => {
        if (where?.(event) === false) return
        arrived.push(event as ResolvedEvent<E>)
        if (arrived.length === 1) queueMicrotask(show)
      },
      status: (_status, reason) => (error.value = reason),
    })
    follower.start()
  }

  if (onServer) {
    loadBeforeRendering(begin)
  } else {
    const environment = useEnvironment(session)
    watch([() => toValue(stream), () => ({ ...toValue(query) }), environment], () => void begin(), {
      immediate: true,
      deep: true,
    })
    onScopeDispose(() => {
      follower?.stop()
      pages = undefined
    })
  }
  return {
    data: shallowReadonly(data),
    error: shallowReadonly(error),
    isLoading: shallowReadonly(isLoading),
    hasMore: shallowReadonly(hasMore),
    next: () => (hasMore.value ? read() : Promise.resolve()),
    refresh: begin,
  }
}
