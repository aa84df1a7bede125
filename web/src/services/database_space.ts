import type { Core, Database, SimulationOptions } from '../wasm/core'
import { authorityOf } from './config'
import type { KurrentLiteError } from './errors'
import { indexedDbStorage } from './indexed_db'
import type { DatabaseConfig } from './models'
import type { KurrentLiteOptions, PersistOptions } from './options'
import { type Persister, restore } from './persistence'

/** A database of a session, and what saves it. */
export interface SpaceEntry {
  readonly database: Database
  readonly persister: Persister | undefined
  /** False for a database that was given to the session. */
  readonly owned: boolean
  /** The simulated network last chosen here. */
  simulation: SimulationOptions | undefined
}

/** The databases of one session by authority; each is made, and filled from the storage, when it is first needed. */
export class DatabaseSpace {
  private readonly entries = new Map<string, Promise<SpaceEntry>>()
  private readonly open = new Set<SpaceEntry>()
  private given: KurrentLiteOptions['database']
  private closed = false

  constructor(
    private readonly options: KurrentLiteOptions,
    private readonly report: (error: KurrentLiteError) => void,
  ) {
    this.given = options.database
  }

  /** The database that `config` points to. */
  entry(core: Core, config: DatabaseConfig): Promise<SpaceEntry> {
    const authority = authorityOf(config)
    const known = this.entries.get(authority)
    if (known) return known
    const made = this.make(core, authority)
    this.entries.set(authority, made)
    made.catch(() => this.entries.delete(authority))
    return made
  }

  /** Saves what is not saved yet and frees the databases that were made here. */
  close(): void {
    this.closed = true
    for (const entry of this.open) closeEntry(entry)
    this.open.clear()
  }

  private async make(core: Core, authority: string): Promise<SpaceEntry> {
    const given = await this.given
    this.given = undefined // it belongs to the environment that the session starts in
    const { memoryLimit } = this.options
    const database = given ?? core.createDatabase(memoryLimit === undefined ? {} : { memoryLimit })
    const persister = await this.restore(database, authority)
    const entry: SpaceEntry = { database, persister, owned: given === undefined, simulation: undefined }
    if (this.closed) closeEntry(entry)
    else this.open.add(entry)
    return entry
  }

  private restore(database: Database, authority: string): Promise<Persister | undefined> | undefined {
    const { persist } = this.options
    if (!persist) return undefined
    const {
      key = 'kurrentlite',
      debounce = 100,
      storage = defaultStorage(),
    }: PersistOptions = persist === true ? {} : persist
    if (!storage) return undefined
    return restore(database, { storage, key: `${key}/${authority}`, debounceMs: debounce, report: this.report })
  }
}

function closeEntry({ database, persister, owned }: SpaceEntry): void {
  persister?.stop()
  if (owned) database.close()
}

/** A server has no IndexedDB: there, databases live in memory only. */
const defaultStorage = () => ('indexedDB' in globalThis ? indexedDbStorage() : undefined)
