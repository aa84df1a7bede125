export * from './errors'
export type { EventClient } from './event_client'
export { indexedDbStorage } from './indexed_db'
export { KurrentDBService } from './kurrentdb_service'
export { type CheckConstraint, defineKind, type DocumentKind, type DocumentKinds, type KindData, type UniqueConstraint } from './kinds'
export type * from './models'
export type { ConfigOverrides, EnvironmentCredentials, KurrentLiteOptions, PersistOptions, UserSource } from './options'
export { createDatabase, defaultSession, Session, type SessionEvent } from './session'
export { memoryStorage, type StoragePort, type StoredContent } from './storage'
export { StreamService } from './stream_service'
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
