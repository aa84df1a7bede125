import type {
  Core,
  Database,
  ServiceOperation,
  ServicesHandle,
  SimulationOptions,
  SimulationProfile,
  StoredEvent,
} from '../wasm/core'
import type { KurrentDBClient } from '../client/client'
import type { SessionClient } from '../client/session_client'
import type { WasmDatabase } from '../wasm/database'
import { authorityOf, configure, simulationOf } from './config'
import { noConnection, toConnection } from './convert'
import { DatabaseSpace, type SpaceEntry } from './database_space'
import { isDisabled, likelyEnvironment, readVariables, type Variables } from './environment'
import {
  ConfigError,
  KurrentDBDisabledError,
  type KurrentLiteError,
  OperationCancelledError,
  toKurrentLiteError,
  ValidationError,
} from './errors'
import { readClientEvents } from './client_events'
import { type EventClient, lazyClient } from './event_client'
import { EventService } from './event_service'
import { KurrentDBService } from './kurrentdb_service'
import { LiveHub } from './live_query'
import type { CallOptions, DatabaseConfig, DatabaseConnection, DatabaseHealth, DatabaseMetrics, EnvironmentName, Span } from './models'
import { type Guards, makeGuards } from './guards'
import { declareKinds, load, openServices, warnOnce } from './opening'
import type { KurrentLiteOptions, UserSource } from './options'
import { givePageItsTurn } from './pace'
import { cancelledBy, limitsOf, untilAborted, wasCancelled } from './request'
import { abandoned, Resources } from './session_resources'
import { StreamService } from './stream_service'
import { Sync } from './sync'
import { UserStreamService } from './user_stream_service'
import type { SanitizedData } from './validation/guard'
import { keepOutOfProxies } from '../wasm/opaque'

/**
 * What a session tells its listeners: `connection` changed, documents (`streams`) or user data (`users`) changed from
 * whatever source, `health` was checked, something failed in the background (`problem`), data were changed before they
 * were stored (`sanitized`), the `simulation` was changed, another `user` acts; lists and queries may answer something
 * else then, too; `metrics` were measured, the status of `sync` changed.
 */
export type SessionEvent =
  | 'connection'
  | 'streams'
  | 'users'
  | 'health'
  | 'problem'
  | 'sanitized'
  | 'simulation'
  | 'user'
  | 'metrics'
  | 'sync'

/** Everything that is there once the session is open. */
interface Opened {
  readonly core: Core
  readonly config: DatabaseConfig
  /** The database in this process; none with option `client`. */
  readonly entry: SpaceEntry | undefined
  readonly handle: ServicesHandle
  /** Made when it is first needed. */
  clientOpening?: Promise<SessionClient>
  client?: SessionClient
}

/**
 * One use of kurrentlite: an environment, its database and the three services over it. Making a session costs nothing;
 * the first action loads the core, checks the configuration and connects. Actions reject with a `KurrentLiteError`.
 */
export class Session {
  /** Connection, health and metrics. */
  readonly kurrentdb: KurrentDBService
  /** Refreshes health, metrics and lists from time to time. */
  readonly sync: Sync
  /**
   * KurrentDB's own interface, for events: what `@kurrent/kurrentdb-client` offers, on the database and the simulated
   * network of the current environment, or the client that option `client` gives. There at once; its code is loaded with
   * the first operation. Its subscriptions end when the environment is switched or the session disposed of.
   */
  readonly client: EventClient
  /** Documents. */
  readonly streams: StreamService
  /** User data. */
  readonly users: UserStreamService
  /** Events, whatever they are about. */
  readonly events: EventService
  /** Live results of `streams`. @internal */
  readonly live: LiveHub

  /** What data must be before they are written. For the service classes. @internal */
  readonly guards: Guards

  private readonly variables: Variables
  private readonly listeners = new Map<SessionEvent, Set<() => void>>()
  private readonly resources: Resources
  /** What `switchEnvironment` chose last. */
  private chosen: EnvironmentName | undefined
  private opening: Promise<Opened> | undefined
  private opened: Opened | undefined
  private lastHealth: DatabaseHealth | null = null
  private lastMetrics: DatabaseMetrics | null = null
  /** The health history of environments that were left. */
  private readonly leftHealth = new Map<EnvironmentName, readonly DatabaseHealth[]>()
  private lastProblem: KurrentLiteError | null = null
  private lastSanitized: SanitizedData | null = null
  private disposed = false
  private userSource: UserSource | undefined
  /** Who the core acts for. */
  private actsAs: string | null = null

