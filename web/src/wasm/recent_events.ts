import type { StoredEvent } from './core'
import { PAGE_EVENT, PAGE_HEADER, addRow, readPageHeader, type EventPage, type ResolvedStoredEvent } from './events'

/** So many events are remembered, of pages that are no larger: what is new goes to subscribers in small pages. */
const EVENTS_MAX = 64

/**
 * What subscribers got last. The next one gets copies, which takes a fraction of the time of reading it out of linear memory
 * again. Good for one content of one database.
 */
export class RecentEvents {
  private readonly events = new Map<number, StoredEvent>()
  private shared: { readonly rows: readonly number[]; readonly events: ResolvedStoredEvent[] } | undefined

  /**
   * The page at `address` for those who do not mind to get the same objects as others, which are frozen. `read` reads it when
   * it is not the page that the one before got.
   */
  share(heap: Uint8Array, address: number, read: () => EventPage): EventPage {
    const view = new DataView(heap.buffer, address)
    const rows: number[] = [view.getUint32(0, true)]
    const end = PAGE_HEADER + rows[0]! * PAGE_EVENT
    for (let row = PAGE_HEADER; row < end; row += PAGE_EVENT) rows.push(positionOf(view, row), view.getUint32(row + 40, true))
    const { shared } = this
    if (shared !== undefined && shared.rows.length === rows.length && shared.rows.every((each, i) => each === rows[i])) {
      return { events: shared.events, ...readPageHeader(view) }
    }
    const page = read()
    for (const each of page.events) freeze(each)
    if (rows[0]! <= EVENTS_MAX) this.shared = { rows, events: page.events }
    return page
  }

  /** The page at `address`; undefined when any of its events is not remembered. */
  read(heap: Uint8Array, address: number): EventPage | undefined {
    const view = new DataView(heap.buffer, address)
    const count = view.getUint32(0, true)
    if (count === 0 || count > EVENTS_MAX) return undefined
    const events: ResolvedStoredEvent[] = []
    for (let i = 0, row = PAGE_HEADER; i < count; i++, row += PAGE_EVENT) {
      const known = this.events.get(positionOf(view, row))
      if (known === undefined) return undefined
      addRow(events, copyOf(known), view.getUint32(row + 40, true))
    }
    return { events, ...readPageHeader(view) }
  }

  /** Remembers the events of a page, and answers the page with copies of them. */
  remember(page: EventPage): EventPage {
    if (page.events.length === 0 || page.events.length > EVENTS_MAX / 2) return page
    const kept = ({ event, link, commitPosition }: ResolvedStoredEvent): ResolvedStoredEvent => ({
      ...(event && { event: this.keep(event) }),
      ...(link && { link: this.keep(link) }),
      commitPosition,
    })
    return { ...page, events: page.events.map(kept) }
  }

  private keep(event: StoredEvent): StoredEvent {
    // Bytes are handed out as they are.
    if (!event.isJson || ArrayBuffer.isView(event.metadata) || ArrayBuffer.isView(event.data)) return event
    this.events.set(Number(event.position.commit), event)
    for (const [oldest] of this.events) {
      if (this.events.size <= EVENTS_MAX) break
      this.events.delete(oldest)
    }
    return copyOf(event)
  }
}

function positionOf(view: DataView, row: number): number {
  return view.getUint32(row + 16, true) + view.getUint32(row + 20, true) * 2 ** 32
}

/** With everything in it, but for bytes and what a Date holds, which cannot be. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}

function copyOf(event: StoredEvent): StoredEvent {
  const { commit, prepare } = event.position
  return {
    ...event,
    data: copyOfValue(event.data),
    metadata: copyOfValue(event.metadata),
    created: new Date(event.created.getTime()),
    position: { commit, prepare },
  }
}

/** Of what JSON can hold. */
function copyOfValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOfValue)
  const copy = { ...(value as Record<string, unknown>) }
  for (const key in copy) {
    const part = copy[key]
    if (typeof part === 'object' && part !== null) copy[key] = copyOfValue(part)
  }
  return copy
}
