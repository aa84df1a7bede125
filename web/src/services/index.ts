export * from './errors'
export type { EventClient } from './event_client'
export { EventService, type EventQuery, type EventQueryPage, type QueriedEvent } from './event_service'
export { indexedDbStorage } from './indexed_db'
export { KurrentDBService } from './kurrentdb_service'
export {
  type CheckConstraint,
  defineKind,
  type DocumentKind,
  type DocumentKinds,
  type KindData,
  type UniqueClaims,
  type UniqueConflict,
  type UniqueConstraint,
} from './kinds'
export { type Followable, type LiveChange, LiveStreamQuery, type LiveUpdate } from './live_query'
export type * from './models'
export type {
  Comparison,
  ConditionGroups,
  ConditionValue,
  EventCondition,
  EventPath,
  QueryExplanation,
  QueryGroup,
  QueryScalar,
  StreamCondition,
  StreamPath,
  StreamQuery,
  StreamQueryPage,
  StreamRow,
  StreamRowsQuery,
  StreamSort,
} from './query'
export type { ConfigOverrides, EnvironmentCredentials, KurrentLiteOptions, PersistOptions, UserSource } from './options'
export { createDatabase } from './opening'
export { defaultSession, Session, type SessionEvent } from './session'
export { memoryStorage, type StoragePort, type StoredContent } from './storage'
export { StreamService } from './stream_service'
export type { Sync } from './sync'
export { type StoreUserData, type UpdateUserData, UserStreamService } from './user_stream_service'
export * from './validation'
export type {
  Core,
  Database,
  DatabaseStatistics,
  ImportedEvent,
  Latency,
  SimulatedOperation,
  SimulationOptions,
  SimulationPreset,
  SimulationProfile,
  StoredEvent,
} from '../wasm/core'
