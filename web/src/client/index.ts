/**
 * The parts of `@kurrent/kurrentdb-client` that need no connection: constants, event constructors, filters, and helpers for
 * stream names. Nothing is loaded.
 */

export * from './constants'
export * from './events'
export * from './filters'
export * from './stream_names'
