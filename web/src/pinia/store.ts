import { defineStore } from 'pinia'
import { computed } from 'vue'
import type {
  CallOptions,
  ChangeOptions,
  CreateStreamRequest,
  EnvironmentName,
  PatchStreamOptions,
  Stream,
  StreamFilter,
  StreamHistoryOptions,
  StreamMoment,
  StreamPermissionsPatch,
  TagChanges,
  TransactionStep,
  UpdateStreamRequest,
  UserStream,
} from '../services/models'
import type { EventQuery } from '../services/event_service'
import type { StreamQuery } from '../services/query'
import type { SimulationOptions } from '../wasm/core'
import type { Change } from './follower'
import { initialState, Stage } from './stage'
import type { KurrentDBStoreActions, KurrentDBStoreSetup } from './types'

/**
 * The Pinia store over the session of its app. It loads nothing by itself: the first action loads the core and
 * connects.
 *
 * ```ts
 * const store = useKurrentDBStore()
 * const { id } = await store.createStream({ name: 'User Profile', data: { theme: 'dark' } })
 * ```
 */
export const useKurrentDBStore = defineStore('kurrentdb', setup)

function setup(): KurrentDBStoreSetup {
  const state = initialState()
  const { connection, userStreams } = state
  return {
    connection,
    health: state.health,
    healthHistory: state.healthHistory,
    metrics: state.metrics,
    sync: state.sync,
    streams: state.streams,
    userStreams,
    isLoading: state.isLoading,
    error: state.error,
    isConnected: computed(() => connection.value.isConnected),
    connectionStatus: computed(() => connection.value.status),
    totalStreams: computed(() => state.streamCount.value),
    totalUserStreams: computed(() => userStreams.value.length),
    ...makeActions(new Stage(state)),
  }
}

function makeActions(stage: Stage): KurrentDBStoreActions {
  const { state } = stage
  return {
    initialize: stage.action(async ({ session, refreshAll }) => {
      await session.kurrentdb.connect()
      await refreshAll()
    }),
    connect: stage.action(({ session }, options?: CallOptions) => session.kurrentdb.connect(options)),
    disconnect: stage.action(({ session }) => session.kurrentdb.disconnect()),
    reconnect: stage.action(({ session }, options?: CallOptions) => session.kurrentdb.reconnect(options)),
    checkHealth: stage.action(({ session }, options?: CallOptions) => session.kurrentdb.checkHealth(options)),
    loadMetrics: stage.action((follower, options?: CallOptions) => follower.loadMetrics(options)),
    prometheus: stage.action(({ session }, options?: CallOptions) => session.kurrentdb.prometheus(options)),
    syncNow: stage.action((follower, options?: CallOptions) => follower.syncNow(options)),
    pauseSync: function (this: unknown) {
      stage.session(piniaOf(this))?.sync.pause()
    },
    resumeSync: function (this: unknown) {
      stage.session(piniaOf(this))?.sync.resume()
    },
    metricsSeries: function (this: unknown, seconds?: number, operation?: string) {
      return stage.session(piniaOf(this))?.kurrentdb.metricsSeries(seconds, operation) ?? []
    },
    switchEnvironment: stage.action(
      ({ session }, name: EnvironmentName, options?: CallOptions) => session.switchEnvironment(name, options),
      () => 'all',
    ),
    getSimulation: stage.action(({ session }) => session.simulation()),
    setSimulation: stage.action(({ session }, simulation: SimulationOptions) => session.setSimulation(simulation)),
    reset: stage.action(
      ({ session }) => session.reset(),
      () => 'all',
    ),
    clearError: () => {
      state.error.value = null
    },
    $reset: () => stage.reset(),
    ...documentActions(stage),
    ...userDataActions(stage),
  }
}

/** Pinia calls actions with the store as `this`. */
const piniaOf = (store: unknown): unknown => (store as { readonly _p?: unknown } | undefined)?._p

