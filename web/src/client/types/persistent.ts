/** Persistent subscriptions, also called consumer groups: settings and statistics. */

import type * as constants from '../constants'
import type { Position } from './core'

/** How a group deals events out to its subscribers. */
export type ConsumerStrategy =
  | typeof constants.DISPATCH_TO_SINGLE
  | typeof constants.ROUND_ROBIN
  | typeof constants.PINNED
  | typeof constants.PINNED_BY_CORRELATION

/** What becomes of an event that was not handled: put aside, handed out again, dropped; or the subscription ends. */
export type PersistentAction = typeof constants.PARK | typeof constants.RETRY | typeof constants.SKIP | typeof constants.STOP

/** The settings that groups of streams and groups of `$all` share. */
export interface PersistentSubscriptionSettings {
  /** Hand out what link events point to. @defaultValue false */
  resolveLinkTos: boolean
  /** Measure latencies. @defaultValue false */
  extraStatistics: boolean
  /** When an event counts as not handled, in milliseconds. @defaultValue 30_000 */
  messageTimeout: number
  /** How often an event is handed out again before it is parked. @defaultValue 10 */
  maxRetryCount: number
  /** The checkpoint is written after this time, in milliseconds. @defaultValue 2_000 */
  checkPointAfter: number
  /** The checkpoint is not written before so many events are handled. @defaultValue 10 */
  checkPointLowerBound: number
  /** The checkpoint is written at once when so many events are handled. @defaultValue 1_000 */
  checkPointUpperBound: number
  /** How many subscribers may connect. @defaultValue UNBOUNDED */
  maxSubscriberCount: typeof constants.UNBOUNDED | number
  /** New events kept in memory while the group is behind. @defaultValue 500 */
  liveBufferSize: number
  /** Events read at once while the group is behind. @defaultValue 20 */
  readBatchSize: number
  /** Events kept in memory while the group is behind. @defaultValue 500 */
  historyBufferSize: number
  /** How events are dealt out. @defaultValue ROUND_ROBIN */
  consumerStrategyName: ConsumerStrategy | string
}

/** Settings of a group that follows one stream. */
export interface PersistentSubscriptionToStreamSettings extends PersistentSubscriptionSettings {
  /** The first revision to hand out. @defaultValue END, which is what is appended after the creation */
  startFrom: typeof constants.START | typeof constants.END | bigint
}

/** Settings of a group that follows `$all`. */
export interface PersistentSubscriptionToAllSettings extends PersistentSubscriptionSettings {
  /** The first position to hand out. @defaultValue END, which is what is appended after the creation */
  startFrom: typeof constants.START | typeof constants.END | Position
}

/** The names of the measured latencies, which are in milliseconds. */
export type ExtraStatisticsKey =
  | 'mean'
  | 'median'
  | 'fastest'
  | 'quintile 1'
  | 'quintile 2'
  | 'quintile 3'
  | 'quintile 4'
  | 'quintile 5'
  | '90%'
  | '95%'
  | '99%'
  | '99.5%'
  | '99.9%'
  | 'highest'

/** One connected subscriber. */
export interface PersistentSubscriptionConnectionInfo {
  /** Where it comes from; empty in process. */
  from: string
  username: string
  /** `connectionName` of its client. */
  connectionName: string
  /** Events a second. */
  averageItemsPerSecond: number
  /** Events handed to it so far. */
  totalItems: bigint
  /** Events since the average was last computed. */
  countSinceLastMeasurement: bigint
  /** Events it would take now. */
  availableSlots: number
  /** Events it has not answered yet. */
  inFlightMessages: number
  /** Latencies, when the group's settings ask for them. */
  extraStatistics?: Map<ExtraStatisticsKey, bigint>
}

interface PersistentSubscriptionStatistics {
  /** Events a second. */
  averagePerSecond: number
  /** Events handed out so far. */
  totalItems: bigint
  /** Events since the average was last computed. */
  countSinceLastMeasurement: bigint
  /** Events that subscribers have not answered yet. */
  totalInFlightMessages: number
  /** Old events read ahead. */
  readBufferCount: number
  /** New events waiting. */
  liveBufferCount: bigint
  /** Events waiting to be handed out again. */
  retryBufferCount: number
  /** Events put aside. */
  parkedMessageCount: bigint
  /** Events handed out and not yet settled. */
  outstandingMessagesCount: number
}

export interface PersistentSubscriptionToStreamStats extends PersistentSubscriptionStatistics {
  /** Up to where everything is handled. */
  lastCheckpointedEventRevision?: bigint
  /** The last event of the stream. */
  lastKnownEventRevision?: bigint
}

export interface PersistentSubscriptionToAllStats extends PersistentSubscriptionStatistics {
  /** Up to where everything is handled. */
  lastCheckpointedEventPosition?: Position
  /** The last event of the database. */
  lastKnownEventPosition?: Position
}

/** A group that follows one stream. */
export interface PersistentSubscriptionToStreamInfo {
  /** The stream it follows. */
  eventSource: string
  groupName: string
  status: string
  settings: PersistentSubscriptionToStreamSettings
  stats: PersistentSubscriptionToStreamStats
  /** Who is connected. */
  connections: PersistentSubscriptionConnectionInfo[]
}

/** A group that follows `$all`. */
export interface PersistentSubscriptionToAllInfo {
  eventSource: '$all'
  groupName: string
  status: string
  settings: PersistentSubscriptionToAllSettings
  stats: PersistentSubscriptionToAllStats
  /** Who is connected. */
  connections: PersistentSubscriptionConnectionInfo[]
}

export type PersistentSubscriptionToEitherInfo = PersistentSubscriptionToStreamInfo | PersistentSubscriptionToAllInfo
