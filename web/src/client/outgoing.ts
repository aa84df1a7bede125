/** Events on their way into the database: JSON becomes text here, once; bytes stay bytes. */

import type { OutgoingEvent } from '../wasm/events'
import { ServerAnswer, UnknownError } from './errors'
import { wellFormed } from './parameters'

const NOTHING = ''
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
export function outgoingEvents(events: unknown): OutgoingEvent[] {
  return (Array.isArray(events) ? events : [events]).map((event: AnyEvent) => outgoing(event, metadataOf(event)))
}

/**
 * The same for appends to several streams, whose metadata must be plain objects of strings. `method` is named in the error.
 */
export function outgoingRecord(event: AnyEvent, method: string): OutgoingEvent {
  const { metadata } = event
  if (metadata != null && !isPlainStrings(metadata)) {
    throw new Error(`${method} requires metadata to be a plain object with string keys and string values.`)
  }
  const record = outgoing(event, metadata == null ? NOTHING : JSON.stringify(metadata))
  if (!isSchemaName(record.type)) {
    throw new UnknownError(new ServerAnswer(
      3, `The event type "${record.type}" is no schema name: letters, digits and _ . $ : - in Unicode's normal form C.`,
    ))
  }
  return record
}

/** The letters of .NET's expressions are single UTF-16 units. The core, which has no tables of letters, looks at ASCII only. */
function isSchemaName(type: string): boolean {
  return /^(?:(?![\u{10000}-\u{10ffff}])[\p{L}\p{N}_.$:-])+$/u.test(type) && type.normalize('NFC') === type
}

function isPlainStrings(metadata: unknown): boolean {
  if (typeof metadata !== 'object' || Array.isArray(metadata) || ArrayBuffer.isView(metadata)) return false
  return Object.values(metadata as object).every((value) => typeof value === 'string')
}

function outgoing({ id, type, contentType, data }: AnyEvent, metadata: string | Uint8Array): OutgoingEvent {
  if (typeof type !== 'string') throw new TypeError(`The type of an event must be text; it is ${String(type)}.`)
  const isJson = contentType === 'application/json'
  return { id: uuidOf(id), type: wellFormed(type), data: dataOf(type, contentType, data), metadata, isJson }
}

function dataOf(type: string, contentType: string, data: unknown): string | Uint8Array {
  if (contentType === 'application/json') {
    const text = JSON.stringify(data) as string | undefined
    if (text === undefined) throw new TypeError(`The data of event type "${type}" are nothing that JSON can hold.`)
    return text
  }
  // Of an unknown kind the official client sends no data.
  if (contentType !== 'application/octet-stream') return new Uint8Array()
  if (!ArrayBuffer.isView(data)) throw new TypeError(`The data of binary event type "${type}" must be a Uint8Array.`)
  return bytesOf(data)
}

/** Nothing for what is falsy, bytes as they are, everything else as JSON. */
function metadataOf({ metadata }: AnyEvent): string | Uint8Array {
  if (!metadata) return NOTHING
  return ArrayBuffer.isView(metadata) ? bytesOf(metadata) : (JSON.stringify(metadata) ?? NOTHING)
}

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
