import type { Plugin } from 'vue'
import type { Session } from '../services/session'

/** What `createKurrentLite` gives to `app.use`. */
export interface KurrentLitePlugin {
  /** Gives the app a session of its own, shared with its Pinia store whichever of the two is used first. */
  install: Extract<Plugin, (...args: any[]) => any>
}

/**
 * `useKurrentDB()`: the session of the current app, the same that the store works on.
 *
 * ```ts
 * const { streams, users, kurrentdb } = useKurrentDB()
 * const page = await streams.list({ tags: ['order'] })
 * const database = await useKurrentDB().openDatabase() // raw events: readAllEvents, appendEvents, …
 * ```
 */
export type UseKurrentDB = () => Session
