/** The WebAssembly core. Nothing is loaded at import. */

import type { Core } from './core'
import { startModule } from './load'
import { Runtime } from './runtime'

export * from './core'
export { newEventId } from './events'

/** Options of `loadCore`. */
export interface LoadOptions {
  /**
   * Where `kurrentlite.wasm` is, for hosting below a sub-path or on another origin. The first call decides.
   * @defaultValue the file beside the script that loads it
   */
  readonly wasmUrl?: string | URL
}

/** What all copies of this package in one JavaScript realm share, so that ESM, CommonJS and HMR see the same data. */
interface Shared {
  core?: Core | Promise<Core>
}

const SHARED = Symbol.for('kurrentlite/1')

function shared(): Shared {
  const realm = globalThis as { [SHARED]?: Shared }
  return (realm[SHARED] ??= {})
}

/**
 * The core, started by the first call: in Node at once, in a browser after one download. A failed start is tried again by
 * the next call.
 */
export async function loadCore({ wasmUrl }: LoadOptions = {}): Promise<Core> {
  const realm = shared()
  if (realm.core !== undefined) return realm.core
  const module = startModule(wasmUrl)
  if (!(module instanceof Promise)) return (realm.core = new Runtime(module))
  const starting = module.then((loaded) => (realm.core = new Runtime(loaded)))
  realm.core = starting
  starting.catch(() => {
    if (realm.core === starting) delete realm.core
  })
  return starting
}
