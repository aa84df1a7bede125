import type { CallOptions, Stream, StreamFilter, StreamPage, SyncStatus, UserStream } from '../services/models'
import type { Session } from '../services/session'
import { keepUnchanged, streamIdentity } from '../services/stream_identity'
import {
  countStreams,
  isPlain,
  loadPage,
  userStreamIdentity,
  withDocument,
  withoutDocument,
  withUser,
} from './lists'
import { Refresh } from '../services/refresh'
import type { KurrentDBStoreState } from './types'

/** State of the store, and what it remembers beside it. */
export interface FollowedState extends KurrentDBStoreState {
  /** Of `streams`. */
  filter: StreamFilter
  /** Documents in the database. */
  streamCount: { value: number }
}

/** What an action changed. */
export type Change =
  | { readonly document: Stream }
  | { readonly deletedDocument: string }
  | { readonly user: UserStream }
  | 'documents'
  | 'users'
  | 'all'
  | 'nothing'

/** Keeps a store's state up to date with a session: on its events, syncs among them. */
export class Follower {
  private readonly documents: Refresh
  private readonly users: Refresh
  private readonly stops: (() => void)[]
  private lastSync: Date | null
  private listsLoaded = false
  /** Counts what actions did. */
  private changes = 0
  /** Counts calls of `loadStreams`. */
  private loads = 0
  private stopped = false

  constructor(
    readonly session: Session,
    readonly state: FollowedState,
    /** Not while rendering on a server. */
    mayStartTimers: boolean,
  ) {
    this.documents = new Refresh(() => this.refreshDocuments(), { mayWait: mayStartTimers })
    this.users = new Refresh(() => this.loadUsers(), { mayWait: mayStartTimers })
    this.stops = [
      session.on('connection', () => this.showConnection()),
      session.on('streams', () => this.refreshInBackground(this.documents)),
      session.on('users', () => this.refreshInBackground(this.users)),
      session.on('user', () => this.showOtherUser()),
      session.on('health', () => this.showHealth()),
      session.on('metrics', () => (state.metrics.value = session.metrics)),
      session.on('sync', () => this.showSync()),
      session.on('problem', () => (state.error.value = session.problem)),
    ]
    this.lastSync = session.sync.status.lastSync
    this.showConnection()
    if (session.health) this.showHealth()
    if (session.metrics) state.metrics.value = session.metrics
    this.showSync()
    session.sync.allow(mayStartTimers)
    if (session.problem) state.error.value = session.problem
  }

  stop(): void {
    this.stopped = true
    for (const stop of this.stops) stop()
    this.documents.cancel()
    this.users.cancel()
  }

  /** Fills `streams` with what `filter` matches and remembers the filter, unless a newer call overtook this one. */
  loadStreams(filter: StreamFilter): Promise<StreamPage> {
    const call = ++this.loads
    return this.read(filter, () => call === this.loads)
  }

  private async refreshDocuments(): Promise<void> {
    const { filter } = this.state
    await this.read(filter, () => filter === this.state.filter)
  }

  /** Reads documents, and shows them if they are still wanted then. */
  private async read(filter: StreamFilter, isWanted: () => boolean): Promise<StreamPage> {
    for (let attempt = 1; ; attempt += 1) {
      const { changes } = this
      const page = await loadPage(this.session, filter)
      const count = await countStreams(this.session, filter, page)
      // What an action did since is not in what was read.
      const isOutdated = changes !== this.changes
      if (isOutdated && attempt < 5) continue
      if (!this.stopped && isWanted()) this.showDocuments(filter, page, count, isOutdated)
      return page
    }
  }

  private showDocuments(filter: StreamFilter, page: StreamPage, count: number, isOutdated: boolean): void {
    const { state } = this
    if (isOutdated) this.refreshInBackground(this.documents)
    // A plain list has been kept up by the actions themselves.
    if (isOutdated && filter === state.filter && isPlain(filter)) return
    state.filter = filter
    state.streams.value = keepUnchanged(state.streams.value, page.items, streamIdentity)
    state.streamCount.value = count
  }

