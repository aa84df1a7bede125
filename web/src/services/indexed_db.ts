import { StorageError } from './errors'
import { newVersion, type StoragePort, type StoredContent } from './storage'

/** What stands beside the pieces of a key: who wrote last, and how many pieces there are. */
interface Head {
  readonly version: string
  readonly count: number
}

type Stores = { readonly pieces: IDBObjectStore; readonly heads: IDBObjectStore }

/**
 * Keeps journals in IndexedDB, in a database called `name`. A version is checked and changed in the transaction that
 * writes, so tabs never mix their pieces.
 */
export function indexedDbStorage(name = 'kurrentlite'): StoragePort {
  return new IndexedDbStorage(name)
}

class IndexedDbStorage implements StoragePort {
  private database: IDBDatabase | undefined
  private opening: Promise<IDBDatabase> | undefined
  /** The append under way, by key. */
  private readonly appending = new Map<string, IDBTransaction>()
  private readonly superseded = new WeakSet<IDBTransaction>()

  constructor(private readonly name: string) {}

  load(key: string): Promise<StoredContent> {
    return this.transact('readonly', ({ pieces, heads }, give: (content: StoredContent) => void) => {
      const head = heads.get(key) as IDBRequest<Head | undefined>
      const all = pieces.getAll(piecesOf(key)) as IDBRequest<Uint8Array[]>
      all.onsuccess = () => give({ pieces: all.result, version: head.result?.version ?? null })
    })
  }

  async append(key: string, piece: Uint8Array, version: string | null): Promise<string | undefined> {
    let own: IDBTransaction | undefined
    try {
      return await this.transact('readwrite', ({ pieces, heads }, give: (version: string | undefined) => void) => {
        own = heads.transaction
        this.appending.set(key, own)
        const head = heads.get(key) as IDBRequest<Head | undefined>
        head.onsuccess = () => {
          if ((head.result?.version ?? null) !== version) return
          const count = head.result?.count ?? 0
          const next = newVersion()
          pieces.put(piece, [key, count])
          heads.put({ version: next, count: count + 1 } satisfies Head, key)
          give(next)
        }
      })
    } catch (thrown) {
      if (own && this.superseded.has(own)) return undefined
      throw thrown
    } finally {
      if (this.appending.get(key) === own) this.appending.delete(key)
    }
  }

  replace(key: string, piece: Uint8Array): Promise<string> {
    this.giveUpAppending(key)
    return this.transact('readwrite', ({ pieces, heads }, give: (version: string) => void) => {
      const version = newVersion()
      pieces.delete(piecesOf(key))
      pieces.put(piece, [key, 0])
      heads.put({ version, count: 1 } satisfies Head, key)
      give(version)
      // Nothing waits for an answer, so the transaction also ends well when the page is gone.
      heads.transaction.commit?.()
    })
  }

  clear(key: string): Promise<void> {
    return this.transact('readwrite', ({ pieces, heads }) => {
      pieces.delete(piecesOf(key))
      heads.delete(key)
    })
  }

  /**
   * A replacement holds what an append under way would add. Waiting for the append, it would be lost with a page that
   * goes away: browsers finish a transaction of a closed page only when it could begin.
   */
  private giveUpAppending(key: string): void {
    const transaction = this.appending.get(key)
    if (!transaction) return
    try {
      this.superseded.add(transaction)
      transaction.abort()
    } catch {
      this.superseded.delete(transaction) // it is being committed already
    }
  }

  /** Runs `work` in one transaction; resolves to what it gave once the transaction is complete. */
  private async transact<T>(
    mode: IDBTransactionMode,
    work: (stores: Stores, give: (value: T) => void) => void,
  ): Promise<T> {
    const database = this.database ?? (await this.open())
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(['pieces', 'heads'], mode)
      let given: T
      transaction.oncomplete = () => resolve(given)
      transaction.onabort = () => reject(failure('writing or reading', transaction.error))
      const stores = { pieces: transaction.objectStore('pieces'), heads: transaction.objectStore('heads') }
      work(stores, (value) => (given = value))
    })
  }

  private open(): Promise<IDBDatabase> {
    this.opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = globalThis.indexedDB.open(this.name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore('pieces')
        request.result.createObjectStore('heads')
      }
      request.onsuccess = () => resolve(this.keep(request.result))
      request.onerror = () => reject(failure('opening', request.error))
    }).finally(() => (this.opening = undefined))
    return this.opening
  }

  /** A connection that is in the way of a newer version, or was closed by the browser, is opened again when needed. */
  private keep(database: IDBDatabase): IDBDatabase {
    const forget = (): void => {
      database.close()
      if (this.database === database) this.database = undefined
    }
    database.onversionchange = forget
    database.onclose = forget
    return (this.database = database)
  }
}

const piecesOf = (key: string): IDBKeyRange => globalThis.IDBKeyRange.bound([key], [key, []])

function failure(doing: string, reason: DOMException | null): StorageError {
  return new StorageError(`IndexedDB failed while ${doing}: ${reason?.message ?? 'the transaction was aborted'}`, {
    cause: reason,
  })
}
