/**
 * kurrentlite: what `kurrentlite/client` offers, and what goes beyond it. Services, store and Vue parts have entry points of
 * their own.
 */

import { loadCore, type LoadOptions } from './wasm'

export * from './client'
export type { LoadOptions }

/** Loads the WebAssembly core now, so that the first operation need not wait for it. */
export async function ready(options?: LoadOptions): Promise<void> {
  await loadCore(options)
}