  constructor(readonly options: KurrentLiteOptions = {}) {
    keepOutOfProxies(this)
    this.variables = readVariables(options)
    this.userSource = options.user
    const weak = new WeakRef(this)
    this.resources = new Resources(new DatabaseSpace(options, (error) => weak.deref()?.report(error)))
    abandoned?.register(this, this.resources, this.resources)
    this.guards = this.makeGuards()
    this.client = this.guards.client(options.client ?? this.makeClient())
    this.kurrentdb = new KurrentDBService(this)
    this.sync = this.makeSync()
    this.streams = new StreamService(this)
    this.users = new UserStreamService(this)
    this.events = new EventService(this)
    this.live = new LiveHub(this)
  }

  /** False when `VITE_KURRENT_DB_ENABLED` (or the option) switches the database off: every action then rejects. */
  get enabled(): boolean {
    return !isDisabled(this.variables, this.options)
  }

  get environment(): EnvironmentName {
    return this.opened?.config.environment ?? this.chosen ?? likelyEnvironment(this.variables, this.options)
  }

  /** The connection as it is now, without waiting. */
  get connection(): DatabaseConnection {
    return this.opened ? toConnection(this.opened.handle.connection()) : noConnection(this.environment)
  }

  /** Outcome of the last health check in the current environment, whoever asked for it. */
  get health(): DatabaseHealth | null {
    return this.lastHealth
  }

  /** What the last `kurrentdb.metrics()` in the current environment answered, whoever asked for it. */
  get metrics(): DatabaseMetrics | null {
    return this.lastMetrics
  }

  /** The services in the core once they are there. For `KurrentDBService`. @internal */
  get handle(): ServicesHandle | undefined {
    return this.opened?.handle
  }

  /** Health checks of earlier visits to the current environment, newest first. For `KurrentDBService`. @internal */
  get earlierHealth(): readonly DatabaseHealth[] {
    return this.leftHealth.get(this.environment) ?? []
  }

  /** For `KurrentDBService`. @internal */
  noteMetrics(metrics: DatabaseMetrics): void {
    this.lastMetrics = metrics
    this.emit('metrics')
  }

  /** For `KurrentDBService`. @internal */
  noteHealth(health: DatabaseHealth): void {
    this.lastHealth = health
    this.emit('health')
  }

  /** The acting user, `anonymous` when nobody is signed in; `null` when the program itself acts, which may do everything. */
  get user(): string | null {
    return actingUser(this.userSource)
  }

  /** Replaces the option `user`; `undefined` lets the program itself act. Operations under way go on as they were. */
  setUser(user: UserSource | undefined): void {
    this.userSource = user
    this.refreshUser()
  }

  /** Asks the getter of the option `user` again, so that lists and queries show at once what another user may see. */
  refreshUser(): void {
    const { user } = this
    if (user === this.actsAs) return
    this.actsAs = user
    this.opened?.handle.actAs(user)
    this.live.refresh()
    this.emit('user')
  }

  /** What last failed in the background, e.g. while saving. */
  get problem(): KurrentLiteError | null {
    return this.lastProblem
  }

  /** What sanitizing last changed in data that were given to be stored. */
  get sanitized(): SanitizedData | null {
    return this.lastSanitized
  }

  /** Loads the core and the saved content without connecting. */
  async ready(): Promise<void> {
    await this.open()
  }

  /** The checked configuration of the current environment. */
  async config(): Promise<DatabaseConfig> {
    return structuredClone((await this.open()).config)
  }

  /**
   * The database itself, for raw events, import and export. Everything that it does goes around the simulated network.
   */
  async openDatabase(): Promise<Database> {
    return (await this.openEntry()).database
  }

  private async openEntry(): Promise<SpaceEntry> {
    const { entry } = await this.open()
    if (entry) return entry
    const problem = 'was given, so the database is not in this process: it can only be reached by that client.'
    throw new ConfigError([{ field: 'client', problem }])
  }

