/** The built package, as a program that installed it sees it. */
export { createDatabase, jsonEvent, ready } from '../../../dist/index.js'
export { Session } from '../../../dist/services.js'

import { jsonEvent } from '../../../dist/index.js'

export const newEventId = () => jsonEvent({ type: 'none', data: {} }).id
