/** Events on their way into the database: JSON is written here, once; bytes stay bytes. */

import { OutgoingEvents } from '../wasm/outgoing_events'
import type { ShapeEncoder } from '../wasm/shape_code/encoder'
import { ServerAnswer, UnknownError } from './errors'
import { wellFormed } from './parameters'

const BARE_UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/
const WRAPPED_UUID = /^(?:\{(.{36})\}|\((.{36})\))$/

/** What appending reads of an event. */
interface AnyEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: unknown
  readonly metadata?: unknown
}

/** One event or several, ready to cross. Throws what is wrong with an event. */
export function outgoingEvents(events: unknown, encoder: ShapeEncoder | undefined): OutgoingEvents {
  const batch = OutgoingEvents.with(encoder)
  if (Array.isArray(events)) for (const event of events as AnyEvent[]) add(batch, event)
  else add(batch, events as AnyEvent)
  return batch
}

function add(batch: OutgoingEvents, event: AnyEvent): void {
  begin(batch, event)
  const { metadata } = event
  // Nothing for what is falsy, bytes as they are, everything else as JSON.
  if (!metadata) batch.text('', false)
  else if (ArrayBuffer.isView(metadata)) batch.binary(bytesOf(metadata), false)
  else if (!batch.value(metadata, false)) batch.text((JSON.stringify(metadata) as string | undefined) ?? '', false)
  addData(batch, event)
}

/**
 * The same for appends to several streams, whose metadata must be plain objects of strings. `method` is named in the error.
 */
export function outgoingRecords(events: readonly AnyEvent[], method: string): OutgoingEvents {
  const batch = OutgoingEvents.with()
  for (const event of events) {
    const { metadata, type } = event
    if (metadata != null && !isPlainStrings(metadata)) {
      throw new Error(`${method} requires metadata to be a plain object with string keys and string values.`)
    }
    begin(batch, event)
    batch.text(metadata == null ? '' : JSON.stringify(metadata), false)
    addData(batch, event)
    if (!isSchemaName(type)) {
      throw new UnknownError(new ServerAnswer(
        3, `The event type "${type}" is no schema name: letters, digits and _ . $ : - in Unicode's normal form C.`,
      ))
    }
  }
  return batch
}

/** The letters of .NET's expressions are single UTF-16 units. The core, which has no tables of letters, looks at ASCII only. */
function isSchemaName(type: string): boolean {
  return /^(?:(?![\u{10000}-\u{10ffff}])[\p{L}\p{N}_.$:-])+$/u.test(type) && type.normalize('NFC') === type
}

function isPlainStrings(metadata: unknown): boolean {
  if (typeof metadata !== 'object' || Array.isArray(metadata) || ArrayBuffer.isView(metadata)) return false
  return Object.values(metadata as object).every((value) => typeof value === 'string')
}

function begin(batch: OutgoingEvents, { id, type }: AnyEvent): void {
  if (typeof type !== 'string') throw new TypeError(`The type of an event must be text; it is ${String(type)}.`)
  batch.begin(uuidOf(id), wellFormed(type))
}

function addData(batch: OutgoingEvents, { type, contentType, data }: AnyEvent): void {
  if (contentType === 'application/json') {
    if (!batch.value(data, true)) {
      const text = JSON.stringify(data) as string | undefined
      if (text === undefined) throw new TypeError(`The data of event type "${type}" are nothing that JSON can hold.`)
      batch.text(text, true)
    }
    return batch.end(true)
  }
  // Of an unknown kind the official client sends no data.
  if (contentType !== 'application/octet-stream') batch.binary(NO_BYTES, true)
  else if (ArrayBuffer.isView(data)) batch.binary(bytesOf(data), true)
  else throw new TypeError(`The data of binary event type "${type}" must be a Uint8Array.`)
  batch.end(false)
}

const NO_BYTES = new Uint8Array()

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** The id as the server reads it: also within braces, or without dashes. Its digits are checked where it is written. */
function uuidOf(id: unknown): string {
  const text = String(id)
  if (text.length === 36) return text
  const wrapped = WRAPPED_UUID.exec(text)
  return wrapped ? (wrapped[1] ?? wrapped[2]!) : text.replace(BARE_UUID, '$1-$2-$3-$4-$5')
}
