export { EventStoreConflictError, eventType } from './event_store/conflict'
export { defineEventStore } from './event_store/define'
export type {
  Commands,
  ConflictPolicy,
  Decision,
  EventStore,
  EventStoreActions,
  EventStoreDefinition,
  EventStoreGetters,
  EventStoreState,
  EventTypes,
  Invert,
  NewEvent,
  StateGetters,
  StoreEvent,
  UseEventStore,
} from './event_store/types'
export { useKurrentDBStore } from './store'
export type {
  KurrentDBStoreActions,
  KurrentDBStoreGetters,
  KurrentDBStoreSetup,
  KurrentDBStoreState,
  UserDataActions,
} from './types'
export { useUserStreamService } from './user_stream'
