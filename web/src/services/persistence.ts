import type { Database } from '../wasm/core'
import { CorruptDataError, type KurrentLiteError, StorageError, toKurrentLiteError, UnexpectedError } from './errors'
import type { StoragePort } from './storage'
import { after } from './timers'

/** Pieces after which the whole journal is written anew, so that loading stays quick. */
const piecesMax = 200

/** Below every position, that of an empty database included. */
const nothingSaved = -1n

export interface PersisterOptions {
  readonly storage: StoragePort
  readonly key: string
  readonly debounceMs: number
  /** Told what went wrong in the background. */
  readonly report: (error: KurrentLiteError) => void
}

/**
 * Fills `database` with what was saved under the key. Resolves to what saves it from now on, or to `undefined` when
 * saving would destroy content that could not be read. Content that fails its checks moves to `{key}.backup`.
 */
export async function restore(database: Database, options: PersisterOptions): Promise<Persister | undefined> {
  const { storage, key, report } = options
  try {
    const { pieces, version } = await storage.load(key)
    // A database that came with content of its own takes the place of what is saved.
    if (database.head() !== 0n) return new Persister(database, options, undefined, 0n)
    const journal = concatenate(pieces)
    if (journal.length === 0) return new Persister(database, options, version, 0n)
    try {
      database.replay(journal)
      return new Persister(database, options, version, database.head(), pieces.length)
    } catch (thrown) {
      const error = toKurrentLiteError(thrown)
      if (!(error instanceof CorruptDataError)) throw error
      await storage.replace(`${key}.backup`, journal)
      await storage.clear(key)
      report(
        new CorruptDataError(
          `What was saved as "${key}" is damaged and was moved to "${key}.backup": ${error.message}`,
        ),
      )
      return new Persister(database, options, null, 0n)
    }
  } catch (thrown) {
    report(toStorageError(thrown))
    return undefined
  }
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}

function toStorageError(thrown: unknown): KurrentLiteError {
  const error = toKurrentLiteError(thrown)
  if (!(error instanceof UnexpectedError)) return error
  return new StorageError(`The storage failed: ${error.message}`, { cause: thrown })
}

/**
 * Saves what is appended to a database, some time after each write and when the page goes away. When another tab has
 * written meanwhile, the whole content replaces its: the last writer wins, and pieces of two tabs never mix.
 */
export class Persister {
  private readonly stopListening: () => void
  private cancelTimer: (() => void) | undefined
  private saving: Promise<void> = Promise.resolve()
  private stopped = false
  /** Counts resets. */
  private epoch = 0

  /** `version` undefined: what is stored is not what the database began with, so the first save replaces it. */
  constructor(
    private readonly database: Database,
    private readonly options: PersisterOptions,
    private version: string | null | undefined,
    private savedUpTo: bigint,
    private pieceCount = 0,
  ) {
    const stopAppend = database.onAppend(() => this.schedule())
    const stopPage = this.followPage()
    this.stopListening = () => {
      stopAppend()
      stopPage()
    }
    if (database.head() !== savedUpTo) this.schedule()
  }

  /** Saves everything written so far. Rejects with `StorageError`. */
  save(): Promise<void> {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    const next = this.saving.then(() => this.saveNow())
    this.saving = next.catch(() => undefined)
    return next
  }

  /** Empties database and storage. */
  async reset(): Promise<void> {
    this.database.reset()
    this.cancelTimer?.()
    this.cancelTimer = undefined
    // Until the storage is empty, whatever is to be saved replaces what it holds.
    this.epoch += 1
    this.savedUpTo = nothingSaved
    this.version = undefined
    const { epoch } = this
    const cleared = this.saving.then(async () => {
      await this.options.storage.clear(this.options.key)
      this.saved(epoch, 0n, null, 0)
    })
    this.saving = cleared.catch(() => undefined)
    await cleared.catch((thrown: unknown) => Promise.reject(toStorageError(thrown)))
  }

  /** Begins to save what is not saved yet, then lets go of the database. */
  stop(): void {
    if (this.stopped) return
    this.saveBlindly()
    this.stopped = true
    this.cancelTimer?.()
    this.stopListening()
  }

  private schedule(): void {
    this.cancelTimer ??= after(this.options.debounceMs, () => void this.save().catch(this.options.report))
  }

  private async saveNow(): Promise<void> {
    if (this.stopped) return
    try {
      await (this.canAppend() ? this.append() : this.replace())
    } catch (thrown) {
      throw toStorageError(thrown)
    }
  }

  private canAppend(): boolean {
    return this.version !== undefined && this.pieceCount < piecesMax && this.database.head() > this.savedUpTo
  }

  private async append(): Promise<void> {
    const { database, epoch, pieceCount, savedUpTo, version = null } = this
    const { storage, key } = this.options
    const head = database.head()
    const next = await storage.append(key, database.journal(savedUpTo), version)
    if (next === undefined) return this.replace()
    this.saved(epoch, head, next, pieceCount + 1)
  }

  private async replace(): Promise<void> {
    const head = this.stopped ? this.savedUpTo : this.database.head()
    if (head === this.savedUpTo) return
    const { epoch } = this
    const version = await this.options.storage.replace(this.options.key, this.database.journal())
    this.saved(epoch, head, version, 1)
  }

  /** A save that began before a reset says nothing about what came after. */
  private saved(epoch: number, head: bigint, version: string | null, pieceCount: number): void {
    if (epoch !== this.epoch) return
    this.savedUpTo = head
    this.version = version
    this.pieceCount = pieceCount
  }

  /** Nothing is asked first, as no answer may come any more: the whole content goes out in one write. */
  private saveBlindly(): void {
    if (this.stopped) return
    this.replace().catch((thrown: unknown) => this.options.report(toStorageError(thrown)))
  }

  private followPage(): () => void {
    const page = globalThis.document as Document | undefined
    if (!page) return () => undefined
    const hide = (): void => this.saveBlindly()
    const change = (): void => {
      if (page.visibilityState === 'hidden') void this.save().catch(this.options.report)
    }
    globalThis.addEventListener('pagehide', hide)
    page.addEventListener('visibilitychange', change)
    return () => {
      globalThis.removeEventListener('pagehide', hide)
      page.removeEventListener('visibilitychange', change)
    }
  }
}
