/** The WebAssembly core. Nothing is loaded at import. */

import type { Core } from './core'
import { startModule } from './load'
import { Runtime } from './runtime'

export * from './core'
export { newEventId } from './event_ids'

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
  /** The clients' databases by authority. */
  homes?: unknown
  /** Errors that faults of theirs fail with. */
  injected?: unknown
}

const SHARED = Symbol.for('kurrentlite/1')

/** That of this realm. */
export function realm(): Shared {
  const host = globalThis as { [SHARED]?: Shared }
  return (host[SHARED] ??= {})
}

/**
 * The core, started by the first call: in Node at once, in a browser after one download. A failed start is tried again by
 * the next call.
 */
export async function loadCore({ wasmUrl }: LoadOptions = {}): Promise<Core> {
  const shared = realm()
  if (shared.core !== undefined) return shared.core
  const module = startModule(wasmUrl)
  if (!(module instanceof Promise)) return (shared.core = new Runtime(module))
  const starting = module.then((loaded) => (shared.core = new Runtime(loaded)))
  shared.core = starting
  starting.catch(() => {
    if (shared.core === starting) delete shared.core
  })
  return starting
}
