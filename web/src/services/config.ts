import type { Core, SimulationOptions, Violation } from '../wasm/core'
import { commonVariable, environmentVariable, type Variables } from './environment'
import { ConfigError, toKurrentLiteError } from './errors'
import type { DatabaseConfig, EnvironmentName } from './models'
import type { EnvironmentCredentials, KurrentLiteOptions } from './options'

/** The simulated network of each environment unless options say otherwise. */
const defaultSimulation: Readonly<Record<EnvironmentName, SimulationOptions>> = {
  dev: 'instant',
  staging: 'lan',
  test: 'instant',
  mainnet: 'wan',
}

/**
 * The configuration of `environment` (or of the one that variables and options name): variables with the options over
 * them, all checked by the core. Throws `ConfigError` with every bad value at once.
 */
export function configure(
  core: Core,
  variables: Variables,
  options: KurrentLiteOptions,
  environment?: string,
): DatabaseConfig {
  const start = parse(core, environmentOnly(variables), options.environment).environment
  const target = environment === undefined ? start : parse(core, {}, environment).environment
  const given = overrides(options, target, target === start)
  const violations = checkNumbers(options)
  let config: DatabaseConfig | undefined
  try {
    config = parse(core, { ...variables, ...given.variables }, target)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    violations.push(...thrown.violations.map((violation) => nameOption(violation, given.paths)))
  }
  if (!config || violations.length > 0) throw new ConfigError(violations)
  return { ...config, ...resilienceOf(options, config) }
}

function parse(core: Core, variables: Variables, environment?: string): DatabaseConfig {
  try {
    return core.parseConfig(variables, environment)
  } catch (thrown) {
    throw toKurrentLiteError(thrown)
  }
}

/** Just what names the environment, so that other bad values are reported later and all at once. */
function environmentOnly(variables: Variables): Variables {
  const name = commonVariable('ENVIRONMENT')
  return variables[name] === undefined ? {} : { [name]: variables[name] }
}

/** Options as the variables they stand for, and the option that each came from. */
function overrides(options: KurrentLiteOptions, environment: EnvironmentName, isStart: boolean) {
  const variables: Record<string, string> = {}
  const paths = new Map<string, string>()
  const set = (variable: string, path: string, value: unknown): void => {
    if (value === undefined) return
    variables[variable] = String(value)
    paths.set(variable, path)
  }
  const { config } = options
  set(commonVariable('ENABLED'), 'config.enabled', config?.enabled)
  set(commonVariable('SYNC_INTERVAL'), 'config.syncInterval', config?.syncInterval)
  set(commonVariable('MAX_RETRIES'), 'config.maxRetries', config?.maxRetries)
  set(commonVariable('TIMEOUT'), 'config.timeout', config?.timeout)
  if (isStart) {
    set(environmentVariable(environment, 'GRPC'), 'config.endpoints.grpc', config?.endpoints?.grpc)
    set(environmentVariable(environment, 'HTTP'), 'config.endpoints.http', config?.endpoints?.http)
    set(environmentVariable(environment, 'WS'), 'config.endpoints.ws', config?.endpoints?.ws)
  }
  const credentials = credentialsOf(options, environment, isStart)
  set(environmentVariable(environment, 'API_KEY'), 'credentials.apiKey', credentials?.apiKey)
  set(environmentVariable(environment, 'SECRET_KEY'), 'credentials.secretKey', credentials?.secretKey)
  return { variables, paths }
}

/** The user reads the name of what they wrote. */
function nameOption({ field, problem }: Violation, paths: ReadonlyMap<string, string>): Violation {
  const path = paths.get(field)
  return path === undefined ? { field, problem } : { field: path, problem: problem.replaceAll(field, path) }
}

const given = (values: object | undefined): Record<string, any> =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined))

/** What the options say about holding out against a bad network, over what the core has. */
function resilienceOf({ config }: KurrentLiteOptions, base: DatabaseConfig) {
  const { slowMs, ...slow } = given(config?.healthThresholds)
  const everyProbe = slowMs === undefined ? {} : mapValues(base.healthThresholds, () => slowMs as number)
  return {
    options: { ...base.options, ...given(config?.options) },
    circuitBreaker: { ...base.circuitBreaker, ...given(config?.circuitBreaker) },
    healthThresholds: { ...base.healthThresholds, ...everyProbe, ...slow },
    timeouts: given(config?.timeouts),
  }
}

const mapValues = <T>(object: object, map: () => T): Record<string, T> =>
  Object.fromEntries(Object.keys(object).map((name) => [name, map()]))

/** These options have no variables, so the core does not see them. */
function checkNumbers({ config }: KurrentLiteOptions): Violation[] {
  const { jitter, ...numbers } = given(config?.options)
  const violations = [
    ...outOfRange('options', numbers, 1, 2 ** 32 - 1),
    ...outOfRange('circuitBreaker', given(config?.circuitBreaker), 0, 2 ** 31 - 1),
    ...outOfRange('healthThresholds', given(config?.healthThresholds), 0, 2 ** 31 - 1),
    ...outOfRange('timeouts', given(config?.timeouts), 1, 2 ** 31 - 1),
  ]
  if (jitter !== undefined && typeof jitter !== 'boolean') {
    violations.push({ field: 'config.options.jitter', problem: `"${String(jitter)}" is not allowed; give true or false.` })
  }
  return violations
}

function outOfRange(group: string, values: Record<string, unknown>, least: number, most: number): Violation[] {
  return Object.entries(values)
    .filter(([, value]) => !(typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most))
    .map(([name, value]) => ({
      field: `config.${group}.${name}`,
      problem: `"${String(value)}" is not allowed; give a whole number from ${least} to ${most}.`,
    }))
}

const isByEnvironment = (value: object): boolean =>
  ['dev', 'staging', 'test', 'mainnet'].some((name) => Object.hasOwn(value, name))

function credentialsOf({ credentials }: KurrentLiteOptions, environment: EnvironmentName, isStart: boolean) {
  if (credentials === undefined) return undefined
  if (isByEnvironment(credentials))
    return (credentials as Record<string, EnvironmentCredentials | undefined>)[environment]
  return isStart ? (credentials as EnvironmentCredentials) : undefined
}

/** The simulated network to begin with. */
export function simulationOf({ simulation }: KurrentLiteOptions, environment: EnvironmentName): SimulationOptions {
  if (simulation === undefined) return defaultSimulation[environment]
  if (typeof simulation === 'string' || !isByEnvironment(simulation)) return simulation as SimulationOptions
  return (simulation as Record<string, SimulationOptions | undefined>)[environment] ?? defaultSimulation[environment]
}

/** Names the in-process database: host and port, in lower case. */
export const authorityOf = ({ endpoints }: DatabaseConfig): string => endpoints.grpc.toLowerCase()
