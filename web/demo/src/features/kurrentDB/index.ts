/** Everything that the demo uses of kurrentlite, in the place where an app keeps its database feature. */
export * from './components'
export * from './services'
export * from './store'
export type * from './types'