  /** The events of a stream, oldest first; none when there is no such stream. For the service classes. @internal */
  async readEvents(stream: string): Promise<StoredEvent[]> {
    const { entry } = await this.open()
    try {
      return entry ? entry.database.readEvents(stream) : await readClientEvents(this.client, stream)
    } catch (thrown) {
      throw toKurrentLiteError(thrown)
    }
  }

  /**
   * The client behind `client` in the current environment, loaded: for `databaseOf`, and where something is to be thrown
   * at once. Whatever option `client` says, it is that of the session's own database.
   */
  async openClient(): Promise<KurrentDBClient> {
    const opened = await this.open()
    const { client } = await (opened.clientOpening ??= this.openSessionClient(opened))
    return client
  }

  /** The core, e.g. for the names of KurrentDB streams. */
  async openCore(): Promise<Core> {
    return (await this.open()).core
  }

  /** Runs an operation of the C++ services; `json` is the text of its arguments. For the service classes. */
  async call(operation: ServiceOperation, json = '{}', options?: CallOptions): Promise<unknown> {
    const limits = limitsOf(options)
    const { signal } = limits
    const { handle } = this.opened ?? (await untilAborted(this.open(), signal))
    this.refreshUser()
    try {
      const answer = await handle.call(operation, json, limits)
      const rest = givePageItsTurn()
      if (rest) await rest
      return answer
    } catch (thrown) {
      throw wasCancelled(signal, thrown) ? cancelledBy(signal) : toKurrentLiteError(thrown)
    }
  }

  /** Calls `listener` after each event of the kind. Returns the function that stops it. */
  on(event: SessionEvent, listener: () => void): () => void {
    const listeners = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  /**
   * Goes over to another environment and connects to its database. What is under way is cancelled; the database left
   * keeps its content. Rejects with `ConfigError`, and stays, when the environment is unknown or not well configured.
   */
  async switchEnvironment(
    environment: EnvironmentName | 'development' | 'production',
    options?: CallOptions,
  ): Promise<DatabaseConnection> {
    limitsOf(options)
    const { core, handle } = await this.open()
    const { environment: name } = configure(core, this.variables, this.options, environment)
    if (name !== this.environment) {
      this.leftHealth.set(this.environment, this.kurrentdb.healthHistory())
      handle.close()
      this.resources.closeClient()
      this.chosen = name
      this.opened = undefined
      this.opening = undefined
      this.lastHealth = null
      this.lastMetrics = null
      this.sync.startOver()
      await this.open()
      this.live.restart()
      for (const event of ['connection', 'streams', 'users', 'health', 'metrics', 'sync'] as const) this.emit(event)
    }
    return this.kurrentdb.connect(options)
  }

  /** The simulated network in force. */
  async simulation(): Promise<SimulationProfile> {
    const { handle } = await this.open()
    try {
      return handle.simulation()
    } catch (thrown) {
      throw toKurrentLiteError(thrown)
    }
  }

  /** Changes the simulated network of the current environment, for calls from now on. */
  async setSimulation(simulation: SimulationOptions): Promise<SimulationProfile> {
    const { handle, entry, client } = await this.open()
    try {
      handle.setSimulation(simulation)
    } catch (thrown) {
      throw toKurrentLiteError(thrown)
    }
    if (entry) entry.simulation = simulation
    await client?.setSimulation(simulation)
    this.emit('simulation')
    return handle.simulation()
  }

  /** Empties the current environment's database and what was saved of it. */
  async reset(): Promise<void> {
    const { database, persister } = await this.openEntry()
    await (persister ? persister.reset() : database.reset())
  }

  /** Saves now what `persist` would save soon. */
  async save(): Promise<void> {
    await (await this.open()).entry?.persister?.save()
  }

  /** Cancels what is under way and frees the memory; what is not saved yet is being saved. Safe to call twice. */
  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    this.live.close()
    this.sync.stop()
    this.opened = undefined
    this.opening = undefined
    this.listeners.clear()
    this.resources.close()
    abandoned?.unregister(this.resources)
  }

  private open(): Promise<Opened> {
    if (this.disposed) return Promise.reject(new OperationCancelledError('This session was disposed of.'))
    if (!this.enabled) return Promise.reject(new KurrentDBDisabledError())
    if (this.opening) return this.opening
    const opening = this.load(this.chosen)
    this.opening = opening
    opening.catch(() => {
      if (this.opening === opening) this.opening = undefined // the next action tries again
    })
    return opening
  }

