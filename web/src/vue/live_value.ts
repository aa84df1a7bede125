import { onScopeDispose, shallowRef, type ShallowRef, watch } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../services/errors'
import { Refresh } from '../services/refresh'
import type { Session, SessionEvent } from '../services/session'
import { loadBeforeRendering, rendersOnServer } from './rendering'

/** How a value is read and followed. */
export interface LiveSource<K, T> {
  /** What to read; nothing is read while it is `undefined`. Followed by Vue. */
  readonly key: () => K | undefined
  /** Called before another key is read. */
  readonly keyChanged?: () => void
  readonly read: (key: K) => Promise<T>
  /** What it is before the first answer, and without a key. */
  readonly empty: T
  /** Events of the session after which it is read anew. */
  readonly events: readonly SessionEvent[]
  /** How long it rests between readings in the background, see `RefreshPace`. */
  readonly rest?: number
}

/** A value, and how its reading goes. */
export interface LiveValue<T> {
  readonly data: ShallowRef<T>
  /** Why it could not be read last, `null` when it could. `data` stays what it was. */
  readonly error: ShallowRef<KurrentLiteError | null>
  /** True while it is being read for the first time, or for another key. */
  readonly isLoading: ShallowRef<boolean>
  /** Reads it now. */
  refresh(): Promise<void>
  /** What is being read is no longer wanted: something newer is known. */
  overtake(value: T): void
}

/**
 * Follows a value for as long as the caller's scope lives: read anew when its key changes, after events of the session, one
 * reading at a time, and from nothing when another user acts. On a server it is read once, before the component is rendered.
 */
export function useLiveValue<K, T>(session: Session, source: LiveSource<K, T>): LiveValue<T> {
  const data = shallowRef(source.empty) as ShallowRef<T>
  const error = shallowRef<KurrentLiteError | null>(null)
  const isLoading = shallowRef(false)
  const onServer = rendersOnServer()
  let key: K | undefined
  let asked = 0
  let stopped = false

  async function read(): Promise<void> {
    if (key === undefined || stopped) return
    const call = ++asked
    const outcome = await source.read(key).then(
      (value) => ({ value }),
      (thrown: unknown) => ({ thrown }),
    )
    if (call !== asked || stopped) return
    isLoading.value = false
    if ('value' in outcome) data.value = outcome.value
    error.value = 'value' in outcome ? null : toKurrentLiteError(outcome.thrown)
  }
  const refreshing = new Refresh(read, { mayWait: !onServer, ...(source.rest !== undefined && { rest: source.rest }) })

  function change(next: K | undefined): Promise<void> {
    key = next
    source.keyChanged?.()
    asked += 1
    if (next === undefined) data.value = source.empty
    error.value = null
    isLoading.value = next !== undefined
    return next === undefined ? Promise.resolve() : refreshing.run()
  }

  if (onServer) {
    loadBeforeRendering(() => change(source.key()))
  } else {
    watch(source.key, (next) => void change(next), { immediate: true, deep: true })
    const stops = source.events.map((event) => session.on(event, () => refreshing.runInBackground()))
    // What one user may see is not for the next.
    const forget = (): void => {
      data.value = source.empty
      void change(key)
    }
    stops.push(session.on('user', forget))
    onScopeDispose(() => {
      stopped = true
      refreshing.cancel()
      for (const stop of stops) stop()
    })
  }
  return {
    data,
    error,
    isLoading,
    refresh: () => refreshing.run(),
    overtake: (value) => {
      asked += 1
      isLoading.value = false
      error.value = null
      data.value = value
    },
  }
}
