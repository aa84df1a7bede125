import { computed, type ComputedRef, type MaybeRefOrGetter, onScopeDispose, shallowReadonly, shallowRef, type ShallowRef, toValue } from 'vue'
import type { Stream } from '../services/models'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { rendersOnServer } from './rendering'
import { useStream } from './use_stream'

/**
 * The acting user, followed for as long as the caller's scope lives: `anonymous` when nobody is signed in, `null` when the
 * program itself acts, which may do everything.
 */
export function useActingUser(session: Session = currentSession()): Readonly<ShallowRef<string | null>> {
  const user = shallowRef(session.user)
  if (!rendersOnServer()) onScopeDispose(session.on('user', () => (user.value = session.user)))
  return shallowReadonly(user)
}

/** What the acting user may do with a document. */
export interface UseAccess {
  readonly canRead: ComputedRef<boolean>
  readonly canWrite: ComputedRef<boolean>
  /** Change permissions, transfer and delete. */
  readonly canAdmin: ComputedRef<boolean>
}

/**
 * What the acting user may do with a document, or with the document that has the id; followed. Without a document,
 * nothing. It is for buttons to show: the services refuse by themselves.
 *
 * ```ts
 * const { data: document } = useStream(() => props.id)
 * const { canWrite } = useAccess(document)
 * ```
 */
export function useAccess(
  document: MaybeRefOrGetter<string | Stream<any> | null | undefined>,
  session: Session = currentSession(),
): UseAccess {
  const user = useActingUser(session)
  const { data } = useStream(
    () => {
      const given = toValue(document)
      return typeof given === 'string' ? given : null
    },
    { session },
  )
  const known = computed(() => {
    const given = toValue(document)
    return typeof given === 'string' ? data.value : given
  })
  const may = (...levels: (keyof Stream['permissions'])[]): ComputedRef<boolean> =>
    computed(() => known.value != null && mayBeDone(known.value, user.value, levels))
  return {
    canRead: may('admin', 'write', 'read'),
    canWrite: may('admin', 'write'),
    canAdmin: may('admin'),
  }
}

/** As the core decides; see services/access.cpp. */
function mayBeDone({ metadata, permissions }: Stream, user: string | null, levels: (keyof Stream['permissions'])[]): boolean {
  if (user === null || user === metadata.owner) return true
  return levels.some((level) => permissions[level].some((each) => each === '*' || each === user))
}
