import { type App, effectScope, type MaybeRefOrGetter, toValue } from 'vue'
import type { KurrentLiteOptions } from '../services/options'
import { Session } from '../services/session'
import { currentSession } from './app_session'
import { followUser } from './follow_user'
import { provideSession } from './session_carrier'

/** Options of `createKurrentLite`. */
export interface KurrentLitePluginOptions extends Omit<KurrentLiteOptions, 'user'> {
  /**
   * Who uses the app: a user's name, `null` for nobody, or a ref or a getter of them, e.g. of the app's own user store.
   * Documents and user data are seen and changed as their permissions allow; when the user changes, lists, queries and
   * documents are read anew.
   * @defaultValue no user: the program itself, which may do everything
   */
  readonly user?: MaybeRefOrGetter<string | null | undefined>
}

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
 * app.use(createKurrentLite({ environment: 'staging', persist: true, user: () => useUserStore(pinia).name }))
 * ```
 */
export function createKurrentLite({ user, ...options }: KurrentLitePluginOptions = {}): KurrentLitePlugin {
  return {
    install(app) {
      const session = new Session(user === undefined ? options : { ...options, user: () => toValue(user) })
      provideSession(app, session)
      const scope = effectScope(true)
      // Bundlers know the answer: a production build has neither the code nor this question.
      if ((import.meta as Bundled).env && (import.meta as Bundled).env!.DEV && typeof window !== 'undefined') {
        void showInDevtools(app, session)
      }
      if (user !== undefined && typeof document !== 'undefined') scope.run(() => followUser(session, user))
      app.onUnmount(() => {
        scope.stop()
        session.dispose()
      })
    },
  }
}

/** What the app's bundler may have put there. */
type Bundled = ImportMeta & { readonly env?: { readonly DEV?: boolean } }

async function showInDevtools(app: App, session: Session): Promise<void> {
  const { addDevtools } = await import('./devtools/index')
  app.onUnmount(addDevtools(app, session))
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