  refreshUsers(): Promise<void> {
    return this.users.run()
  }

  /**
   * Makes the lists show what an action did; all of them the first time. What was done stays done when they cannot be
   * read now, so that is no failure; the next change or refresh reads them.
   */
  async show(change: Change): Promise<void> {
    if (!this.session.connection.isConnected) return
    const isUser = change === 'users' || (typeof change === 'object' && 'user' in change)
    const isDocument = change === 'documents' || (typeof change === 'object' && !isUser)
    if (change !== 'nothing') this.changes += 1
    const all = change === 'all' || !this.listsLoaded
    if (!all && (change === 'nothing' || this.patch(change))) return
    const refreshes = []
    if (all || isDocument) refreshes.push(this.documents.run())
    if (all || isUser) refreshes.push(this.users.run())
    const outcomes = await Promise.allSettled(refreshes)
    if (outcomes.every(({ status }) => status === 'fulfilled')) this.listsLoaded = true
  }

  /** Shows a change without reading a list anew, where it is clear what the core would answer. */
  private patch(change: Change): boolean {
    const { state } = this
    if (typeof change === 'string') return false
    if ('user' in change) {
      const users = withUser(state.userStreams.value, change.user)
      if (users) state.userStreams.value = users
      return users !== undefined
    }
    if (!isPlain(state.filter)) return false
    const streams = state.streams.value
    state.streams.value =
      'document' in change ? withDocument(streams, change.document) : withoutDocument(streams, change.deletedDocument)
    state.streamCount.value = state.streams.value.length
    return true
  }

  /** Refreshes lists, health and metrics. */
  readonly refreshAll = async (): Promise<void> => {
    const health = this.session.kurrentdb.checkHealth()
    await Promise.all([health, this.loadMetrics(), this.documents.run(), this.users.run()])
    this.listsLoaded = true
  }

  loadMetrics(options?: CallOptions) {
    return this.session.kurrentdb.metrics(options)
  }

  /** Syncs, and reads the lists. */
  async syncNow(options?: CallOptions): Promise<SyncStatus> {
    const status = await this.session.sync.now(options)
    await Promise.allSettled([this.documents.run(), this.users.run()])
    return status
  }

  private showHealth(): void {
    this.state.health.value = this.session.health
    this.state.healthHistory.value = this.session.kurrentdb.healthHistory()
  }

  /** After each sync the lists are read anew, as the store did itself when it asked for the sync. */
  private showSync(): void {
    const { status } = this.session.sync
    this.state.sync.value = status
    if (status.lastSync === this.lastSync) return
    this.lastSync = status.lastSync
    if (status.lastSync === null || !this.session.connection.isConnected) return
    this.documents.runInBackground()
    this.users.runInBackground()
    this.listsLoaded = true
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
    state.healthHistory.value = []
    state.metrics.value = null
  }

  /** What one user may see is not for the next; what is being read for the former one is outdated. */
  private showOtherUser(): void {
    const { state } = this
    this.changes += 1
    state.streams.value = []
    state.userStreams.value = []
    state.streamCount.value = 0
    this.refreshInBackground(this.documents)
    this.refreshInBackground(this.users)
  }

  private async loadUsers(): Promise<void> {
    const { userStreams } = this.state
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const { changes } = this
      const users = await this.session.users.list()
      if (this.stopped) return
      if (changes !== this.changes && attempt < 5) continue
      userStreams.value = keepUnchanged(userStreams.value, users, userStreamIdentity)
      return
    }
  }

  private showConnection(): void {
    const { connection } = this.session
    if (connection.environment !== this.state.connection.value.environment) this.forget()
    this.state.connection.value = connection
  }

  private refreshInBackground(list: Refresh): void {
    if (this.listsLoaded && this.session.connection.isConnected) list.runInBackground()
  }
}
