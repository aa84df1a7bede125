import { keepOutOfProxies } from '../wasm/opaque'
import { type KurrentLiteError, OperationCancelledError, toKurrentLiteError, ValidationError } from './errors'
import { toItem } from './query'
import { argumentsText } from './request'
import type { Session } from './session'

/** As in the core (`StreamWatch::kLimitMax`). */
const limitMax = 100_000

/** One change of a live result. */
export type LiveChange<Item> =
  | { readonly type: 'added'; readonly id: string; readonly index: number; readonly item: Item }
  | {
      readonly type: 'changed'
      readonly id: string
      readonly index: number
      /** Where it stood before. */
      readonly previousIndex: number
      readonly item: Item
    }
  /** `index` is that in the result before. */
  | { readonly type: 'removed'; readonly id: string; readonly index: number }

/** What happened to a live result in one turn. */
export interface LiveUpdate<Item> {
  /** Removed ones first, then by their new index. Empty when only the order or the total is another. */
  readonly changes: readonly LiveChange<Item>[]
  readonly items: readonly Item[]
  readonly total: number
}

/**
 * A query whose result can follow the documents. Its order and cursor hold throughout, its limit, at most 100,000 here,
 * until `resize`; the total is always told.
 */
export type Followable<Q> = Omit<Q, 'groupBy' | 'total'>

/** What the core is to follow: the operation that begins it, and its arguments. */
export interface LiveRequest {
  readonly operation: 'watchStreams' | 'watchStreamList'
  readonly fields: Readonly<Record<string, unknown>>
  readonly select?: readonly string[] | undefined
}

/** As the core tells it. */
interface RawUpdate {
  readonly changes: readonly (LiveChange<unknown> & { item?: unknown })[]
  readonly ids: readonly string[]
  readonly total: number
}

type Listeners<Item> = {
  change: Set<(update: LiveUpdate<Item>) => void>
  error: Set<(error: KurrentLiteError) => void>
}

/**
 * The result of a query as it is now, from `streams.live(query)`. It starts by itself, and goes on after lost connections,
 * `reset()`, a switch of the environment and another acting user, until it is closed.
 */
export class LiveStreamQuery<Item extends { readonly id: string }> {
  private shown: readonly Item[] = []
  private matching = 0
  private failure: KurrentLiteError | null = null
  private readonly listeners: Listeners<Item> = { change: new Set(), error: new Set() }
  private readonly operation: LiveRequest['operation']
  private readonly text: string
  private readonly select: readonly string[] | undefined
  /** What `resize` asked for. */
  private limit: number | undefined
  private watch: number | undefined
  private starts = 0
  private closed = false
  private readonly started: Promise<void>

  /** For `StreamService.live`. Throws `ValidationError` when JSON cannot hold the query. @internal */
  constructor(
    private readonly session: Session,
    private readonly hub: LiveHub,
    { operation, fields, select }: LiveRequest,
  ) {
    keepOutOfProxies(this)
    this.operation = operation
    this.text = argumentsText(fields)
    this.select = select && [...select]
    hub.add(this)
    this.started = this.start()
    this.started.catch(() => undefined)
  }

  /** The result; a new array after each change, in which documents that did not change are the same objects. */
  get items(): readonly Item[] {
    return this.shown
  }

  /** Matching documents, within the limit or not. */
  get total(): number {
    return this.matching
  }

  /** Why it does not follow at the moment; `null` while it does. */
  get error(): KurrentLiteError | null {
    return this.failure
  }

  /** Resolves to this when the first result is there. Rejects as `streams.query` does, e.g. with `ValidationError`. */
  async ready(): Promise<this> {
    await this.started
    return this
  }

  /** Calls `listener` after each change, the first result included. Returns the function that stops it. */
  on(event: 'change', listener: (update: LiveUpdate<Item>) => void): () => void
  /** Calls `listener` when following failed. It is tried again when the connection is restored. */
  on(event: 'error', listener: (error: KurrentLiteError) => void): () => void
  on(event: keyof Listeners<Item>, listener: (news: never) => void): () => void {
    const listeners = this.listeners[event] as Set<(news: never) => void>
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** Reads the result anew. Resolves when it is there; rejects as `ready` does. */
  refresh(): Promise<void> {
    return this.start()
  }

  /**
   * Shows up to `limit` documents from now on, 1 to 100,000: further pages come without a new search. Resolves when they
   * are there, unless the documents are being read anew at the moment; rejects with `ValidationError`, and as `ready` does.
   */
  async resize(limit: number): Promise<void> {
    // Said here since what has not begun yet would begin with it, and fail for good.
    if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
      throw new ValidationError([{ field: 'limit', problem: `must be a whole number from 1 to ${limitMax}.` }])
    }
    const before = this.limit
    this.limit = limit
    try {
      await (this.watch === undefined ? this.start() : this.hub.resize(this.watch, limit))
    } catch (thrown) {
      if (this.limit === limit) this.limit = before
      throw toKurrentLiteError(thrown)
    }
  }

  /**
   * Takes over what another query shows already: documents that are the same stay the same objects. For composables.
   * @internal
   */
  takeOver(items: readonly Item[]): void {
    this.shown = items
  }

