import type { ShallowRef } from 'vue'
import type { CallOptions, SyncStatus } from '../services/models'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { useSessionValue } from './composables'

/** What `useSync` gives. */
export interface UseSync {
  readonly status: Readonly<ShallowRef<SyncStatus>>
  /** No sync begins by itself until `resume`. Concerns the session, not only this component. */
  pause(): void
  resume(): void
  /** Syncs now. */
  now(options?: CallOptions): Promise<SyncStatus>
}

/** The regular sync of a session (of the current app's, unless given), followed while the caller's scope lives. */
export function useSync(session: Session = currentSession()): UseSync {
  const { sync } = session
  return {
    status: useSessionValue(session, 'sync', () => sync.status),
    pause: () => sync.pause(),
    resume: () => sync.resume(),
    now: (options) => sync.now(options),
  }
}
