/** Appends to several streams at once. */

import type { STREAM_STATE } from '../constants'
import type { AppendStreamState, CurrentStreamState } from './core'
import type { EventData, EventType } from './events'

/** What `multiStreamAppend` writes to one stream. */
export interface AppendStreamRequest<KnownEventType extends EventType = EventType> {
  streamName: string
  events: EventData<KnownEventType>[]
  /** The state that the stream must be in, else nothing is written to any of them. */
  expectedState: AppendStreamState
}

/** What became of one stream. */
export interface AppendResponse {
  streamName: string
  /** The revision of the stream's last event. */
  revision: bigint
}

/** What an append to several streams did. */
export type MultiAppendResult = {
  /** The commit position of the last event. */
  position: bigint
  /** Each stream once. */
  responses: AppendResponse[]
}

/** One record of `appendRecords` and the stream that it goes to. Records of several streams may alternate. */
export interface AppendRecordInput<KnownEventType extends EventType = EventType> {
  streamName: string
  record: EventData<KnownEventType>
}

/** What `appendRecords` did. */
export type AppendRecordsResult = MultiAppendResult

/** Something that must hold, else `appendRecords` writes nothing. */
export type ConsistencyCheck = StreamStateCheck

/** Asks for a stream in a state, whether or not something is written to it. */
export interface StreamStateCheck {
  type: typeof STREAM_STATE
  streamName: string
  expectedState: AppendStreamState
}

/** A check that failed. */
export interface ConsistencyViolation {
  /** Its place in the list of checks, from 0. */
  checkIndex: number
  streamName: string
  expectedState: AppendStreamState
  /** The last revision, or `NO_STREAM`; `-5n` when the stream is deleted, `-6n` when it is tombstoned. */
  actualState: CurrentStreamState
}

export interface BaseAppendErrorDetails {
  type: string
}

/** Why an append to one of several streams failed, as servers before 25.1 told it. Nothing returns it any more. */
export type AppendErrorDetails = BaseAppendErrorDetails &
  (
    | { type: 'unknown' }
    | { type: 'access_denied'; reason: string }
    | { type: 'stream_deleted' }
    | { type: 'wrong_expected_revision'; revision: bigint }
    | { type: 'transaction_max_size_exceeded'; maxSize: number }
  )

export const UnknownErrorDetails: AppendErrorDetails = { type: 'unknown' }
