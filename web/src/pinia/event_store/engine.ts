import { shallowRef } from 'vue'
import { newEventId } from '../../wasm/event_ids'
import type { EventClient } from '../../services/event_client'
import type { Session } from '../../services/session'
import { after } from '../../services/timers'
import type { EventData, RecordedEvent } from '../../client/types/index'
import { EventFollower } from '../../vue/event_follower'
import { followDeletion, isTombstoned } from './deletion'
import { checkEvents, EventStoreConflictError } from './conflict'
import { type Committed, UndoHistory } from './history'
import type { EventStoreDefinition, EventStoreState } from './types'

/** Inside, the types of one store are of no interest. */
type Definition = EventStoreDefinition<any, any, any, any>
type Event = { readonly type: string; readonly data: any; readonly metadata?: object }
type Decide = (state: any) => unknown
type Kind = 'commit' | 'undo' | 'redo'

/** Events that are shown already, while they are being appended. */
interface Pending {
  readonly kind: Kind
  readonly decide: Decide
  events: readonly (Event & { readonly id: string })[]
  /** The version that the events were decided on. */
  expected: number
  /** How many of the events came back by the subscription. */
  arrived: number
  /** The state before each event that has arrived. */
  before: unknown[]
  /** What others appended meanwhile. */
  theirs: Event[]
}

const MOST_ATTEMPTS = 10
/** Before a fold that could not be read is read again. */
const REFOLD_DELAY_MS = 1_000

/**
 * The state of one instance of an event store: a fold of its stream, which it follows, and over it what is being appended.
 * Commits are appended one after another, each at the version that it was decided on.
 */
export class EventStoreEngine {
  readonly refs: EventStoreState<any>
  readonly history: UndoHistory<Event, any>
  private confirmed: any
  private readonly pending: Pending[] = []
  /** Ends with the last append. */
  private tail: Promise<unknown> = Promise.resolve()
  private loading: Promise<void> | undefined
  private loaded = false
  private follower: EventFollower | undefined
  private stopFollowingDeletion: (() => void) | undefined
  private cancelRefold: (() => void) | undefined
  /** Revision of the first event of the fold. */
  private oldest = 0
  private session: Session | undefined
  private environment: string | undefined
  private stopListening: (() => void) | undefined
  private stopped = false

  constructor(
    private readonly definition: Definition,
    private readonly stream: string,
    private readonly findSession: () => Session,
    private readonly onServer: () => boolean,
  ) {
    this.confirmed = definition.initialState()
    this.history = new UndoHistory(definition.undoLimit ?? 100)
    this.refs = {
      state: shallowRef(definition.initialState()),
      version: shallowRef(0),
      ready: shallowRef(false),
      isLoading: shallowRef(false),
      isSaving: shallowRef(false),
      error: shallowRef(null),
    }
  }

  stop(): void {
    this.stopped = true
    this.unfollow()
    this.stopListening?.()
  }

  // Loading

  load(): Promise<void> {
    if (this.loaded && !this.onServer()) return Promise.resolve()
    return (this.loading ??= this.read().finally(() => (this.loading = undefined)))
  }

  /** The next loading begins with the first event, whatever is shown. */
  foldAnew(): void {
    this.refs.version.value = 0
  }

  private async read(): Promise<void> {
    const { refs } = this
    refs.isLoading.value = true
    try {
      this.attach()
      // What a server sent is the fold of that many events.
      if (!this.loaded && refs.version.value > 0) this.confirmed = refs.state.value
      await this.catchUp()
      if (this.stopped) return
      this.show()
      refs.ready.value = true
      refs.error.value = null
      if (!this.loaded) this.follow()
      this.loaded = true
    } catch (thrown) {
      throw (refs.error.value = errorOf(thrown))
    } finally {
      refs.isLoading.value = false
    }
  }

  /** The session may change once: when the plugin is used after the store. */
  private attach(): void {
    const session = this.findSession()
    if (session === this.session) return
    this.stopListening?.()
    this.session = session
    this.environment = session.environment
    if (this.onServer()) return
    this.stopListening = session.on('connection', () => {
      if (session.environment === this.environment || session.options.client) return
      this.environment = session.environment
      this.startOver()
      this.load().catch(() => undefined)
    })
  }

