/** Helpers for the tests of programs that use kurrentlite. */

import type { App, EffectScope, MaybeRefOrGetter } from 'vue'
import { type ClientDatabase, type DatabaseClock, databaseOf, type Faults } from '../client/database_of'
import type { CreateStreamRequest, StoreUserDataRequest } from '../services/models'
import type { KurrentLiteOptions, UserSource } from '../services/options'
import { Session } from '../services/session'
import { type Carrier, carrySession, provideSession } from '../vue/session_carrier'
import type { ImportedEvent } from '../wasm/core'

/** Options of `createTestingKurrentLite`: those of `createKurrentLite`. */
export interface TestingOptions extends Omit<KurrentLiteOptions, 'user'> {
  /** Who uses the app: a name, `null` for nobody, or a ref or a getter of them. @defaultValue the program itself */
  readonly user?: MaybeRefOrGetter<string | null | undefined>
}

/** What is to be there before a test begins. */
export interface Given {
  /** Documents, created in this order. */
  readonly streams?: readonly CreateStreamRequest<any>[]
  readonly users?: readonly StoreUserDataRequest<any>[]
  /** Events, by the stream that they are appended to. */
  readonly events?: Readonly<Record<string, readonly ImportedEvent[]>>
}

/** What `createTestingKurrentLite` gives: a Vue plugin, and the session behind it for tests without Vue. */
export interface TestingKurrentLite {
  /** Services, database and client, e.g. to look at what a test has done. */
  readonly session: Session
  /**
   * The time of the database: `created`, latencies and deadlines follow it. `freeze`, `set`, and `advance`, which resolves
   * when everything that was due has run.
   */
  readonly clock: DatabaseClock
  /** Lets calls of services, stores and `session.client` fail, wait, or lose their connection. */
  readonly faults: Faults
  /**
   * Makes documents, user data and events be there, in this order: whoever acts, and without latency. Rejects as the
   * services do when something cannot be.
   */
  given(content: Given): Promise<void>
  /** Lets another user act; `undefined` is the program itself. */
  actAs(user: UserSource | undefined): void
  /** The database with all that goes beyond a server's: snapshots, forks, `settled()`. */
  database(): Promise<ClientDatabase>
  /** For `app.use(…)` and `mount(…, { global: { plugins: [kurrentLite] } })`. */
  install(app: App): void
  /** For stores of a Pinia that belongs to no app, such as `createTestingPinia()`. Returns the same Pinia. */
  attachTo<P extends object>(pinia: P): P
  /** Frees the database. */
  dispose(): void
}

/**
 * kurrentlite for one test: an empty database that nothing else sees, without latency, faults, timers, saved content or
 * variables of the environment. `options` change that.
 *
 * ```ts
 * const kurrentLite = createTestingKurrentLite({ user: 'ann' })
 * await kurrentLite.given({ streams: [{ id: 'plan', name: 'Plan', data: {}, owner: 'ann' }] })
 * const wrapper = mount(App, { global: { plugins: [createPinia(), kurrentLite] } })
 * ```
 */
export function createTestingKurrentLite({ user, ...options }: TestingOptions = {}): TestingKurrentLite {
  const source = user === undefined ? {} : { user: sourceOf(user) }
  const session = new Session({ env: {}, environment: 'test', simulation: 'instant', sync: false, ...options, ...source })
  const stops: (() => void)[] = []
  const database = async (): Promise<ClientDatabase> => databaseOf(await session.openClient())
  return {
    session,
    clock: clockOf(database),
    faults: faultsOf(database),
    given: (content) => prepare(session, content),
    actAs: (user) => session.setUser(user),
    database,
    install(app) {
      provideSession(app, session)
      if (user !== undefined) stops.push(following(session, user))
    },
    attachTo(pinia) {
      carrySession(pinia as Carrier, session)
      return pinia
    },
    dispose() {
      for (const stop of stops.splice(0)) stop()
      session.dispose()
    },
  }
}

/** A ref is something with a `value`: tests without Vue must not load Vue for asking it. */
function sourceOf(user: NonNullable<TestingOptions['user']> | null): UserSource {
  return typeof user === 'object' && user !== null ? () => user.value : user
}

/** Where there is an app there is Vue, so that it can be loaded. Returns the function that ends it. */
function following(session: Session, user: NonNullable<TestingOptions['user']> | null): () => void {
  let scope: EffectScope | undefined
  let isOver = false
  void import('../vue/follow_user').then(({ startFollowing }) => {
    if (!isOver) scope = startFollowing(session, user)
  })
  return () => {
    isOver = true
    scope?.stop()
  }
}

/** Through a session of its own, for which the program itself acts. */
async function prepare(session: Session, { streams = [], users = [], events = {} }: Given): Promise<void> {
  const { user: _user, database: _database, persist: _persist, client: _client, ...options } = session.options
  const database = await session.openDatabase()
  const program = new Session({ ...options, environment: session.environment, simulation: 'instant', database })
  try {
    for (const request of streams) await program.streams.create(request)
    for (const request of users) await program.users.store(request)
    for (const [stream, list] of Object.entries(events)) database.appendEvents(stream, list)
  } finally {
    program.dispose()
  }
}

type Open = () => Promise<ClientDatabase>

function clockOf(open: Open): DatabaseClock {
  return {
    now: async () => (await open()).clock.now(),
    freeze: async (at) => (await open()).clock.freeze(at),
    set: async (time) => (await open()).clock.set(time),
    advance: async (ms) => (await open()).clock.advance(ms),
    resume: async () => (await open()).clock.resume(),
  }
}

function faultsOf(open: Open): Faults {
  return {
    fail: async (...given) => (await open()).faults.fail(...given),
    delay: async (...given) => (await open()).faults.delay(...given),
    disconnect: async (...given) => (await open()).faults.disconnect(...given),
    dropConnections: async () => (await open()).faults.dropConnections(),
    clear: async () => (await open()).faults.clear(),
  }
}

export { memoryStorage } from '../services/storage'
export type { ClientDatabase, DatabaseClock, FailureOptions, Faults, FaultTiming } from '../client/database_of'
export type { KurrentLiteOptions } from '../services/options'
