import { getCurrentInstance, hasInjectionContext, inject } from 'vue'
import { defaultSession, Session } from '../services/session'
import { type Carrier, carriedSession, carrySession, piniaOf, provideSession, sessionKey } from './session_carrier'

/*
 * Finds the session of an app. The plugin, the composables and the Pinia store may be used in any order, so each of
 * them looks at the app first and at its Pinia second.
 */

/** The session of the current component's app, made when there is none yet; outside of apps the default session. */
export function currentSession(): Session {
  const injected = hasInjectionContext() ? inject(sessionKey, undefined) : undefined
  if (injected) return injected
  const app = getCurrentInstance()?.appContext.app
  if (!app) return defaultSession()
  const pinia = piniaOf(app)
  const session = pinia ? sessionOfPinia(pinia) : new Session()
  provideSession(app, session)
  return session
}

/** The session that stores of `pinia` work on, made when there is none yet. */
export function sessionOfPinia(pinia: Carrier): Session {
  const provided = pinia._a?.runWithContext(() => inject(sessionKey, undefined))
  const session = provided ?? carriedSession(pinia) ?? new Session()
  carrySession(pinia, session)
  return session
}