  private get client(): EventClient {
    return this.session!.client
  }

  /** Another database: nothing of this one holds. */
  private startOver(): void {
    this.unfollow()
    this.loaded = false
    this.history.clear()
    this.forget()
  }

  /** Nothing is in the stream. */
  private forget(): void {
    this.confirmed = this.definition.initialState()
    this.refs.version.value = 0
    this.show()
  }

  private follow(): void {
    if (this.onServer()) return
    const from = this.refs.version.value === 0 ? 'start' : BigInt(this.refs.version.value - 1)
    this.follower = new EventFollower(this.client, { stream: this.stream, from, retryDelay: 250 }, {
      event: ({ event }) => event && this.receive(event),
      status: (status, error) => {
        if (status !== 'failed') return
        if (isTombstoned(error)) this.end()
        this.refs.error.value = error
      },
    })
    this.follower.start()
    this.stopFollowingDeletion ??= followDeletion(this.client, this.stream, (before) => {
      if (this.refs.version.value > 0 && before > this.oldest) this.refoldSoon()
    })
  }

  private refoldSoon(): void {
    this.tail = this.tail.then(() => this.refold())
  }

  private unfollow(): void {
    this.cancelRefold?.()
    this.cancelRefold = undefined
    this.follower?.stop()
    this.follower = undefined
    this.stopFollowingDeletion?.()
    this.stopFollowingDeletion = undefined
  }

  /** What can be undone went with the stream. */
  private end(): void {
    this.history.clear()
    this.forget()
  }

  /**
   * The stream no longer begins where the fold does: somebody deleted it, and perhaps wrote to it again. Runs between
   * appends, and replaces what is shown in one go. Never rejects: the next append waits for it.
   */
  private async refold(): Promise<void> {
    if (this.stopped || !this.loaded) return
    this.follower?.stop()
    const { client } = this
    const events: RecordedEvent[] = []
    try {
      for await (const { event } of client.readStream(this.stream)) if (event) events.push(event)
    } catch (thrown) {
      if (isTombstoned(thrown)) this.refs.error.value = errorOf(thrown)
      else if (typeOf(thrown) !== 'stream-not-found') {
        if (this.stopped || !this.loaded) return
        this.follow() // as it was, for now
        this.cancelRefold?.()
        this.cancelRefold = after(REFOLD_DELAY_MS, () => this.refoldSoon())
        return
      }
    }
    if (this.stopped || !this.loaded || client !== this.client) return
    this.history.clear()
    this.confirmed = this.definition.initialState()
    this.refs.version.value = 0
    for (const event of events) this.receive(event)
    this.show()
    this.follow()
  }

  /** Reads what the subscription has not brought yet. */
  private async catchUp(): Promise<void> {
    const { version } = this.refs
    try {
      const from = { fromRevision: BigInt(version.value) }
      for await (const { event } of this.client.readStream(this.stream, from)) if (event) this.receive(event)
    } catch (thrown) {
      if (typeOf(thrown) !== 'stream-not-found') throw thrown
      if (version.value > 0) this.forget() // it was deleted
    }
  }

  /** An event of the stream, from whatever source, perhaps not for the first time. */
  private receive(event: RecordedEvent): void {
    if (this.stopped || Number(event.revision) < this.refs.version.value) return
    if (this.refs.version.value === 0) this.oldest = Number(event.revision)
    const ours = this.pending[0]
    if (ours && ours.events[ours.arrived]?.id === event.id) {
      this.arrive(ours, Number(event.revision))
    } else {
      const known = plain(event)
      this.confirmed = this.evolve(this.confirmed, known)
      this.refs.version.value = Number(event.revision) + 1
      if (Object.hasOwn(this.definition.events, event.type)) for (const each of this.pending) each.theirs.push(known)
      if (!this.definition.undoAcross) this.history.clear()
    }
    this.show()
  }

