/** Everything of `kurrentlite/client`, and what goes beyond it: the core itself. */

import { type Core, type Database, loadCore, type LoadOptions } from './wasm/index'

export * from './client/index'
export { databaseOf } from './client/database_of'
export type {
  ClientDatabase, DatabaseClock, FailureOptions, Faults, FaultTiming, ForkedDatabase, InjectedFault, Simulation, Snapshot,
} from './client/database_of'
export { CoreError } from './wasm/index'
export type {
  Core, CoreConfig, CoreErrorCode, CoreFailure, Database, DatabaseStatistics, ImportedEvent, LoadOptions,
  ServiceOperation, ServicesHandle, SimulationOptions, SimulationPreset, SimulationProfile, StoredEvent, Violation,
} from './wasm/index'

/** Loads the WebAssembly module now instead of with the first operation. Calling it again costs nothing. */
export async function ready(options: LoadOptions = {}): Promise<Core> {
  return loadCore(options)
}

/**
 * An empty in-process database: append, read, journal, and services over a simulated network. `memoryLimit` in bytes;
 * writes past it throw a `CoreError` with code OutOfMemory and change nothing.
 */
export async function createDatabase({ memoryLimit, ...options }: LoadOptions & { readonly memoryLimit?: number } = {}): Promise<Database> {
  const core = await loadCore(options)
  return core.createDatabase(memoryLimit === undefined ? {} : { memoryLimit })
}