function documentActions(stage: Stage) {
  const changed = (document: Stream): Change => ({ document })
  return {
    loadStreams: stage.action((follower, filter: StreamFilter = {}) => follower.loadStreams(filter)),
    loadStreamEvents: stage.action(({ session }, id: string) => session.streams.events(id)),
    createStream: stage.action(
      ({ session }, request: CreateStreamRequest<any>, options?: CallOptions) => session.streams.create(request, options),
      changed,
    ),
    getStream: stage.action(({ session }, id: string, options?: CallOptions) => session.streams.get<any>(id, options)),
    updateStream: stage.action(
      (
        { session },
        id: string,
        changes: UpdateStreamRequest<any>,
        options?: ChangeOptions<any, UpdateStreamRequest<any>>,
      ) =>
        session.streams.update<any>(id, changes, options),
      changed,
    ),
    patchStream: stage.action(
      ({ session }, id: string, patch: object, options?: PatchStreamOptions<any>) =>
        session.streams.patch<any>(id, patch, options),
      changed,
    ),
    tagStream: stage.action(
      ({ session }, id: string, changes: TagChanges, options?: CallOptions) =>
        session.streams.tag<any>(id, changes, options),
      changed,
    ),
    setStreamPermissions: stage.action(
      ({ session }, id: string, permissions: StreamPermissionsPatch, options?: CallOptions) =>
        session.streams.setPermissions<any>(id, permissions, options),
      changed,
    ),
    transferStream: stage.action(
      ({ session }, id: string, owner: string, options?: CallOptions) =>
        session.streams.transferOwner<any>(id, owner, options),
      changed,
    ),
    transaction: stage.action(
      ({ session }, steps: readonly TransactionStep[], options?: CallOptions) =>
        session.streams.transaction(steps, options),
      () => 'documents',
    ),
    queryStreams: stage.action(
      ({ session }, query: StreamQuery = {}, options?: CallOptions) => session.streams.query<any>(query, options),
    ),
    explain: stage.action(
      ({ session }, query: StreamQuery = {}, options?: CallOptions) => session.streams.explain(query, options),
    ),
    queryEvents: stage.action(
      ({ session }, query: EventQuery = {}, options?: CallOptions) => session.events.query<any>(query, options),
    ),
    loadStreamHistory: stage.action(
      ({ session }, id: string, part?: StreamHistoryOptions, options?: CallOptions) =>
        session.streams.history(id, part, options),
    ),
    getStreamAt: stage.action(
      ({ session }, id: string, moment: StreamMoment, options?: CallOptions) =>
        session.streams.at<any>(id, moment, options),
    ),
    diffStream: stage.action(
      ({ session }, id: string, from: number, to: number, options?: CallOptions) =>
        session.streams.diff(id, from, to, options),
    ),
    deleteStream: stage.action(
      ({ session }, id: string, options?: CallOptions) => session.streams.delete(id, options),
      (_nothing, [id]) => ({ deletedDocument: String(id) }),
    ),
    archiveStream: stage.action(
      ({ session }, id: string, options?: CallOptions) => session.streams.archive<any>(id, options),
      changed,
    ),
    restoreStream: stage.action(
      ({ session }, id: string, options?: CallOptions) => session.streams.restore<any>(id, options),
      changed,
    ),
  }
}

function userDataActions(stage: Stage) {
  type Key = [userId: string, type?: string, category?: string | null, options?: CallOptions]
  const changed = (user: UserStream): Change => ({ user })
  return {
    loadUserStreams: stage.action(async (follower) => {
      await follower.refreshUsers()
      return stage.state.userStreams.value
    }),
    storeUserData: stage.action(({ session }, ...given: unknown[]) => session.users.storeFrom(given), changed),
    getUserData: stage.action(async ({ session }, ...key: Key) => (await session.users.get<any>(...key))?.data ?? null),
    updateUserData: stage.action(({ session }, ...given: unknown[]) => session.users.updateFrom(given), changed),
    deleteUserData: stage.action(
      ({ session }, ...key: Key) => session.users.delete(...key),
      () => 'users',
    ),
  }
}
