import { type EffectScope, effectScope, type MaybeRefOrGetter, toValue, watch } from 'vue'
import type { Session } from '../services/session'

/** A session asks for the user before each operation; what is shown must not wait for one. Ends with the current scope. */
export function followUser(session: Session, user: MaybeRefOrGetter<string | null | undefined>): void {
  watch(
    () => toValue(user),
    () => session.refreshUser(),
    { flush: 'sync' },
  )
}

/** The same in a scope of its own, for who must not import Vue; what changed until now counts, too. */
export function startFollowing(session: Session, user: MaybeRefOrGetter<string | null | undefined>): EffectScope {
  const scope = effectScope(true)
  scope.run(() => followUser(session, user))
  session.refreshUser()
  return scope
}
