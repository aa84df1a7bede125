/** Events: as they are described by their types, as they are appended, as they come back. */

import type { Position } from './core'

/** What JSON data may be. */
export type JSONType = Record<string | number, unknown> | unknown[] | string
/** JSON, or bytes. */
export type MetadataType = JSONType | Uint8Array

/**
 * Describes a JSON event to the type checker. Metadata that is given a type is required:
 * `type OrderPlaced = JSONEventType<'order-placed', { orderId: string }>`.
 */
export type JSONEventType<
  Type extends string = string,
  Data extends JSONType = JSONType,
  Metadata extends MetadataType | unknown = unknown,
> = Metadata extends MetadataType
  ? { type: Type; data: Data; metadata: Metadata }
  : { type: Type; data: Data; metadata?: Metadata }

/** Describes a binary event to the type checker. */
export type BinaryEventType<
  Type extends string = string,
  Metadata extends MetadataType | unknown = unknown,
> = Metadata extends MetadataType
  ? { type: Type; data: Uint8Array; metadata: Metadata }
  : { type: Type; data: Uint8Array; metadata?: Metadata }

export type EventType = JSONEventType | BinaryEventType

type MetadataOf<E extends EventType> = E['metadata'] extends MetadataType ? E['metadata'] : MetadataType | undefined

/** A JSON event to append, as `jsonEvent` makes it. */
export type JSONEventData<E extends JSONEventType = JSONEventType> = E extends JSONEventType
  ? {
      /** A UUID. */
      id: string
      contentType: 'application/json'
      type: E['type']
      data: E['data']
      metadata: MetadataOf<E>
    }
  : never

/** A binary event to append, as `binaryEvent` makes it. */
export type BinaryEventData<E extends BinaryEventType = BinaryEventType> = E extends BinaryEventType
  ? {
      /** A UUID. */
      id: string
      contentType: 'application/octet-stream'
      type: E['type']
      data: E['data']
      metadata: MetadataOf<E>
    }
  : never

/** An event to append. */
export type EventData<E extends EventType = EventType> = E extends BinaryEventType
  ? BinaryEventData<E>
  : E extends JSONEventType
    ? JSONEventData<E>
    : never

/** An event that points to another one: its data is `{revision}@{stream}`. */
export type LinkEvent = BinaryEventType<
  '$>',
  {
    $causedBy?: string
    $correlationId?: string
    [key: string]: unknown
  }
>

/** An event as it is stored. Every read makes new objects; they belong to the caller. */
export type RecordedEvent<E extends EventType = EventType> = E extends EventType
  ? {
      /** The name of its stream. */
      streamId: string
      /** A UUID. */
      id: string
      /** Whether it was appended as JSON. */
      isJson: E extends JSONEventType ? true : false
      /** Its place in its stream, from 0. */
      revision: bigint
      type: E['type']
      /** When it was appended, by the database's clock. */
      created: Date
      /** The value of JSON data; JSON that does not parse as the text it is; else bytes. */
      data: E extends JSONEventType ? E['data'] : Uint8Array
      /** Whatever parses as JSON as its value, also of binary events; else bytes; undefined when empty. */
      metadata: MetadataOf<E>
      /** Its place in `$all`. */
      position?: Position
    }
  : never

export type JSONRecordedEvent<E extends JSONEventType = JSONEventType> = RecordedEvent<E>
export type BinaryRecordedEvent<E extends BinaryEventType = BinaryEventType> = RecordedEvent<E>

type Placed = {
  /** Its place in `$all`. */
  position: Position
}
export type AllStreamJSONRecordedEvent<E extends JSONEventType = JSONEventType> = RecordedEvent<E> & Placed
export type AllStreamBinaryRecordedEvent<E extends BinaryEventType = BinaryEventType> = RecordedEvent<E> & Placed
/** An event read from `$all`. */
export type AllStreamRecordedEvent = AllStreamJSONRecordedEvent | AllStreamBinaryRecordedEvent

/** An event read from a stream, or with `resolveLinkTos` a link event and what it points to. */
export interface ResolvedEvent<Event extends EventType = EventType> {
  /** The event, or what the link points to; absent when that is gone. */
  event?: EventTypeToRecordedEvent<Event>
  /** The link, when one was followed. */
  link?: EventTypeToRecordedEvent<LinkEvent>
  /** The commit position of the record read: of the link when there is one. */
  commitPosition?: bigint
}

/** An event that a consumer group hands out. */
export interface PersistentSubscriptionToStreamResolvedEvent<Event extends EventType = EventType>
  extends ResolvedEvent<Event> {
  /** How often it was handed out before. */
  retryCount: number
}

/** An event read from `$all`, or with `resolveLinkTos` a link event and what it points to. */
export interface AllStreamResolvedEvent {
  /** The event, or what the link points to; absent when that is gone. */
  event?: AllStreamRecordedEvent
  /** The link, when one was followed. */
  link?: AllStreamBinaryRecordedEvent<LinkEvent>
  /** The commit position of the record read: of the link when there is one. */
  commitPosition?: bigint
}

/** An event that a consumer group of `$all` hands out. */
export interface PersistentSubscriptionToAllResolvedEvent extends AllStreamResolvedEvent {
  /** How often it was handed out before. */
  retryCount: number
}

export type EventTypeToRecordedEvent<T extends EventType> = T extends JSONEventType
  ? JSONRecordedEvent<T>
  : T extends BinaryEventType
    ? BinaryRecordedEvent<T>
    : never

export type RecordedEventToEventType<T extends RecordedEvent> =
  T extends JSONRecordedEvent<infer E> ? E : T extends BinaryRecordedEvent<infer E> ? E : never

export type EventTypeToEventData<T extends EventType> = T extends JSONEventType
  ? JSONEventData<T>
  : T extends BinaryEventType
    ? BinaryEventData<T>
    : never

export type EventDataToEventType<T extends EventData> =
  T extends JSONEventData<infer E> ? E : T extends BinaryEventData<infer E> ? E : never

export type RecordedEventToEventData<T extends RecordedEvent> =
  T extends JSONRecordedEvent<infer E> ? JSONEventData<E> : T extends BinaryRecordedEvent<infer E> ? BinaryEventData<E> : never

// The official type of this name maps the same way round, whatever it is called.
export type EventDataToRecordedEvent<T extends EventData> =
  T extends JSONRecordedEvent<infer E> ? JSONEventData<E> : T extends BinaryRecordedEvent<infer E> ? BinaryEventData<E> : never
