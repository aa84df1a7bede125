import { ref, shallowRef, triggerRef } from 'vue'
import type { Database, Session, StoredEvent } from '@/features/kurrentDB'

/** A page of the log; the browser gets to breathe between two of them. */
const pageSize = 1000
/** Older events are left out of the views (not out of the database). */
const keptEvents = 20_000

/** The database's log of all events as a list that follows every append. */
export function useEventLog(session: Session) {
  const events = shallowRef<StoredEvent[]>([])
  /** How many events the database holds. */
  const size = ref(0)

  let database: Database | undefined
  let stop: (() => void) | undefined
  let lastSeen: bigint | undefined
  let reading: Promise<void> | undefined

  /** Follows the session's present database. */
  async function attach(): Promise<void> {
    const present = await session.openDatabase()
    if (present !== database) {
      stop?.()
      database = present
      stop = present.onAppend(readSoon)
    }
    await reload()
  }

  async function reload(): Promise<void> {
    await reading
    events.value = []
    lastSeen = undefined
    await (reading = read())
  }

  let isPlanned = false
  /** Many appends in a row are read at once. */
  function readSoon(): void {
    if (isPlanned) return
    isPlanned = true
    setTimeout(async () => {
      await reading
      isPlanned = false
      reading = read()
    })
  }

  async function read(): Promise<void> {
    const from = database
    if (!from) return
    // After a reset positions begin anew.
    if (lastSeen !== undefined && from.head() < lastSeen) {
      events.value = []
      lastSeen = undefined
    }
    for (;;) {
      const page = from.readAllEvents({ ...(lastSeen !== undefined && { after: lastSeen }), maxCount: pageSize })
      const last = page.at(-1)
      if (last) {
        lastSeen = last.position.commit
        events.value = [...events.value, ...page].slice(-keptEvents)
      }
      size.value = from.statistics().totalEvents
      if (page.length < pageSize) break
      await new Promise((resolve) => setTimeout(resolve))
      if (from !== database) return
    }
    triggerRef(events)
  }

  return { events, size, attach, reload }
}
