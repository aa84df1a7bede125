import { onScopeDispose, shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import type { DatabaseConnection, DatabaseHealth } from '../services/models'
import type { Session, SessionEvent } from '../services/session'
import { currentSession } from './app_session'

/**
 * The connection of a session (of the current app's, unless given), followed for as long as the caller's scope lives.
 */
export function useConnection(session: Session = currentSession()): Readonly<ShallowRef<DatabaseConnection>> {
  return useSessionValue(session, 'connection', () => session.connection)
}

/** The outcome of the last health check, followed likewise; `null` before the first. */
export function useHealth(session: Session = currentSession()): Readonly<ShallowRef<DatabaseHealth | null>> {
  return useSessionValue(session, 'health', () => session.health)
}

/** The last health checks in the current environment, newest first, at most 100; followed likewise. */
export function useHealthHistory(
  session: Session = currentSession(),
): Readonly<ShallowRef<readonly DatabaseHealth[]>> {
  return useSessionValue(session, 'health', () => session.kurrentdb.healthHistory())
}

/** A value of the session that an event tells of; for the composables of this folder. */
export function useSessionValue<T>(session: Session, event: SessionEvent, read: () => T): Readonly<ShallowRef<T>> {
  const value = shallowRef(read())
  onScopeDispose(session.on(event, () => (value.value = read())))
  return shallowReadonly(value)
}
