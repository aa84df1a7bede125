import type { EnvironmentName } from './models'
import type { KurrentLiteOptions } from './options'

/** `VITE_KURRENT_DB_*` by name. */
export type Variables = Readonly<Record<string, string>>

const prefix = 'VITE_KURRENT_DB_'
const enabledVariable = `${prefix}ENABLED`

/** The variables that `options.env` gives; without it those of the bundler, over those of the Node process. */
export function readVariables(options: KurrentLiteOptions): Variables {
  if (options.env) return pick(options.env)
  return { ...pick(processEnv()), ...pick(bundlerEnv()) }
}

/**
 * What the app's bundler puts here: the package ships the words below as they are, so that Vite replaces them when it
 * builds the app, also in node_modules. Elsewhere there is no such thing.
 */
function bundlerEnv(): object | undefined {
  return (import.meta as ImportMeta & { env?: object }).env
}

function processEnv(): object | undefined {
  return (globalThis as { process?: { env?: object } }).process?.env
}

/** Whether this is an app that is being developed, as its bundler or Node's `NODE_ENV` says; not, when neither does. */
export function isDevelopment(): boolean {
  const { DEV } = (bundlerEnv() ?? {}) as { readonly DEV?: unknown }
  if (typeof DEV === 'boolean') return DEV
  const { NODE_ENV } = (processEnv() ?? {}) as { readonly NODE_ENV?: unknown }
  return typeof NODE_ENV === 'string' && NODE_ENV !== '' && NODE_ENV !== 'production'
}

/** Vite turns some values into booleans, and `undefined` may stand for "not set". */
function pick(env: object | undefined): Record<string, string> {
  const known = Object.entries(env ?? {}).filter(([name, value]) => name.startsWith(prefix) && value != null)
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]))
}

/** Whether the database is switched off. Looked at before anything is loaded, so it is not the core that decides. */
export function isDisabled(variables: Variables, options: KurrentLiteOptions): boolean {
  if (options.config?.enabled !== undefined) return !options.config.enabled
  return ['false', '0'].includes((variables[enabledVariable] ?? '').trim().toLowerCase())
}

/** The environment to show before the configuration is read and checked. */
export function likelyEnvironment(variables: Variables, options: KurrentLiteOptions): EnvironmentName {
  const name = (options.environment ?? variables[`${prefix}ENVIRONMENT`] ?? '').trim().toLowerCase()
  if (name === 'production' || name === 'mainnet') return 'mainnet'
  return name === 'staging' || name === 'test' ? name : 'dev'
}

/** The name of an environment's own variable, e.g. `VITE_KURRENT_DB_DEV_GRPC`. */
export const environmentVariable = (environment: EnvironmentName, name: string): string =>
  `${prefix}${environment.toUpperCase()}_${name}`

/** The name of a variable that holds for every environment. */
export const commonVariable = (name: string): string => prefix + name
