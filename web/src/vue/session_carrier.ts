import type { App, InjectionKey } from 'vue'
import type { Session } from '../services/session'

/*
 * Where an app and its Pinia keep their session. The key is the same in every copy of this module: a bundler may make
 * two. Nothing of Vue is imported, so that tests without Vue can load this.
 */
const carried: unique symbol = Symbol.for('kurrentlite/session')

export const sessionKey = carried as InjectionKey<Session>

/** A Pinia instance, seen without Pinia. */
export interface Carrier {
  [carried]?: Session
  readonly _a?: App | null
}

/** Makes `session` the one that `app` and its Pinia use. */
export function provideSession(app: App, session: Session): void {
  app.provide(sessionKey, session)
  const pinia = piniaOf(app)
  if (pinia) carrySession(pinia, session)
}

/** Makes `session` the one that stores of `pinia` use, unless its app has one. */
export function carrySession(pinia: Carrier, session: Session): void {
  Object.defineProperty(pinia, carried, { value: session, configurable: true })
}

export const carriedSession = (pinia: Carrier): Session | undefined => pinia[carried]

export const piniaOf = (app: App): Carrier | undefined => app.config.globalProperties.$pinia as Carrier | undefined
