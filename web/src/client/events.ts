/** Events to append, made as `@kurrent/kurrentdb-client` makes them. */

import { newEventId } from '../wasm/event_ids'
import type { BinaryEventType, EventData, JSONEventType } from './types/events'

/** What `jsonEvent` takes: an event as its type describes it. */
export type JSONEventOptions<E extends JSONEventType> = {
  /** A UUID. A repeated id on one stream is written once. @defaultValue drawn at random */
  id?: string
} & E

/** What `binaryEvent` takes: an event as its type describes it. */
export type BinaryEventOptions<E extends BinaryEventType> = E & {
  /** A UUID. A repeated id on one stream is written once. @defaultValue drawn at random */
  id?: string
  data: Uint8Array
}

/** An event with JSON data, which it keeps by reference. */
export const jsonEvent = <E extends JSONEventType>({
  type,
  data,
  metadata,
  id = newEventId(),
}: JSONEventOptions<E>): EventData<E> =>
  ({ id, contentType: 'application/json', type, data, metadata: plainBytes(metadata) }) as EventData<E>

/** An event with binary data, which it copies. */
export const binaryEvent = <E extends BinaryEventType = { type: string; data: Uint8Array; metadata?: unknown }>({
  type,
  data,
  metadata,
  id = newEventId(),
}: BinaryEventOptions<E>): EventData<E> =>
  ({
    id,
    contentType: 'application/octet-stream',
    type,
    data: Uint8Array.from(data),
    metadata: plainBytes(metadata),
  }) as EventData<E>

/** A Node `Buffer` as the `Uint8Array` it is; anything else stays. */
function plainBytes<T>(metadata: T): T {
  const isBuffer = ArrayBuffer.isView(metadata) && metadata.constructor.name === 'Buffer'
  return isBuffer ? (Uint8Array.from(metadata as unknown as Uint8Array) as T) : metadata
}
