/** Events in linear memory; the layout is described in bindings/event_codec.hpp. */

import type { StoredEvent } from './core'
import { failure } from './failure'
import { hostBytes, randomBytes16, textDecoder, textEncoder } from './environment'

const REQUEST_HEADER = 32
const REQUEST_EVENT = 40
const PAGE_HEADER = 32
const PAGE_EVENT = 48
const JSON_DATA = 1
const METADATA_IS_TEXT = 2
const DATA_IS_TEXT = 4
const IS_LINK = 8
const LEADS_NOWHERE = 16
const METADATA_IS_VALUE = 32
const DATA_IS_VALUE = 64

/** `PageFlags` in bindings/event_codec.hpp. */
export const enum PageFlag {
  More = 1,
  CaughtUp = 2,
  Checkpoint = 4,
  Ended = 8,
  HasPlace = 16,
}

/** The state a stream is expected to be in, as the request has it. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint

/** An event ready to cross: JSON as the text that `JSON.stringify` makes, everything else as bytes. */
export interface OutgoingEvent {
  readonly id?: string
  readonly type: string
  readonly data: string | Uint8Array
  readonly metadata: string | Uint8Array
  /** @defaultValue true when `data` is text */
  readonly isJson?: boolean
  /** Milliseconds since 1970; absent: now. */
  readonly created?: number
}

/** The bytes of an append request, and a function that writes it once there is room for it. */
export function appendRequest(stream: string, expected: Expected, events: readonly OutgoingEvent[]) {
  let text = stream
  let binaryBytes = 0
  for (const { type, metadata, data } of events) {
    text += type
    if (typeof metadata === 'string') text += metadata
    else binaryBytes += metadata.length
    if (typeof data === 'string') text += data
    else binaryBytes += data.length
  }
  const fixedBytes = REQUEST_HEADER + events.length * REQUEST_EVENT
  // UTF-8 takes at most 3 bytes a UTF-16 unit.
  const size = fixedBytes + text.length * 3 + binaryBytes

  const write = (heap: Uint8Array, address: number) => {
    const view = new DataView(heap.buffer, address, size)
    const textBytes = textEncoder.encodeInto(text, heap.subarray(address + fixedBytes, address + size)).written
    const tag = expected === 'any' ? 0 : expected === 'no_stream' ? 1 : expected === 'stream_exists' ? 2 : 3
    view.setUint32(0, events.length, true)
    view.setUint32(4, tag, true)
    view.setBigUint64(8, typeof expected === 'bigint' ? expected : 0n, true)
    view.setUint32(16, stream.length, true)
    view.setUint32(20, textBytes, true)
    view.setUint32(24, binaryBytes, true)
    let row = REQUEST_HEADER
    let binary = address + fixedBytes + textBytes
    for (const { id, type, metadata, data, isJson, created = 0 } of events) {
      writeId(heap, address + row, id)
      view.setUint32(row + 16, type.length, true)
      view.setUint32(row + 20, metadata.length, true)
      view.setUint32(row + 24, data.length, true)
      const isText = typeof data === 'string'
      const flags = (isJson ?? isText ? JSON_DATA : 0) | (isText ? DATA_IS_TEXT : 0)
      view.setUint32(row + 28, flags | (typeof metadata === 'string' ? METADATA_IS_TEXT : 0), true)
      view.setFloat64(row + 32, created, true)
      row += REQUEST_EVENT
      for (const part of [metadata, data]) {
        if (typeof part === 'string') continue
        heap.set(part, binary)
        binary += part.length
      }
    }
  }
  return { size, write }
}

function writeId(heap: Uint8Array, at: number, id: string | undefined): void {
  if (id === undefined) {
    heap.set(randomId(), at)
    return
  }
  let seen = 0
  let digit = 0
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) seen |= id[digit++] === '-' ? 0 : NO_DIGIT
    const high = DIGITS[id.charCodeAt(digit)] ?? NO_DIGIT
    const low = DIGITS[id.charCodeAt(digit + 1)] ?? NO_DIGIT
    seen |= high | low
    heap[at + i] = (high << 4) | low
    digit += 2
  }
  if (seen > 15 || id.length !== 36) throw failure('InvalidArgument', `The event id "${id}" is no UUID.`)
  if (seen === 0) throw failure('InvalidArgument', 'The event id must not be the UUID of zeros.')
}

const NO_DIGIT = 16
/** Hexadecimal digits by their character codes. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(value) ? NO_DIGIT : value
})

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

/** Reads the page at `address`. JSON is parsed here, all of it at once. */
export function readPage(heap: Uint8Array, address: number, names: Names): EventPage {
  const view = new DataView(heap.buffer, address)
  const count = view.getUint32(0, true)
  const jsonBytes = view.getUint32(4, true)
  const end = PAGE_HEADER + count * PAGE_EVENT
  const json = textDecoder.decode(heap.subarray(address + end, address + end + jsonBytes))
  const values = JSON.parse(json) as unknown[]
  const events: ResolvedStoredEvent[] = []
  let valueAt = 0
  let binaryAt = address + end + jsonBytes
  for (let row = PAGE_HEADER; row < end; row += PAGE_EVENT) {
    const flags = view.getUint32(row + 40, true)
    const id = values[valueAt++] as string
    let metadata: unknown
    if ((flags & METADATA_IS_VALUE) !== 0) {
      metadata = values[valueAt++]
    } else {
      const length = view.getUint32(row + 32, true)
      if (length > 0) metadata = otherMetadata(heap.slice(binaryAt, (binaryAt += length)), (flags & METADATA_IS_TEXT) !== 0)
    }
    let data: unknown
    if ((flags & DATA_IS_VALUE) !== 0) {
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
    if ((flags & IS_LINK) === 0) {
      events.push({ event, commitPosition: position })
    } else if ((flags & LEADS_NOWHERE) !== 0) {
      events.push({ link: event, commitPosition: position })
    } else {
      const target = events[events.length - 1]!
      events[events.length - 1] = { event: target.event!, link: event, commitPosition: position }
    }
  }
  return {
    events, flags: view.getUint32(12, true), place: view.getBigUint64(16, true), now: view.getFloat64(24, true),
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

/** The bytes of a random (version 4) UUID; good until the next call. */
function randomId(): Uint8Array {
  const bytes = randomBytes16()
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

/** A random (version 4) UUID as text. */
export function newEventId(): string {
  return uuidText(randomId(), 0)
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function uuidText(heap: Uint8Array, at: number): string {
  const h = (i: number) => HEX[heap[at + i]!]!
  return (
    h(0) + h(1) + h(2) + h(3) + '-' + h(4) + h(5) + '-' + h(6) + h(7) + '-' + h(8) + h(9) + '-' +
    h(10) + h(11) + h(12) + h(13) + h(14) + h(15)
  )
}