  private async load(environment: EnvironmentName | undefined): Promise<Opened> {
    const core = await load(this.options)
    const config = configure(core, this.variables, this.options, environment)
    warnOnce(core, this.variables)
    const { client } = this.options
    const entry = client ? undefined : await this.resources.space.entry(core, config)
    const calls = client && new (await import('./client_calls')).ClientCalls(client)
    if (this.disposed) throw new OperationCancelledError('This session was disposed of.')
    if (this.chosen !== environment) throw new OperationCancelledError('The environment was switched meanwhile.')
    const simulation = entry?.simulation ?? simulationOf(this.options, config.environment)
    const handle = calls
      ? openServices(() => core.openHostServices(config, calls))
      : openServices(() => entry!.database.openServices(config, simulation))
    await declareKinds(handle, this.options)
    this.resources.use(handle)
    this.follow(handle)
    this.opened = { core, config, entry, handle }
    this.actsAs = this.user
    if (this.actsAs !== null) handle.actAs(this.actsAs)
    return this.opened
  }

  /** Not in the constructor: closures of one function share what they capture, and `Resources` must not lead here. */
  private makeGuards(): Guards {
    return makeGuards(this.options, (sanitized) => {
      this.lastSanitized = sanitized
      this.emit('sanitized')
    })
  }

  private makeClient(): EventClient {
    const session = this
    return lazyClient({
      open: () => session.openClient(),
      get opened() {
        return session.opened?.client?.client
      },
    })
  }

  private async openSessionClient(opened: Opened): Promise<SessionClient> {
    const { config } = opened
    const entry = await this.openEntry()
    const { openSessionClient } = await import('../client/session_client')
    if (this.opened !== opened) throw new OperationCancelledError('The environment was switched meanwhile.')
    const client = await openSessionClient({
      database: entry.database as WasmDatabase,
      authority: authorityOf(config),
      simulation: entry.simulation ?? simulationOf(this.options, config.environment),
      timeout: config.timeout,
      credentials: config.credentials,
    })
    if (this.opened !== opened) client.close()
    else this.resources.useClient((opened.client = client))
    return client
  }

  /** The handle's listeners live in the core: through a weak reference they do not keep a forgotten session alive. */
  private follow(handle: ServicesHandle): void {
    const weak = new WeakRef(this)
    for (const event of ['connection', 'streams', 'users'] as const) {
      handle.on(event, () => {
        const session = weak.deref()
        if (session?.opened?.handle !== handle) return
        if (event === 'connection') session.sync.follow(session.connection.status)
        session.emit(event)
        if (event === 'connection' && session.connection.isConnected) session.live.retry()
      })
    }
    handle.on('live', () => void weak.deref()?.live.take())
    handle.on('pending', () => {
      const session = weak.deref()
      if (session?.opened?.handle === handle) session.emit('sync')
    })
    const { onSpan } = this.options
    if (onSpan) handle.onSpans((spans) => (spans as Span[]).forEach(onSpan))
  }

  /** Not in the constructor: what its closures see would lead from the resources back to the session. */
  private makeSync(): Sync {
    return new Sync(this, {
      interval: async () => (await this.open()).config.syncInterval,
      pending: () => this.opened?.handle.pendingWrites() ?? 0,
      changed: () => this.emit('sync'),
    })
  }

  private emit(event: SessionEvent): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener()
  }

  private report(error: KurrentLiteError): void {
    if (this.lastProblem?.message !== error.message) console.warn(`kurrentlite: ${error.message}`)
    this.lastProblem = error
    this.emit('problem')
  }
}

function actingUser(source: UserSource | undefined): string | null {
  if (source === undefined) return null
  const user = typeof source === 'function' ? source() : source
  if (user === null || user === undefined || user === '') return 'anonymous'
  if (typeof user === 'string') return user
  throw new ValidationError([{ field: 'user', problem: `must be a user's name or null, not ${typeof user}.` }])
}

let fallback: Session | undefined

/** The session of programs that make none of their own. */
export function defaultSession(): Session {
  return (fallback ??= new Session())
}
