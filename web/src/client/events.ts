/** Events to append, made as `@kurrent/kurrentdb-client` makes them. */

import { newEventId } from '../wasm/events'

/** What JSON data may be. */
export type JSONType = Record<string | number, unknown> | unknown[] | string
/** JSON, or bytes. */
export type MetadataType = JSONType | Uint8Array

/** The type parameters of a JSON event. */
export interface JSONEventType<Type extends string = string, Data extends JSONType = JSONType, Metadata extends MetadataType | unknown = unknown> {
  type: Type
  data: Data
  metadata?: Metadata
}
/** The type parameters of a binary event. */
export interface BinaryEventType<Type extends string = string, Metadata extends MetadataType | unknown = unknown> {
  type: Type
  data: Uint8Array
  metadata?: Metadata
}
export type EventType = JSONEventType | BinaryEventType

/** A JSON event to append. */
export interface JSONEventData<E extends JSONEventType = JSONEventType> {
  id: string
  contentType: 'application/json'
  type: E['type']
  data: E['data']
  metadata?: E['metadata']
}
/** A binary event to append. */
export interface BinaryEventData<E extends BinaryEventType = BinaryEventType> {
  id: string
  contentType: 'application/octet-stream'
  type: E['type']
  data: E['data']
  metadata?: E['metadata']
}
export type EventData<E extends EventType = EventType> = E extends JSONEventType
  ? JSONEventData<E>
  : E extends BinaryEventType
    ? BinaryEventData<E>
    : never

/** `id` is drawn at random when absent. A repeated id on one stream is written once. */
export type JSONEventOptions<E extends JSONEventType> = {
  type: E['type']
  data: E['data']
  metadata?: E['metadata']
  id?: string
}
export type BinaryEventOptions<E extends BinaryEventType> = {
  type: E['type']
  data: E['data']
  metadata?: E['metadata']
  id?: string
}

/** An event with JSON data, which it keeps by reference. */
export function jsonEvent<E extends JSONEventType>({ type, data, metadata, id = newEventId() }: JSONEventOptions<E>): JSONEventData<E> {
  return { id, contentType: 'application/json', type, data, metadata: plainBytes(metadata) }
}

/** An event with binary data, which it copies. */
export function binaryEvent<E extends BinaryEventType>({ type, data, metadata, id = newEventId() }: BinaryEventOptions<E>): BinaryEventData<E> {
  return { id, contentType: 'application/octet-stream', type, data: Uint8Array.from(data), metadata: plainBytes(metadata) }
}

/** A Node `Buffer` as the `Uint8Array` it is; anything else stays. */
function plainBytes<T>(metadata: T): T {
  const isBuffer = ArrayBuffer.isView(metadata) && metadata.constructor.name === 'Buffer'
  return isBuffer ? (Uint8Array.from(metadata as unknown as Uint8Array) as T) : metadata
}
