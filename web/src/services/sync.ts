import { toKurrentLiteError } from './errors'
import type { CallOptions, SyncProblem, SyncStatus } from './models'
import type { Session } from './session'
import { after } from './timers'
import { keepOutOfProxies } from '../wasm/opaque'

/** How many problems are remembered. */
const problemsKept = 10

/** What the sync of a session needs to know of it. */
export interface SyncHost {
  /** Milliseconds between two syncs. */
  interval(): Promise<number>
  /** Writes under way. */
  pending(): number
  /** The status changed. */
  changed(): void
}

/**
 * The regular work of a session: every `syncInterval` it checks the health, which ends when the lists have seen
 * everything, and measures. It runs while the session is connected or trying to be; `disconnect` ends it until the next
 * connection. Stores and composables follow it by the session's events.
 */
export class Sync {
  private wanted: boolean
  private paused = false
  private running = false
  private syncing: Promise<void> | undefined
  private cancelTimer: (() => void) | undefined
  private last: Date | null = null
  private next: Date | null = null
  private problems: readonly SyncProblem[] = []
  /** Counts starts and stops: what was begun before the last one has no say any more. */
  private round = 0

  constructor(
    private readonly session: Session,
    private readonly host: SyncHost,
  ) {
    keepOutOfProxies(this)
    this.wanted = session.options.sync ?? typeof document !== 'undefined'
  }

  get status(): SyncStatus {
    return {
      isRunning: this.running && !this.paused,
      isPaused: this.paused,
      isSyncing: this.syncing !== undefined,
      pending: this.host.pending(),
      lastSync: this.last,
      nextSync: this.next,
      errors: [...this.problems],
    }
  }

  /** No sync begins by itself until `resume`; one that is under way is finished. */
  pause(): void {
    if (this.paused) return
    this.paused = true
    this.cancel()
    this.host.changed()
  }

  /** Ends a pause, with a sync at once. Also makes a session sync that did not by itself, e.g. on a server. */
  resume(): void {
    if (!this.paused && this.wanted) return
    this.paused = false
    this.wanted = true
    if (this.running) void this.schedule(0)
    else this.follow(this.session.connection.status)
    this.host.changed()
  }

  /**
   * Syncs now; a sync that is under way is shared. Resolves also when it finds problems, which are in the status; rejects
   * only when nothing could be tried, e.g. because the database is disabled, or `options` ended it.
   */
  async now(options?: CallOptions): Promise<SyncStatus> {
    await (options ? this.run(options) : this.share())
    return this.status
  }

  /** Whether timers may be started at all, unless option `sync` decides. For the store. @internal */
  allow(allowed: boolean): void {
    if (this.session.options.sync !== undefined || allowed === this.wanted) return
    this.wanted = allowed
    if (!allowed) this.stop()
    else this.follow(this.session.connection.status)
  }

  /** The connection changed. @internal */
  follow(status: string): void {
    if (status === 'disconnected') this.stop()
    else if (status === 'connected' && this.wanted && !this.running) void this.start()
  }

  /** Ends the regular work. @internal */
  stop(): void {
    if (!this.running) return
    this.round += 1
    this.running = false
    this.cancel()
    this.host.changed()
  }

  /** Another environment: what happened in the last one does not count. @internal */
  startOver(): void {
    this.stop()
    this.last = null
    this.problems = []
  }

  private async start(): Promise<void> {
    this.running = true
    const round = ++this.round
    const isNew = this.session.health === null
    this.host.changed()
    try {
      await this.schedule(isNew ? 0 : undefined)
    } catch {
      if (round === this.round) this.running = false
    }
  }

  /** Begins a sync after `delay`, or after the configured time. */
  private async schedule(delay?: number): Promise<void> {
    const { round } = this
    const wait = delay ?? (await this.host.interval())
    if (!this.running || this.paused || round !== this.round) return
    this.cancel()
    this.next = new Date(Date.now() + wait)
    // A session that nobody holds any more is not kept alive.
    const weak = new WeakRef(this)
    this.cancelTimer = after(wait, () => weak.deref()?.tick())
    this.host.changed()
  }

  private tick(): void {
    this.cancelTimer = undefined
    this.share()
      .catch(() => undefined) // it is in the status
      .finally(() => void this.schedule().catch(() => undefined))
  }

  private share(): Promise<void> {
    if (this.syncing) return this.syncing
    const syncing = this.run().finally(() => {
      if (this.syncing === syncing) this.syncing = undefined
      this.host.changed()
    })
    this.syncing = syncing
    this.host.changed()
    return syncing
  }

  private async run(options?: CallOptions): Promise<void> {
    const { kurrentdb, environment } = this.session
    const [health, metrics] = await Promise.allSettled([kurrentdb.checkHealth(options), kurrentdb.metrics(options)])
    if (environment !== this.session.environment) return
    if (health.status === 'rejected') {
      const error = toKurrentLiteError(health.reason)
      if (error.type !== 'operation-cancelled') this.note([error.message])
      throw error
    }
    const { checks, status, errors } = health.value
    const isDone = checks.sync && status !== 'unhealthy'
    if (isDone) this.last = new Date()
    if (!isDone) this.note(errors)
    else if (metrics.status === 'rejected') this.note([`Metrics: ${toKurrentLiteError(metrics.reason).message}`])
  }

  private note(messages: readonly string[]): void {
    const time = new Date()
    const problems = messages.map((message) => ({ time, message }))
    this.problems = [...problems, ...this.problems].slice(0, problemsKept)
  }

  private cancel(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    this.next = null
  }
}

/** The status of a session that has not synced. */
export const noSync: SyncStatus = {
  isRunning: false,
  isPaused: false,
  isSyncing: false,
  pending: 0,
  lastSync: null,
  nextSync: null,
  errors: [],
}