  /** The next of our events is in the stream. */
  private arrive(commit: Pending, revision: number): void {
    if (this.refs.version.value === 0) this.oldest = revision
    // A stream that was deleted goes on where it ended.
    const gap = commit.arrived === 0 ? revision - commit.expected : 0
    for (const each of this.pending) each.expected += gap
    commit.before.push(this.confirmed)
    this.confirmed = this.evolve(this.confirmed, commit.events[commit.arrived]!)
    commit.arrived += 1
    this.refs.version.value = revision + 1
  }

  private evolve(state: any, event: Event): any {
    return Object.hasOwn(this.definition.events, event.type) ? this.definition.evolve(state, event as never) : state
  }

  private show(): void {
    const { refs } = this
    let state = this.confirmed
    for (const { events, arrived } of this.pending) {
      for (const event of events.slice(arrived)) state = this.evolve(state, event)
    }
    refs.state.value = state
    refs.isSaving.value = this.pending.length > 0
  }

  // Committing

  /**
   * Shows what `decide` decides and appends it. Everything up to the first wait happens before this returns, so a store
   * that is loaded shows it at once.
   */
  async commit(decide: Decide, kind: Kind = 'commit', undone?: Committed<Event, any>): Promise<void> {
    try {
      if (!this.loaded) await this.load()
      if (!this.session) this.attach()
      const decided = this.decide(decide, this.refs.state.value)
      const events = decided instanceof Promise ? await decided : decided
      if (events.length === 0) return
      const expected = this.pending.reduce((sum, each) => sum + each.events.length - each.arrived, this.refs.version.value)
      const commit: Pending = { kind, decide, events, expected, arrived: 0, before: [], theirs: [] }
      this.pending.push(commit)
      this.show()
      const appended = this.tail.then(() => this.append(commit, undone))
      this.tail = appended.catch(() => undefined)
      await appended
      this.refs.error.value = null
    } catch (thrown) {
      throw (this.refs.error.value = errorOf(thrown))
    }
  }

  /** Events with an id each; a promise only where one is needed. */
  private decide(decide: Decide, state: any): Pending['events'] | Promise<Pending['events']> {
    const prepare = (decision: unknown): Pending['events'] | Promise<Pending['events']> => {
      const given = (decision == null ? [] : Array.isArray(decision) ? decision : [decision]) as Event[]
      const checked = checkEvents(this.definition.events, given)
      const named = (events: readonly Event[]) => events.map((event) => ({ ...event, id: newEventId() }))
      return checked instanceof Promise ? checked.then(named) : named(checked)
    }
    const decision = decide(state)
    return decision instanceof Promise ? decision.then(prepare) : prepare(decision)
  }

  /** `commit` is the first that is pending. */
  private async append(commit: Pending, undone: Committed<Event, any> | undefined): Promise<void> {
    try {
      for (let attempt = 1; commit.events.length > 0; attempt += 1) {
        const conflict = await this.tryAppend(commit)
        if (conflict === undefined) break
        await this.resolve(commit, conflict, attempt)
      }
      this.remember(commit, undone)
    } finally {
      this.pending.splice(this.pending.indexOf(commit), 1)
      this.show()
    }
  }

  /** Answers why the stream is in another state, when that is so. */
  private async tryAppend(commit: Pending): Promise<{ readonly cause?: unknown } | undefined> {
    // Others were first, or a commit before this one failed.
    if (commit.expected !== this.refs.version.value) return {}
    const streamState = commit.expected === 0 ? 'no_stream' : BigInt(commit.expected - 1)
    const events = commit.events.map(({ id, type, data, metadata }) => ({
      id, type, data, metadata, contentType: 'application/json',
    }))
    try {
      const { success, nextExpectedRevision } = await this.client.appendToStream(this.stream, events as EventData[], {
        streamState,
      })
      if (!success) return {}
      const first = Number(nextExpectedRevision) - commit.events.length + 1
      while (commit.arrived < commit.events.length) this.arrive(commit, first + commit.arrived)
      return undefined
    } catch (thrown) {
      if (typeOf(thrown) === 'wrong-expected-version') return { cause: thrown }
      throw thrown
    }
  }

