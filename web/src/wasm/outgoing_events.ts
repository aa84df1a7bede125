/** Events on their way into linear memory; the layout of a request is described in bindings/event_codec.hpp. */

import { textEncoder } from './environment'
import { writeId } from './event_ids'
import { ShapeDecoder } from './shape_code/decoder'
import { type CodeSink, ROOM, type ShapeEncoder } from './shape_code/encoder'
import { viewOf } from './view'

const REQUEST_HEADER = 32
const REQUEST_EVENT = 40
const JSON_DATA = 1
const METADATA_IS_TEXT = 2
const DATA_IS_TEXT = 4
const METADATA_IS_SHAPED = 128
const DATA_IS_SHAPED = 256
/** Numbers kept of an event: units of its type, length of metadata, length of data, flags. */
const ROW = 4
/** Text that is shorter is written letter by letter: a call of the encoder costs more. */
const SHORT_UNITS = 256

/** The state a stream is expected to be in, as the request has it. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint

/** Room for the bytes of events, shared by all that cross at once: nearly always one call's. */
let staging = new Uint8Array(4 * ROOM)
let owner: OutgoingEvents | undefined
/** Of a call that is over, for the next one. */
let idle: OutgoingEvents | undefined

/**
 * Events as they are when they are given, whatever becomes of the objects until they cross: for each `begin`, its metadata,
 * then its data, then `end`.
 */
export class OutgoingEvents implements CodeSink {
  bytes: Uint8Array = staging
  at = 0
  readonly parts: string[] = []
  partCount = 0
  units = 0
  encoder: ShapeEncoder | undefined
  private count = 0
  private readonly ids: (string | undefined)[] = []
  private readonly rows: number[] = []
  private created: number[] | undefined
  private flags = 0
  private type = ''
  private isShaped = false
  private isInValue = false

  private constructor() {}

  /** Without `encoder`, everything is JSON text or bytes. */
  static with(encoder?: ShapeEncoder): OutgoingEvents {
    const events = idle ?? new OutgoingEvents()
    idle = undefined
    events.encoder = encoder
    owner?.moveOut()
    owner = events
    events.bytes = staging
    return events
  }

  /** `created` in milliseconds since 1970; 0: now. Without `id` it gets a new one. */
  begin(id: string | undefined, type: string, created = 0): void {
    const { count } = this
    this.count = count + 1
    this.ids[count] = id
    this.type = type
    this.flags = 0
    this.rows[count * ROW] = type.length
    this.add(type)
    if (created !== 0) (this.created ??= [])[count] = created
  }

  /** Metadata or data that are a JSON value. False when they have to be given as what `JSON.stringify` answers. */
  value(value: unknown, isData: boolean): boolean {
    const { encoder, units } = this
    if (encoder === undefined || this.type.charCodeAt(0) === 36) return false
    this.makeRoom(ROOM)
    this.isInValue = true
    try {
      if (!encoder.write(value, this.type, isData, this)) return false
    } finally {
      this.isInValue = false
    }
    this.setLength(this.units - units, isData)
    this.flags |= isData ? DATA_IS_SHAPED : METADATA_IS_SHAPED
    this.isShaped = true
    return true
  }

  /** Metadata or data as JSON text, empty for none. */
  text(text: string, isData: boolean): void {
    this.setLength(text.length, isData)
    this.add(text)
    this.flags |= isData ? DATA_IS_TEXT : METADATA_IS_TEXT
  }

