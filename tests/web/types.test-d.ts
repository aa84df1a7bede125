import { storeToRefs } from 'pinia'
import { createApp, type Ref } from 'vue'
import { describe, expectTypeOf, it } from 'vitest'
import { useKurrentDBStore, useUserStreamService } from '../../web/src/pinia'
import type {
  ConnectionStatus,
  CreateStreamRequest,
  Database,
  DatabaseConfig,
  DatabaseConnection,
  DatabaseHealth,
  DatabaseMetrics,
  KurrentLiteError,
  KurrentLiteErrorType,
  Session,
  Stream,
  StreamDiff,
  StreamDifference,
  StreamHistoryPage,
  StreamPage,
  StreamService,
  UpdateStreamRequest,
  UserStream,
} from '../../web/src/services'
import { createKurrentLite, KurrentDBStatus, useKurrentDB } from '../../web/src/vue'

interface Profile {
  name: string
}

describe('models', () => {
  it('have the documented fields', () => {
    expectTypeOf<Stream<Profile>>().toEqualTypeOf<{
      id: string
      kind?: string
      name: string
      description?: string
      data: Profile
      metadata: { createdAt: Date; updatedAt: Date; version: number; tags: string[]; owner: string }
      status: 'active' | 'archived' | 'deleted'
      permissions: { read: string[]; write: string[]; admin: string[] }
    }>()
    expectTypeOf<DatabaseConnection>().toEqualTypeOf<{
      isConnected: boolean
      environment: 'dev' | 'staging' | 'test' | 'mainnet'
      lastSync: Date | null
      connectionId: string
      status: 'connecting' | 'connected' | 'disconnected' | 'error' | 'reconnecting'
      circuit: { state: 'closed' | 'open' | 'half-open'; retryAt: Date | null }
    }>()
    expectTypeOf<DatabaseHealth['checks']>().toEqualTypeOf<{
      connection: boolean
      authentication: boolean
      read: boolean
      write: boolean
      sync: boolean
    }>()
    expectTypeOf<DatabaseMetrics>().toExtend<{
      totalStreams: number
      activeStreams: number
      totalUsers: number
      totalEvents: number | null
      storageUsed: number
      lastBackup: Date | null
      uptime: number
    }>()
    expectTypeOf<DatabaseConfig['options']>().toEqualTypeOf<{
      maxConcurrentStreams: number
      keepAliveTimeout: number
      retryDelay: number
      jitter: boolean
    }>()
    expectTypeOf<UserStream<Profile>['data']>().toEqualTypeOf<Profile>()
    expectTypeOf<CreateStreamRequest>().toExtend<{
      readonly name: string
      readonly data: unknown
      readonly id?: string
    }>()
    expectTypeOf<UpdateStreamRequest>().not.toExtend<{ id: string }>()
  })
})

describe('the store', () => {
  it('knows the type of data', () => {
    const check = async () => {
      const store = useKurrentDBStore()
      expectTypeOf(await store.createStream({ name: 'x', data: { name: 'John' } })).toEqualTypeOf<
        Stream<{ name: string }>
      >()
      expectTypeOf(await store.getStream<Profile>('a')).toEqualTypeOf<Stream<Profile> | null>()
      expectTypeOf(await store.updateStream<Profile>('a', { data: { name: 'x' } })).toEqualTypeOf<Stream<Profile>>()
      expectTypeOf(await store.loadStreams({ status: 'archived' })).toEqualTypeOf<StreamPage<any>>()
      const rows = await store.queryStreams({ select: ['name', 'data.n'] })
      expectTypeOf(rows.items[0]!.name).toEqualTypeOf<string | undefined>()
      expectTypeOf((await store.queryStreams<Profile>()).items).toEqualTypeOf<Stream<Profile>[]>()
      expectTypeOf((await store.explain({ where: { kind: 'order' } })).examined).toBeNumber()
      expectTypeOf((await store.queryEvents<Profile>({ category: 'order' })).items[0]!.data).toEqualTypeOf<Profile>()
      // @ts-expect-error no field of events
      void store.queryEvents({ kind: 'order' })
      expectTypeOf(store.deleteStream).returns.resolves.toBeVoid()
      // @ts-expect-error a name is required
      void store.createStream({ data: 1 })
      // @ts-expect-error no such status
      void store.loadStreams({ status: 'gone' })
      // @ts-expect-error no such environment
      void store.switchEnvironment('moon')
    }
    expectTypeOf(check).toBeFunction()
  })

  it('has state, getters and refs', () => {
    const check = () => {
      const store = useKurrentDBStore()
      expectTypeOf(store.connection).toEqualTypeOf<DatabaseConnection>()
      expectTypeOf(store.health).toEqualTypeOf<DatabaseHealth | null>()
      expectTypeOf(store.metrics).toEqualTypeOf<DatabaseMetrics | null>()
      expectTypeOf(store.isLoading).toEqualTypeOf<boolean>()
      expectTypeOf(store.error).toEqualTypeOf<KurrentLiteError | null>()
      expectTypeOf(store.connectionStatus).toEqualTypeOf<ConnectionStatus>()
      expectTypeOf(store.totalStreams).toBeNumber()
      const { isLoading, totalUserStreams } = storeToRefs(store)
      expectTypeOf(isLoading).toExtend<Ref<boolean>>()
      expectTypeOf(totalUserStreams.value).toBeNumber()
      expectTypeOf(store.error!.type).toEqualTypeOf<KurrentLiteErrorType>()
    }
    expectTypeOf(check).toBeFunction()
  })

  it('takes user data in each documented way', () => {
    const check = async () => {
      const users = useUserStreamService()
      expectTypeOf(await users.storeUserData('u', { theme: 'dark' })).toEqualTypeOf<UserStream<{ theme: string }>>()
      expectTypeOf(await users.storeUserData('u', 'scores', 'chess', [1], true)).toEqualTypeOf<UserStream<number[]>>()
      expectTypeOf(await users.storeUserData({ userId: 'u', type: 't', data: 1 })).toEqualTypeOf<UserStream<number>>()
      expectTypeOf(await users.getUserData<Profile>('u')).toEqualTypeOf<Profile | null>()
      expectTypeOf(await users.getUserData('u', 'data')).toBeAny()
      // @ts-expect-error data without a type is an object
      void users.storeUserData('u', 'dark')
      // @ts-expect-error no data
      void users.storeUserData({ userId: 'u' })
    }
    expectTypeOf(check).toBeFunction()
  })
})

