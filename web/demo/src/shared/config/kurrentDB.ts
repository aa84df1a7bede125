/**
 * How this app reads its database's configuration: kurrentlite takes the VITE_KURRENT_DB_* variables from the bundler and
 * checks them; what is set here wins over them.
 */
export type { DatabaseConfig, EnvironmentName, KurrentLiteOptions } from 'kurrentlite/services'
import type { EnvironmentName, KurrentLiteOptions } from 'kurrentlite/services'

export const environments = ['dev', 'staging', 'test', 'mainnet'] as const satisfies readonly EnvironmentName[]

const environmentKey = 'kurrentlite-demo-environment'

/** The environment that was chosen last in this browser. */
function lastEnvironment(): EnvironmentName | undefined {
  try {
    const name = localStorage.getItem(environmentKey)
    return environments.find((known) => known === name)
  } catch {
    return undefined // storage may be switched off
  }
}

export function rememberEnvironment(name: EnvironmentName): void {
  try {
    localStorage.setItem(environmentKey, name)
  } catch {
    // Storage may be switched off; the next visit then starts with the default.
  }
}

export function kurrentLiteOptions(): KurrentLiteOptions {
  const environment = lastEnvironment()
  return { persist: { key: 'kurrentlite-demo' }, ...(environment && { environment }) }
}
