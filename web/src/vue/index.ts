export type { KurrentLiteOptions } from '../services/options'
export { useConnection, useHealth } from './composables'
export * from './components/index'
export { createKurrentLite, type KurrentLitePlugin, useKurrentDB } from './plugin'
