import { onScopeDispose, readonly, ref, type Ref, shallowRef, type ShallowRef } from 'vue'
import { Refresh } from '../../../services/refresh'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { Session, SessionEvent } from '../../../services/session'

/** Something read from the database, and read again when it may have changed. */
export interface Loaded<T> {
  readonly value: Readonly<ShallowRef<T>>
  /** Why it could not be read last; `value` then stays what it was. */
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** It was read at least once. */
  readonly isLoaded: Readonly<Ref<boolean>>
  /** Reads it anew; resolves when that is done, also without success. */
  reload(): Promise<void>
}

/**
 * Follows what `load` answers: read now and after each of `events`, for as long as the caller's scope lives. Events in
 * quick succession share a reading. Nothing is read while rendering on a server.
 */
export function useLoaded<T>(session: Session, events: readonly SessionEvent[], load: () => Promise<T>, empty: T): Loaded<T> {
  const value = shallowRef(empty) as ShallowRef<T>
  const error = shallowRef<KurrentLiteError | null>(null)
  const isLoaded = ref(false)
  const onPage = 'document' in globalThis
  let isOver = false

  const refresh = new Refresh(async () => {
    try {
      const found = await load()
      if (isOver) return
      value.value = found
      error.value = null
      isLoaded.value = true
    } catch (thrown) {
      if (!isOver) error.value = toKurrentLiteError(thrown)
    }
  }, true)

  if (onPage) {
    const stops = events.map((event) => session.on(event, () => refresh.runInBackground()))
    void refresh.run()
    onScopeDispose(() => {
      isOver = true
      refresh.cancel()
      for (const stop of stops) stop()
    })
  }
  return { value, error, isLoaded: readonly(isLoaded), reload: () => refresh.run() }
}
