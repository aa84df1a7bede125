import { toKurrentLiteError } from '../services/errors'
import type { Stream, StreamFilter, StreamPage, UserStream } from '../services/models'
import type { Session } from '../services/session'
import { after } from '../services/timers'
import { latest } from './latest'
import { countStreams, keepUnchanged, loadPage, streamIdentity } from './lists'
import type { KurrentDBStoreState } from './types'

/** State of the store, and what it remembers beside it. */
export interface FollowedState extends KurrentDBStoreState {
  /** Of `streams`. */
  filter: StreamFilter
  /** Documents in the database. */
  streamCount: { value: number }
}

/** Which lists an action changes. */
export type Changed = 'streams' | 'users' | 'all' | 'nothing'

/** Keeps a store's state up to date with a session: on events, and every `syncInterval`. */
export class Follower {
  readonly refreshStreams: () => Promise<void>
  readonly refreshUsers: () => Promise<void>
  private readonly stops: (() => void)[]
  private cancelSync: (() => void) | undefined
  private syncing = false
  private listsLoaded = false
  private stopped = false

  constructor(
    readonly session: Session,
    readonly state: FollowedState,
    /** Whether to refresh from time to time; not while rendering on a server. */
    private readonly mayStartTimers: boolean,
  ) {
    this.refreshStreams = latest(async () => {
      await this.loadStreams(this.state.filter)
    })
    this.refreshUsers = latest(() => this.loadUsers())
    this.stops = [
      session.on('connection', () => this.showConnection()),
      session.on('streams', () => this.refreshInBackground(this.refreshStreams)),
      session.on('users', () => this.refreshInBackground(this.refreshUsers)),
      session.on('health', () => (state.health.value = session.health)),
      session.on('problem', () => (state.error.value = session.problem)),
    ]
    this.showConnection()
    if (session.health) state.health.value = session.health
    if (session.problem) state.error.value = session.problem
  }

  stop(): void {
    this.stopped = true
    for (const stop of this.stops) stop()
    this.stopSync()
  }

  /** Fills `streams` with what `filter` matches and remembers the filter, unless a newer call overtook this one. */
  async loadStreams(filter: StreamFilter): Promise<StreamPage> {
    const page = await loadPage(this.session, filter)
    const count = await countStreams(this.session, filter, page)
    if (this.stopped) return page
    const { state } = this
    state.filter = filter
    state.streams.value = keepUnchanged(state.streams.value, page.items as Stream[], streamIdentity)
    state.streamCount.value = count
    return page
  }

  /**
   * Makes the lists show what has happened so far: those that changed, and both the first time. What an action did stays
   * done when they cannot be read now, so that is no failure; the next change or refresh reads them.
   */
  async showLists(changed: Changed): Promise<void> {
    const { connection } = this.session
    if (!connection.isConnected) return
    const all = changed === 'all' || !this.listsLoaded
    const refreshes = []
    if (all || changed === 'streams') refreshes.push(this.refreshStreams())
    if (all || changed === 'users') refreshes.push(this.refreshUsers())
    const outcomes = await Promise.allSettled(refreshes)
    if (outcomes.every(({ status }) => status === 'fulfilled')) this.listsLoaded = true
  }

  /** Refreshes lists, health and metrics. */
  readonly refreshAll = async (): Promise<void> => {
    const health = this.session.kurrentdb.checkHealth()
    await Promise.all([health, this.loadMetrics(), this.refreshStreams(), this.refreshUsers()])
    this.listsLoaded = true
  }

  async loadMetrics() {
    const metrics = await this.session.kurrentdb.metrics()
    if (!this.stopped) this.state.metrics.value = metrics
    return metrics
  }

  /** Disconnects; the next action connects and loads the lists again. */
  startOver(): void {
    this.listsLoaded = false
    if (this.session.connection.status === 'disconnected') return
    this.session.kurrentdb.disconnect().catch(() => undefined)
    this.state.connection.value = this.session.connection
  }

  get isStopped(): boolean {
    return this.stopped
  }

  /** What another environment's database holds must not be taken for this one's. */
  private forget(): void {
    const { state } = this
    this.listsLoaded = false
    state.streams.value = []
    state.userStreams.value = []
    state.streamCount.value = 0
    state.health.value = null
    state.metrics.value = null
  }

  private async loadUsers(): Promise<void> {
    const users = await this.session.users.list()
    if (this.stopped) return
    const { userStreams } = this.state
    userStreams.value = keepUnchanged(userStreams.value, users, userStreamIdentity)
  }

  private showConnection(): void {
    const { connection } = this.session
    if (connection.environment !== this.state.connection.value.environment) this.forget()
    this.state.connection.value = connection
    if (connection.status === 'disconnected') this.stopSync()
    else if (connection.status === 'connected' && this.mayStartTimers) void this.startSync()
  }

  /** A list that cannot be read now is read again with the next change or refresh; nobody asked, so nobody is told. */
  private refreshInBackground(refresh: () => Promise<void>): void {
    if (this.listsLoaded && this.session.connection.isConnected) refresh().catch(() => undefined)
  }

  private async startSync(): Promise<void> {
    if (this.syncing) return
    this.syncing = true
    try {
      const { syncInterval } = await this.session.config()
      this.scheduleSync(this.state.health.value ? syncInterval : 0, syncInterval)
    } catch {
      this.syncing = false
    }
  }

  private scheduleSync(delay: number, interval: number): void {
    if (!this.syncing || this.stopped) return
    this.cancelSync = after(delay, () => {
      this.refreshAll()
        .catch((thrown: unknown) => toKurrentLiteError(thrown)) // shown by `connection` and `health`
        .finally(() => this.scheduleSync(interval, interval))
    })
  }

  private stopSync(): void {
    this.syncing = false
    this.cancelSync?.()
    this.cancelSync = undefined
  }
}

const userStreamIdentity = ({ userId, type, category, version, updatedAt, isPublic }: UserStream): string =>
  JSON.stringify([userId, type, category ?? null, version, updatedAt.getTime(), isPublic])
