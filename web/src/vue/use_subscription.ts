import {
  computed, type ComputedRef, type MaybeRefOrGetter, onScopeDispose, shallowReadonly, shallowRef, type ShallowRef, toValue,
  watch,
} from 'vue'
import type { EventType, Filter, ResolvedEvent } from '../client/types/index'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { EventFollower, type EventPlace, type FollowStatus } from './event_follower'
import { rendersOnServer } from './rendering'

/** Options of `useSubscription`. */
export interface UseSubscriptionOptions {
  /** After what to begin. @defaultValue `'start'`: with the first event */
  readonly from?: EventPlace
  /** Also fetch what link events point to. @defaultValue false */
  readonly resolveLinkTos?: boolean
  /** Which events of `$all` to follow, as the official client's `eventTypeFilter` and `streamNameFilter` make it. */
  readonly filter?: Filter
  /** Whether to begin at once, or with `resume()`. @defaultValue true */
  readonly immediate?: boolean
  /** Milliseconds before a broken connection is tried anew; about twice as long each further time. @defaultValue 250 */
  readonly retryDelay?: number
  /** @defaultValue the one of the current app */
  readonly session?: Session
}

/** A catch-up subscription, and how it goes. */
export interface UseSubscription<E extends EventType = EventType> {
  readonly status: Readonly<ShallowRef<FollowStatus>>
  /** Why it failed, or why it is being retried. */
  readonly error: Readonly<ShallowRef<Error | null>>
  /** Everything that was there has been handled; new events come as they are appended. */
  readonly caughtUp: ComputedRef<boolean>
  readonly lastEvent: Readonly<ShallowRef<ResolvedEvent<E> | null>>
  /** Events handled since it began, of this stream. */
  readonly count: Readonly<ShallowRef<number>>
  /** Up to where everything is handled: `from` of a subscription that is to go on here. */
  readonly checkpoint: Readonly<ShallowRef<EventPlace>>
  /** Stops until `resume`, which goes on behind the last event handled. */
  pause(): void
  /** Goes on, also when it failed: with the event whose handler threw. */
  resume(): void
}

/**
 * Follows a stream, or all streams as `'$all'`, for as long as the caller's scope lives: the events that are there, then
 * those to come. Another name begins anew, and so does another environment; nothing is followed while it is empty. When
 * the connection breaks it goes on behind the last event handled. The next event waits for a promise of `onEvent`; when
 * `onEvent` throws, `status` is `failed`. Does nothing while rendering on a server.
 *
 * ```ts
 * const { caughtUp, count, lastEvent } = useSubscription<OrderEvent>('$ce-order', ({ event }) => show(event))
 * ```
 */
export function useSubscription<E extends EventType = EventType>(
  stream: MaybeRefOrGetter<string | null | undefined>,
  onEvent: (event: ResolvedEvent<E>) => unknown,
  options: UseSubscriptionOptions = {},
): UseSubscription<E> {
  const { from = 'start', immediate = true, retryDelay = 250, session = currentSession(), resolveLinkTos, filter } = options
  const status = shallowRef<FollowStatus>('idle')
  const error = shallowRef<Error | null>(null)
  const lastEvent = shallowRef<ResolvedEvent<E> | null>(null)
  const count = shallowRef(0)
  const checkpoint = shallowRef<EventPlace>(from)
  let follower: EventFollower | undefined
  let isWanted = immediate

  function begin(name: string | null | undefined): void {
    follower?.stop()
    follower = undefined
    lastEvent.value = null
    count.value = 0
    checkpoint.value = from
    error.value = null
    status.value = name && !isWanted ? 'paused' : 'idle'
    if (!name) return
    const target = {
      stream: name, from, retryDelay,
      ...(resolveLinkTos !== undefined && { resolveLinkTos }),
      ...(filter && { filter }),
    }
    follower = new EventFollower(session.client, target, {
      event: (event) => handle(event as ResolvedEvent<E>),
      status: (now, reason) => {
        status.value = now
        error.value = reason
      },
      checkpoint: (place) => (checkpoint.value = place),
    })
    if (isWanted) follower.start()
  }

  function handle(event: ResolvedEvent<E>): unknown {
    const note = (): void => {
      lastEvent.value = event
      count.value += 1
    }
    const outcome = onEvent(event)
    if (typeof (outcome as PromiseLike<unknown> | undefined)?.then === 'function') {
      return (outcome as PromiseLike<unknown>).then(note)
    }
    note()
  }

  if (!rendersOnServer()) {
    const environment = useEnvironment(session, () => {
      if (follower?.status === 'retrying' && session.connection.isConnected) follower.start()
    })
    watch([() => toValue(stream), environment], ([name]) => begin(name), { immediate: true })
    onScopeDispose(() => follower?.stop())
  }
  return {
    status: shallowReadonly(status),
    error: shallowReadonly(error),
    caughtUp: computed(() => status.value === 'live'),
    lastEvent: shallowReadonly(lastEvent),
    count: shallowReadonly(count),
    checkpoint: shallowReadonly(checkpoint),
    pause: () => {
      isWanted = false
      follower?.pause()
    },
    resume: () => {
      isWanted = true
      if (follower && ['idle', 'paused', 'failed', 'retrying'].includes(follower.status)) follower.start()
    },
  }
}

/** The environment whose events the session's client has, followed; a client of one's own has but one. */
export function useEnvironment(session: Session, onConnection: () => void = () => undefined): ShallowRef<string> {
  const read = (): string => (session.options.client ? '' : session.environment)
  const environment = shallowRef(read())
  const stop = session.on('connection', () => {
    environment.value = read()
    onConnection()
  })
  onScopeDispose(stop)
  return environment
}
