import { ref } from 'vue'
import type { Database, Session } from '@/features/kurrentDB'

/** Tells that events were written to the session's present database. */
export function useEventLog(session: Session) {
  /** One more after each change; many appends in a row are one. */
  const changes = ref(0)

  let database: Database | undefined
  let stop: (() => void) | undefined
  let isPlanned = false

  function noteSoon(): void {
    if (isPlanned) return
    isPlanned = true
    setTimeout(() => {
      isPlanned = false
      changes.value++
    })
  }

  /** Follows the session's present database. */
  async function attach(): Promise<void> {
    const present = await session.openDatabase()
    if (present !== database) {
      stop?.()
      database = present
      stop = present.onAppend(noteSoon)
    }
    changes.value++
  }

  return { changes, attach, noteSoon }
}
