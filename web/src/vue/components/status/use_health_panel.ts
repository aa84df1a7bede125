import { shallowRef } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { Session } from '../../../services/session'

/** A panel that checks the health whenever it is opened. */
export function useHealthPanel(session: Session) {
  const open = shallowRef(false)
  const busy = shallowRef(false)
  const error = shallowRef<KurrentLiteError | null>(null)

  async function toggle(): Promise<void> {
    open.value = !open.value
    if (!open.value) return
    busy.value = true
    error.value = null
    try {
      await session.kurrentdb.checkHealth()
    } catch (thrown) {
      error.value = toKurrentLiteError(thrown)
    } finally {
      busy.value = false
    }
  }

  return { open, busy, error, toggle }
}