  /** Metadata or data that are bytes. */
  binary(bytes: Uint8Array, isData: boolean): void {
    this.setLength(bytes.length, isData)
    this.makeRoom(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  end(isJson: boolean): void {
    this.rows[this.count * ROW - 1] = this.flags | (isJson ? JSON_DATA : 0)
  }

  /** Bytes that `write` takes at most. */
  size(stream: string): number {
    // UTF-8 takes at most 3 bytes a UTF-16 unit.
    return REQUEST_HEADER + this.count * REQUEST_EVENT + (stream.length + this.units) * 3 + this.at
  }

  /** Writes the request at `address`. False when it cannot be written so: with half a character. See `asText`. */
  write(heap: Uint8Array, address: number, stream: string, expected: Expected): boolean {
    const { count, rows, ids, created } = this
    const textAt = address + REQUEST_HEADER + count * REQUEST_EVENT
    const textBytes = this.writeText(heap, textAt, stream)
    if (textBytes < 0) return false
    const view = viewOf(heap)
    const tag = expected === 'any' ? 0 : expected === 'no_stream' ? 1 : expected === 'stream_exists' ? 2 : 3
    view.setUint32(address, count, true)
    view.setUint32(address + 4, tag, true)
    if (tag === 3) view.setBigUint64(address + 8, expected as bigint, true)
    view.setUint32(address + 16, stream.length, true)
    view.setUint32(address + 20, textBytes, true)
    view.setUint32(address + 24, this.at, true)
    let row = address + REQUEST_HEADER
    for (let i = 0; i < count; i++, row += REQUEST_EVENT) {
      writeId(heap, row, ids[i])
      for (let j = 0; j < ROW; j++) view.setUint32(row + 16 + 4 * j, rows[i * ROW + j]!, true)
      view.setFloat64(row + 32, created?.[i] ?? 0, true)
    }
    copy(this.bytes, this.at, heap, textAt + textBytes)
    this.release()
    return true
  }

  /** The same events, all of shape code as JSON text. */
  asText(): OutgoingEvents {
    const { rows, ids, created, bytes } = this
    const other = OutgoingEvents.with()
    const text = this.joined()
    const decoder = new ShapeDecoder(this.encoder!.shapes)
    let from = 0
    let at = 0
    const part = (isData: boolean, length: number, flags: number) => {
      if ((flags & (isData ? DATA_IS_SHAPED : METADATA_IS_SHAPED)) !== 0) {
        decoder.readTags(bytes, at + 2)
        decoder.readText(text.substring(from, (from += length)))
        other.text(JSON.stringify(decoder.value()), isData)
        at += 2 + (bytes[at]! | (bytes[at + 1]! << 8))
      } else if ((flags & (isData ? DATA_IS_TEXT : METADATA_IS_TEXT)) !== 0) {
        other.text(text.substring(from, (from += length)), isData)
      } else {
        other.binary(bytes.subarray(at, (at += length)), isData)
      }
    }
    for (let i = 0; i < this.count; i++) {
      const [type, metadata, data, flags] = rows.slice(i * ROW, (i + 1) * ROW) as [number, number, number, number]
      other.begin(ids[i], text.substring(from, (from += type)), created?.[i])
      part(false, metadata, flags)
      part(true, data, flags)
      other.end((flags & JSON_DATA) !== 0)
    }
    return other
  }

  /** Answers the bytes of the text; -1 when half a character would become another one. */
  private writeText(heap: Uint8Array, at: number, stream: string): number {
    const units = stream.length + this.units
    if (units <= SHORT_UNITS && writeAscii(heap, at, stream, this.parts, this.partCount)) return units
    const text = stream + this.joined()
    const { written } = textEncoder.encodeInto(text, heap.subarray(at, at + units * 3))
    // All ASCII; or halves, each of them in a string of its own, perhaps, as if they belonged together.
    if (written === units || !this.isShaped || this.parts.every(isWellFormed)) return written
    return -1
  }

  private makeRoom(room: number): void {
    if (this.bytes.length - this.at < room) this.move(2 * (this.at + room))
  }

  private joined(): string {
    this.parts.length = this.partCount
    return this.parts.join('')
  }

  private add(part: string): void {
    this.parts[this.partCount++] = part
    this.units += part.length
  }

  private setLength(length: number, isData: boolean): void {
    this.rows[this.count * ROW - (isData ? 2 : 3)] = length
  }

  /** Leaves the shared room to others. */
  private moveOut(): void {
    // In the middle of a value when somebody's `toJSON` appends.
    this.bytes = this.bytes.slice(0, this.isInValue ? this.at + ROOM : this.at)
    owner = undefined
  }

  /** It has crossed. */
  private release(): void {
    if (owner === this) owner = undefined
    // What would be kept alive is bounded.
    if (this.units > 65_536 || this.count > 1024) return
    this.at = this.partCount = this.units = this.count = 0
    this.created = undefined
    this.isShaped = false
    idle = this
  }

  private move(size: number): void {
    const bytes = new Uint8Array(size)
    bytes.set(this.bytes.subarray(0, this.at))
    this.bytes = bytes
    if (owner === this && size <= 1 << 20) staging = bytes
  }
}

/** Few bytes are copied one by one: a view of them costs more. */
function copy(bytes: Uint8Array, size: number, heap: Uint8Array, at: number): void {
  if (size > 256) heap.set(bytes.subarray(0, size), at)
  else for (let i = 0; i < size; i++) heap[at + i] = bytes[i]!
}

function writeAscii(heap: Uint8Array, at: number, stream: string, parts: readonly string[], count: number): boolean {
  let seen = 0
  let to = at
  for (let i = 0; i < stream.length; i++) seen |= heap[to++] = stream.charCodeAt(i)
  for (let each = 0; each < count; each++) {
    const part = parts[each]!
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i)
      seen |= unit
      heap[to++] = unit
    }
  }
  return seen < 128
}

const isWellFormed: (text: string) => boolean =
  'isWellFormed' in String.prototype
    ? (text) => (text as string & { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text)
