import type { App } from 'vue'
import type { KurrentLiteOptions } from '../services/options'
import { Session } from '../services/session'
import { currentSession } from './app_session'
import { provideSession } from './session_carrier'

/** What `createKurrentLite` gives to `app.use`. */
export interface KurrentLitePlugin {
  install(app: App): void
}

/**
 * The Vue plugin: gives an app a session of its own, which its components, composables and Pinia store share, whichever
 * of `app.use(createPinia())` and `app.use(createKurrentLite())` comes first. Nothing is loaded before the first
 * action; the session ends when the app is unmounted.
 *
 * ```ts
 * app.use(createKurrentLite({ environment: 'staging', persist: true }))
 * ```
 */
export function createKurrentLite(options: KurrentLiteOptions = {}): KurrentLitePlugin {
  return {
    install(app) {
      const session = new Session(options)
      provideSession(app, session)
      app.onUnmount(() => session.dispose())
    },
  }
}

/**
 * The session of the current app, the same that the store works on; outside of components the default session.
 *
 * ```ts
 * const { streams, users, kurrentdb } = useKurrentDB()
 * const page = await streams.list({ tags: ['order'] })
 * ```
 */
export function useKurrentDB(): Session {
  return currentSession()
}