  /** Gives `commit` the events to try next; throws when it is not to be tried again. */
  private async resolve(commit: Pending, cause: { readonly cause?: unknown }, attempt: number): Promise<void> {
    await this.catchUp()
    if (cause.cause !== undefined && commit.expected === this.refs.version.value) {
      // The stream is shorter than what is shown: that came from another database, or the stream was made anew.
      this.confirmed = this.definition.initialState()
      this.refs.version.value = 0
      await this.catchUp()
    }
    // The answer to an append was lost, and the append repeated.
    if (commit.arrived === commit.events.length) return
    const { onConflict = 'throw', undoAcross = false } = this.definition
    const { expected, events, theirs, kind } = commit
    const conflict = new EventStoreConflictError(
      this.stream, expected, this.refs.version.value, events.map(plain), theirs, cause,
    )
    const isLost = attempt >= MOST_ATTEMPTS || (kind !== 'commit' && !undoAcross)
    const answer = isLost ? 'throw' : typeof onConflict === 'function' ? onConflict(conflict as never, this.confirmed) : onConflict
    if (answer === 'throw' || answer == null) throw conflict
    commit.events = []
    this.show()
    commit.events = await this.decide(answer === 'retry' ? commit.decide : () => answer, this.confirmed)
    commit.expected = this.refs.version.value
    commit.theirs = []
    this.show()
  }

  private remember(commit: Pending, undone: Committed<Event, any> | undefined): void {
    if (commit.events.length === 0) return
    if (!this.definition.undoAcross && this.refs.version.value !== commit.expected + commit.events.length) {
      this.history.clear() // others have appended since
      return
    }
    const { invert } = this.definition
    const committed = { events: commit.events.map(plain), before: commit.before }
    if (commit.kind === 'undo') this.history.undone(undone!)
    else if (commit.kind === 'redo') this.history.redone(undone!, committed)
    else this.history.committed(committed, committed.events.every(({ type }) => invert?.[type] !== undefined))
  }

  // Undo, redo, the past

  undo(): Promise<boolean> {
    return this.settled(async () => {
      const last = this.history.undo
      if (!last) return false
      let isPossible = true
      const decide = (state: unknown): Event[] => {
        const inverses = this.invert(last, state)
        isPossible = inverses.length > 0
        return inverses
      }
      await this.commit(decide, 'undo', last)
      return isPossible
    })
  }

  redo(): Promise<boolean> {
    return this.settled(async () => {
      const last = this.history.redo
      if (!last) return false
      await this.commit(() => last.events, 'redo', last)
      return true
    })
  }

  /** What can be undone is known when everything is appended; when nothing is under way, that is now. */
  private settled<R>(act: () => Promise<R>): Promise<R> {
    return this.pending.length > 0 ? this.tail.then(() => this.settled(act)) : act()
  }

  /** The last event is taken back first. */
  private invert({ events, before }: Committed<Event, any>, state: any): Event[] {
    const inverses: Event[] = []
    let now = state
    for (let index = events.length - 1; index >= 0; index -= 1) {
      const event = events[index]!
      const decision = this.definition.invert![event.type]!(event as never, before[index], now) as Event | Event[] | null
      for (const inverse of [decision ?? []].flat()) {
        inverses.push(inverse)
        now = this.evolve(now, inverse)
      }
    }
    return inverses
  }

  async stateAt(version: number): Promise<any> {
    if (!Number.isSafeInteger(version) || version < 0) throw new RangeError(`${version} is no version: give 0 or more.`)
    if (!this.session) this.attach()
    let state = this.definition.initialState()
    let reached = 0
    if (version === 0) return state
    try {
      for await (const { event } of this.client.readStream(this.stream, { maxCount: version })) {
        if (!event || Number(event.revision) >= version) break
        state = this.evolve(state, plain(event))
        reached = Number(event.revision) + 1
      }
    } catch (thrown) {
      if (typeOf(thrown) !== 'stream-not-found') throw thrown
    }
    if (reached < version) throw new RangeError(`${this.stream} has no version ${version}: it is at ${reached}.`)
    return state
  }
}

const plain = ({ type, data, metadata }: { type: string; data: unknown; metadata?: unknown }): Event =>
  metadata === undefined ? { type, data } : { type, data, metadata: metadata as object }

const typeOf = (thrown: unknown): unknown => (thrown as { type?: unknown } | null | undefined)?.type

const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
