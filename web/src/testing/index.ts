/** Helpers for the tests of programs that use kurrentlite. */

import type { App } from 'vue'
import type { KurrentLiteOptions } from '../services/options'
import { Session } from '../services/session'
import { type Carrier, carrySession, provideSession } from '../vue/session_carrier'

/** What `createTestingKurrentLite` gives: a Vue plugin, and the session behind it for tests without Vue. */
export interface TestingKurrentLite {
  /** Services and database, e.g. `session.streams.create(…)` to prepare a test. */
  readonly session: Session
  /** For `app.use(…)` and `mount(…, { global: { plugins: [kurrentLite] } })`. */
  install(app: App): void
  /** For stores of a Pinia that belongs to no app, such as `createTestingPinia()`. Returns the same Pinia. */
  attachTo<P extends object>(pinia: P): P
  /** Frees the database. */
  dispose(): void
}

/**
 * kurrentlite for one test: an empty database that nothing else sees, without latency, faults, timers, saved content or
 * variables of the environment. `options` change that.
 *
 * ```ts
 * const kurrentLite = createTestingKurrentLite()
 * const wrapper = mount(App, { global: { plugins: [createPinia(), kurrentLite] } })
 * ```
 */
export function createTestingKurrentLite(options: KurrentLiteOptions = {}): TestingKurrentLite {
  const session = new Session({ env: {}, environment: 'test', simulation: 'instant', sync: false, ...options })
  return {
    session,
    install: (app) => provideSession(app, session),
    attachTo(pinia) {
      carrySession(pinia as Carrier, session)
      return pinia
    },
    dispose: () => session.dispose(),
  }
}

export { memoryStorage } from '../services/storage'
export type { KurrentLiteOptions } from '../services/options'
