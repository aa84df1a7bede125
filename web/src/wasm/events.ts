/** Events in linear memory; the layout is described in bindings/event_codec.hpp. */

import type { StoredEvent } from './core'
import { randomBytes16, textDecoder, textEncoder } from './environment'

const REQUEST_HEADER = 32
const REQUEST_EVENT = 40
const PAGE_HEADER = 16
const PAGE_EVENT = 64
const JSON_DATA = 1
const METADATA_IS_TEXT = 2
const DATA_IS_TEXT = 4

/** The state a stream is expected to be in, as the request has it. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint

/** An event ready to cross: JSON as text, everything else as bytes. */
export interface OutgoingEvent {
  readonly id?: string
  readonly type: string
  readonly data: string | Uint8Array
  readonly metadata: string | Uint8Array
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
    for (const { id, type, metadata, data, created = 0 } of events) {
      writeId(heap, address + row, id)
      view.setUint32(row + 16, type.length, true)
      view.setUint32(row + 20, metadata.length, true)
      view.setUint32(row + 24, data.length, true)
      const jsonFlags = typeof data === 'string' ? JSON_DATA | DATA_IS_TEXT : 0
      view.setUint32(row + 28, jsonFlags | (typeof metadata === 'string' ? METADATA_IS_TEXT : 0), true)
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
  const digits = id.replaceAll('-', '')
  for (let i = 0; i < 16; i++) heap[at + i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
}

/** Names of streams and event types by their numbers, asked for once each. */
export interface Names {
  stream(id: number): string
  type(id: number): string
}

export interface EventPage {
  readonly events: StoredEvent[]
  /** The page was cut short; there is more to read. */
  readonly more: boolean
}

/** Reads the page at `address`. JSON is parsed here, once. */
export function readPage(heap: Uint8Array, address: number, names: Names): EventPage {
  const view = new DataView(heap.buffer, address)
  const count = view.getUint32(0, true)
  const textBytes = view.getUint32(4, true)
  const textStart = address + PAGE_HEADER + count * PAGE_EVENT
  const text = textDecoder.decode(heap.subarray(textStart, textStart + textBytes))
  const events: StoredEvent[] = []
  let textAt = 0
  let binaryAt = textStart + textBytes
  const cut = (isText: boolean, length: number): string | Uint8Array => {
    if (isText) return text.slice(textAt, (textAt += length))
    return heap.slice(binaryAt, (binaryAt += length))
  }
  for (let row = PAGE_HEADER; events.length < count; row += PAGE_EVENT) {
    const flags = view.getUint32(row + 56, true)
    const isJson = (flags & JSON_DATA) !== 0
    const metadata = cut((flags & METADATA_IS_TEXT) !== 0, view.getUint32(row + 48, true))
    const data = cut((flags & DATA_IS_TEXT) !== 0, view.getUint32(row + 52, true))
    const position = view.getBigUint64(row + 32, true)
    events.push({
      streamId: names.stream(view.getUint32(row, true)),
      id: uuidText(heap, address + row + 8),
      revision: view.getBigUint64(row + 24, true),
      type: names.type(view.getUint32(row + 4, true)),
      data: isJson ? parseData(data) : data,
      metadata: parseMetadata(metadata),
      isJson,
      created: new Date(view.getFloat64(row + 40, true)),
      position: { commit: position, prepare: position },
    })
  }
  return { events, more: view.getUint32(12, true) !== 0 }
}

/** JSON that does not parse comes back as the text it is. */
function parseData(data: string | Uint8Array): unknown {
  const text = typeof data === 'string' ? data : textDecoder.decode(data)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Absent when empty, a JSON value where it is one, bytes otherwise. */
function parseMetadata(metadata: string | Uint8Array): unknown {
  if (metadata.length === 0) return undefined
  const text = typeof metadata === 'string' ? metadata : textDecoder.decode(metadata)
  try {
    return JSON.parse(text)
  } catch {
    return typeof metadata === 'string' ? textEncoder.encode(metadata) : metadata
  }
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
