/** The built package, as a program that installed it sees it. */
export { databaseOf, eventTypeFilter, jsonEvent, KurrentDBClient } from '../../../dist/index.js'
export { Session } from '../../../dist/services.js'