  /** Stops following; `items` stay. Safe to call twice. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.starts += 1
    this.listeners.change.clear()
    this.listeners.error.clear()
    this.forget()
    this.hub.remove(this)
  }

  /** The core's services are others now: begin there. @internal */
  restart(): void {
    this.watch = undefined // gone with them
    this.start().catch(() => undefined)
  }

  /** @internal */
  restartAfterFailure(): void {
    if (this.failure && this.failure.type !== 'validation-failed') this.restart()
  }

  /** @internal */
  apply(update: RawUpdate): void {
    if (this.closed) return
    const known = new Map(this.shown.map((item) => [item.id, item]))
    const changes = update.changes.map((change) => {
      if (change.type === 'removed') return change
      const item = toItem<Item>(change.item, this.select)
      known.set(change.id, item)
      return { ...change, item }
    })
    this.show(changes as LiveChange<Item>[], update.ids.map((id) => known.get(id)!), update.total)
  }

  private show(changes: readonly LiveChange<Item>[], items: readonly Item[], total: number): void {
    this.shown = items
    this.matching = total
    for (const listener of [...this.listeners.change]) listener({ changes, items, total })
  }

  private async start(): Promise<void> {
    if (this.closed) throw new OperationCancelledError('This live query was closed.')
    const start = ++this.starts
    const { limit } = this
    const text = limit === undefined ? this.text : argumentsText({ ...(JSON.parse(this.text) as object), limit })
    try {
      const answer = (await this.session.call(this.operation, text)) as { watch: number; first: RawUpdate }
      if (start !== this.starts) {
        this.hub.drop(answer.watch)
        if (this.closed) throw new OperationCancelledError('This live query was closed.')
        return
      }
      this.forget()
      this.failure = null
      this.watch = answer.watch
      this.begin(answer.first)
      this.hub.claim(answer.watch, this)
      if (this.limit !== undefined && this.limit !== limit) await this.hub.resize(answer.watch, this.limit)
    } catch (thrown) {
      const error = toKurrentLiteError(thrown)
      if (start !== this.starts || this.closed) throw error
      this.failure = error
      for (const listener of [...this.listeners.error]) listener(error)
      throw error
    }
  }

  /** A first result tells all as added: what was shown already is told by what is different. */
  private begin({ changes, ids, total }: RawUpdate): void {
    const before = new Map(this.shown.map((item, index) => [item.id, { item, index, text: JSON.stringify(item) }]))
    const after = new Set(ids)
    const news: LiveChange<Item>[] = []
    this.shown.forEach(({ id }, index) => {
      if (!after.has(id)) news.push({ type: 'removed', id, index })
    })
    const items = changes.map((change, index) => {
      const item = toItem<Item>(change.item, this.select)
      const known = before.get(change.id)
      if (!known) news.push({ type: 'added', id: change.id, index, item })
      else if (known.text === JSON.stringify(item)) return known.item
      else news.push({ type: 'changed', id: change.id, index, previousIndex: known.index, item })
      return item
    })
    this.show(news, items, total)
  }

  private forget(): void {
    if (this.watch !== undefined) this.hub.drop(this.watch)
    this.watch = undefined
  }
}

/** Hands what the core tells of live results to those who wait for it. One for each session. */
export class LiveHub {
  private readonly open = new Set<LiveStreamQuery<any>>()
  private byWatch = new Map<number, LiveStreamQuery<any>>()
  /** Told before the start was: the core is faster than promises. */
  private early = new Map<number, RawUpdate[]>()

  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  add(query: LiveStreamQuery<any>): void {
    this.open.add(query)
  }

  remove(query: LiveStreamQuery<any>): void {
    this.open.delete(query)
  }

  claim(watch: number, query: LiveStreamQuery<any>): void {
    this.byWatch.set(watch, query)
    for (const update of this.early.get(watch) ?? []) query.apply(update)
    this.early.delete(watch)
  }

  /** The core need not follow it any more. */
  drop(watch: number): void {
    this.byWatch.delete(watch)
    this.early.delete(watch)
    this.session.call('unwatchStreams', argumentsText({ watch })).catch(() => undefined) // closed meanwhile: gone anyway
  }

  /** There is news. */
  async take(): Promise<void> {
    if (this.open.size === 0) return
    this.deliver(await this.session.call('takeStreamUpdates').catch(() => ({})))
  }

  async resize(watch: number, limit: number): Promise<void> {
    this.deliver(await this.session.call('resizeStreamWatch', argumentsText({ watch, limit })))
  }

  private deliver(news: unknown): void {
    for (const [key, updates] of Object.entries(news as Record<string, RawUpdate[]>)) {
      const watch = Number(key)
      const query = this.byWatch.get(watch)
      if (query) for (const update of updates) query.apply(update)
      else this.early.set(watch, [...(this.early.get(watch) ?? []), ...updates])
    }
  }

  /** Other services of the core answer from now on. */
  restart(): void {
    this.byWatch = new Map()
    this.early = new Map()
    for (const query of [...this.open]) query.restart()
  }

  /** Another user acts. */
  refresh(): void {
    for (const query of [...this.open]) query.refresh().catch(() => undefined)
  }

  /** The connection is there (again). */
  retry(): void {
    for (const query of [...this.open]) query.restartAfterFailure()
  }

  close(): void {
    for (const query of [...this.open]) query.close()
  }
}
