export type { KurrentLiteOptions } from '../services/options'
export { useConnection, useHealth } from './composables'
export { KurrentDBStatus } from './kurrentdb_status'
export { createKurrentLite, type KurrentLitePlugin, useKurrentDB } from './plugin'
