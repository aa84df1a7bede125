import { randomBytes16 } from '../wasm/environment'

/** What a storage holds under one key. */
export interface StoredContent {
  /** Oldest first. */
  readonly pieces: readonly Uint8Array[]
  /** Changes with every write, whoever wrote. `null` when there is no content. */
  readonly version: string | null
}

/** Where journals of databases are kept. Each call happens wholly or not at all. */
export interface StoragePort {
  load(key: string): Promise<StoredContent>
  /**
   * Adds `piece`, provided that the content still has `version`: nobody else has written since.
   * Resolves to the new version, or to `undefined` when it did not and nothing was written.
   */
  append(key: string, piece: Uint8Array, version: string | null): Promise<string | undefined>
  /**
   * Puts `piece` in the place of everything under `key`. Resolves to the new version. Called while a page goes away, so
   * the write should be under way when this returns.
   */
  replace(key: string, piece: Uint8Array): Promise<string>
  /** Forgets what is under `key`. */
  clear(key: string): Promise<void>
}

/** A version that nobody else will draw. */
export function newVersion(): string {
  return Array.from(randomBytes16(), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Keeps contents for as long as the object lives: for tests, and to move a database from one session to another. */
export function memoryStorage(): StoragePort {
  const contents = new Map<string, StoredContent>()
  const versionOf = (key: string): string | null => contents.get(key)?.version ?? null
  const write = (key: string, pieces: readonly Uint8Array[]): string => {
    const version = newVersion()
    contents.set(key, { pieces, version })
    return version
  }
  return {
    load: async (key) => contents.get(key) ?? { pieces: [], version: null },
    append: async (key, piece, version) =>
      versionOf(key) === version ? write(key, [...(contents.get(key)?.pieces ?? []), piece.slice()]) : undefined,
    replace: async (key, piece) => write(key, [piece.slice()]),
    clear: async (key) => void contents.delete(key),
  }
}
