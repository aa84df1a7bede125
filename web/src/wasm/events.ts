/** Events in linear memory; the layout is described in bindings/event_codec.hpp. */

import type { StoredEvent } from './core'
import { hostBytes, textDecoder } from './environment'
import type { ShapeDecoder } from './shape_code/decoder'

/** Bytes before the rows of a page, and of each row. */
export const PAGE_HEADER = 32
export const PAGE_EVENT = 48
const JSON_DATA = 1
const METADATA_IS_TEXT = 2
const DATA_IS_TEXT = 4
const IS_LINK = 8
const LEADS_NOWHERE = 16
const METADATA_IS_VALUE = 32
const DATA_IS_VALUE = 64
const METADATA_IS_SHAPED = 128
const DATA_IS_SHAPED = 256

/** `PageFlags` in bindings/event_codec.hpp. */
export const enum PageFlag {
  More = 1,
  CaughtUp = 2,
  Checkpoint = 4,
  Ended = 8,
  HasPlace = 16,
}

/** Names of streams and event types by their numbers, asked for once each. */
export interface Names {
  stream(id: number): string
  type(id: number): string
}

/** An event with the link that led to it, as a reader gets them. */
export interface ResolvedStoredEvent {
  event?: StoredEvent
  link?: StoredEvent
  commitPosition: bigint
}

export interface EventPage {
  readonly events: ResolvedStoredEvent[]
  /** `PageFlags` in bindings/event_codec.hpp. */
  readonly flags: number
  /** Where the next page begins; of a subscription: what was considered last. */
  readonly place: bigint
  /** Milliseconds since 1970 by the database's clock; subscriptions only. */
  readonly now: number
}

/**
 * Text of shape code is decoded so many bytes at a time, of whole events: strings cut from it keep all of it alive, and a
 * single letter beyond Latin doubles it.
 */
const TEXT_BYTES = 4096

/** Reads the page at `address`. JSON is parsed here, all of it at once. */
export function readPage(heap: Uint8Array, address: number, names: Names, shapes: ShapeDecoder): EventPage {
  const view = new DataView(heap.buffer, address)
  const count = view.getUint32(0, true)
  const jsonBytes = view.getUint32(4, true)
  const tagBytes = view.getUint32(8, true)
  const end = PAGE_HEADER + count * PAGE_EVENT
  const json = textDecoder.decode(heap.subarray(address + end, address + end + jsonBytes))
  const values = JSON.parse(json) as unknown[]
  const events: ResolvedStoredEvent[] = []
  let valueAt = 0
  let binaryAt = address + end + jsonBytes + tagBytes
  let textAt = binaryAt
  let textRow = PAGE_HEADER // up to here, text is decoded
  if (tagBytes > 0) {
    shapes.readTags(heap, binaryAt - tagBytes)
    for (let row = PAGE_HEADER; row < end; row += PAGE_EVENT) binaryAt += view.getUint32(row + 44, true)
  }
  for (let row = PAGE_HEADER; row < end; row += PAGE_EVENT) {
    const flags = view.getUint32(row + 40, true)
    const id = values[valueAt++] as string
    if ((flags & (METADATA_IS_SHAPED | DATA_IS_SHAPED)) !== 0 && row >= textRow) {
      let size = 0
      do {
        size += view.getUint32(textRow + 44, true)
        textRow += PAGE_EVENT
      } while (textRow < end && size + view.getUint32(textRow + 44, true) <= TEXT_BYTES)
      shapes.readText(textDecoder.decode(heap.subarray(textAt, (textAt += size))))
    }
    let metadata: unknown
    if ((flags & METADATA_IS_SHAPED) !== 0) {
      metadata = shapes.value()
    } else if ((flags & METADATA_IS_VALUE) !== 0) {
      metadata = values[valueAt++]
    } else {
      const length = view.getUint32(row + 32, true)
      if (length > 0) metadata = otherMetadata(heap.slice(binaryAt, (binaryAt += length)), (flags & METADATA_IS_TEXT) !== 0)
    }
    let data: unknown
    if ((flags & DATA_IS_SHAPED) !== 0) {
      data = shapes.value()
    } else if ((flags & DATA_IS_VALUE) !== 0) {
      data = values[valueAt++]
    } else {
      const bytes = heap.slice(binaryAt, (binaryAt += view.getUint32(row + 36, true)))
      data = (flags & JSON_DATA) === 0 ? hostBytes(bytes) : otherData(textDecoder.decode(bytes), (flags & DATA_IS_TEXT) !== 0)
    }
    const position = view.getBigUint64(row + 16, true)
    const event: StoredEvent = {
      streamId: names.stream(view.getUint32(row, true)),
      id,
      revision: view.getBigUint64(row + 8, true),
      type: names.type(view.getUint32(row + 4, true)),
      data,
      metadata,
      isJson: (flags & JSON_DATA) !== 0,
      created: new Date(view.getFloat64(row + 24, true)),
      position: { commit: position, prepare: position },
    }
    addRow(events, event, flags)
  }
  return { events, ...readPageHeader(view) }
}

/** What a page says of itself. */
export function readPageHeader(view: DataView): Omit<EventPage, 'events'> {
  return { flags: view.getUint32(12, true), place: view.getBigUint64(16, true), now: view.getFloat64(24, true) }
}

/** Adds the event of a row: by itself, or as the link that led to the one before. */
export function addRow(events: ResolvedStoredEvent[], event: StoredEvent, flags: number): void {
  const commitPosition = event.position.commit
  if ((flags & IS_LINK) === 0) {
    events.push({ event, commitPosition })
  } else if ((flags & LEADS_NOWHERE) !== 0) {
    events.push({ link: event, commitPosition })
  } else {
    const target = events[events.length - 1]!
    events[events.length - 1] = { event: target.event!, link: event, commitPosition }
  }
}

/** What is said to be JSON and is none for the core: deeper than it looks, perhaps, or else the text it is. */
function otherData(text: string, isText: boolean): unknown {
  try {
    return isText ? JSON.parse(text) : text
  } catch {
    return text
  }
}

function otherMetadata(bytes: Uint8Array, isText: boolean): unknown {
  try {
    if (isText) return JSON.parse(textDecoder.decode(bytes))
  } catch {
    // No JSON: bytes.
  }
  return hostBytes(bytes)
}