describe('changes to documents', () => {
  it('are typed', () => {
    expectTypeOf(async ({ streams }: Session) => {
      const merged = await streams.update<Profile>(
        'a',
        { data: { name: 'x' }, expectedVersion: 1 },
        {
          onConflict: ({ base, theirs, changes }) => {
            expectTypeOf(base).toEqualTypeOf<Stream<Profile> | null>()
            expectTypeOf(theirs.data.name).toBeString()
            expectTypeOf(changes).toEqualTypeOf<UpdateStreamRequest<Profile>>()
            return { data: theirs.data }
          },
          timeout: 100,
        },
      )
      expectTypeOf(merged).toEqualTypeOf<Stream<Profile>>()
      expectTypeOf(await streams.patch<Profile>('a', { name: 'x' }, { expectedVersion: 2 })).toEqualTypeOf<Stream<Profile>>()
      await streams.transaction([{ create: { name: 'A', data: 1 } }, { patch: 'a', with: {} }, { delete: 'b' }])
      // @ts-expect-error a step needs its document
      await streams.transaction([{ with: {} }])
      // @ts-expect-error permissions are lists of users
      await streams.setPermissions('a', { read: '*' })
    }).toBeFunction()
  })
})

describe('the past of documents', () => {
  it('is typed', () => {
    const check = async (streams: StreamService, change: StreamDifference) => {
      expectTypeOf(await streams.history('a', { from: 3, limit: 10 })).toEqualTypeOf<StreamHistoryPage>()
      expectTypeOf<StreamHistoryPage['items'][number]['change']>().toEqualTypeOf<
        | 'created'
        | 'updated'
        | 'patched'
        | 'tagged'
        | 'permissions-changed'
        | 'owner-changed'
        | 'archived'
        | 'restored'
        | 'deleted'
        | 'other'
      >()
      expectTypeOf<StreamHistoryPage['next']>().toEqualTypeOf<number | null>()
      expectTypeOf(await streams.at<Profile>('a', { version: 1 })).toEqualTypeOf<Stream<Profile> | null>()
      expectTypeOf(await streams.at('a', { time: new Date() })).toEqualTypeOf<Stream<unknown> | null>()
      expectTypeOf(await streams.diff('a', 1, 2)).toEqualTypeOf<StreamDiff>()
      if (change.kind === 'added') {
        expectTypeOf(change.after).toBeUnknown()
        // @ts-expect-error there was nothing before
        void change.before
      }
      // @ts-expect-error one or the other
      void streams.at('a', { version: 1, time: 2 })
      // @ts-expect-error which moment?
      void streams.at('a', {})
    }
    expectTypeOf(check).toBeFunction()
  })
})

describe('the plugin', () => {
  it('fits into apps', () => {
    const check = () => {
      createApp(KurrentDBStatus).use(
        createKurrentLite({
          environment: 'staging',
          persist: { debounce: 50 },
          simulation: { preset: 'lan', errorRate: 0.1 },
        }),
      )
      createKurrentLite({
        simulation: { dev: 'instant', mainnet: { preset: 'wan' } },
        credentials: { mainnet: { apiKey: 'a', secretKey: 'b' } },
      })
      createKurrentLite({ credentials: { apiKey: 'a' }, database: Promise.resolve({} as Database) })
      // @ts-expect-error no such preset
      createKurrentLite({ simulation: 'fast' })
      expectTypeOf(useKurrentDB()).toEqualTypeOf<Session>()
    }
    expectTypeOf(check).toBeFunction()
  })
})
