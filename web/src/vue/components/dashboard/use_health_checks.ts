import { onScopeDispose, ref, type Ref, shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { DatabaseHealth } from '../../../services/models'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'

/** Health checks of a session, whoever asked for them. */
export interface HealthChecks {
  /** The last one, `null` before the first. */
  readonly health: Readonly<ShallowRef<DatabaseHealth | null>>
  /** The last ones of the current environment, whoever asked for them, newest first. */
  readonly history: Readonly<ShallowRef<readonly DatabaseHealth[]>>
  readonly isChecking: Readonly<Ref<boolean>>
  /** Why the last check could not be made at all. */
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** Checks now. True when that could be done, whatever came of it. */
  check(): Promise<boolean>
}

/** Follows the health checks for as long as the caller's scope lives; `kept` of them, at most 100. */
export function useHealthChecks(session: Session = currentSession(), kept = 40): HealthChecks {
  const health = shallowRef(session.health)
  const history = shallowRef<readonly DatabaseHealth[]>(session.kurrentdb.healthHistory(kept))
  const isChecking = ref(false)
  const error = shallowRef<KurrentLiteError | null>(null)

  onScopeDispose(
    session.on('health', () => {
      health.value = session.health
      history.value = session.kurrentdb.healthHistory(kept)
    }),
  )

  async function check(): Promise<boolean> {
    if (isChecking.value) return false
    isChecking.value = true
    error.value = null
    try {
      await session.kurrentdb.checkHealth()
      return true
    } catch (thrown) {
      error.value = toKurrentLiteError(thrown)
      return false
    } finally {
      isChecking.value = false
    }
  }

  return { health: shallowReadonly(health), history: shallowReadonly(history), isChecking, error: shallowReadonly(error), check }
}
