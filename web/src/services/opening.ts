/** What a session needs before it can do anything: the core, its services, and what is declared of kinds. */

import type { Core, Database, ServiceOperation, ServicesHandle } from '../wasm/core'
import { loadCore } from '../wasm/index'
import type { Variables } from './environment'
import { isCoreError, ModuleLoadError, toKurrentLiteError, ValidationError } from './errors'
import { declarationsOf, indexesOf } from './kinds'
import type { KurrentLiteOptions } from './options'

/** Rejects with `ModuleLoadError`, or what the core says. */
export async function load({ wasmUrl }: KurrentLiteOptions): Promise<Core> {
  try {
    return await loadCore(wasmUrl === undefined ? {} : { wasmUrl })
  } catch (thrown) {
    if (isCoreError(thrown)) throw toKurrentLiteError(thrown)
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new ModuleLoadError(`kurrentlite.wasm cannot be loaded: ${reason}`, { cause: thrown })
  }
}

/** Makes the services refuse what the kinds' constraints forbid. Closes `handle` and rejects when a declaration is no good. */
export async function declareKinds(handle: ServicesHandle, { kinds }: KurrentLiteOptions): Promise<void> {
  const declare = async (operation: ServiceOperation, text: string, place: (field: string) => string) => {
    try {
      await handle.call(operation, text)
    } catch (thrown) {
      handle.close()
      const error = toKurrentLiteError(thrown)
      if (!(error instanceof ValidationError)) throw error
      throw new ValidationError(error.violations.map(({ field, problem }) => ({ field: place(field), problem })))
    }
  }
  for (const [kind, text] of declarationsOf(kinds)) {
    await declare('declareStreamKind', text, (field) => `kinds.${kind}.${field}`)
  }
  for (const [place, text] of indexesOf(kinds)) await declare('declareStreamIndex', text, () => place)
}

export function openServices(open: () => ServicesHandle): ServicesHandle {
  try {
    return open()
  } catch (thrown) {
    throw toKurrentLiteError(thrown)
  }
}

/** A database of its own, to be given to sessions as their option `database`; whoever made it closes it. */
export async function createDatabase(
  options: { readonly memoryLimit?: number } & Pick<KurrentLiteOptions, 'wasmUrl'> = {},
): Promise<Database> {
  return (await load(options)).createDatabase(options)
}

/** Tells once in a program's life what is odd about the environment's variables. */
export function warnOnce(core: Core, variables: Variables): void {
  for (const warning of warnings(core, variables)) {
    if (warned.has(warning)) continue
    warned.add(warning)
    console.warn(`kurrentlite: ${warning}`)
  }
}
const warned = new Set<string>()

function warnings(core: Core, variables: Variables): readonly string[] {
  try {
    return core.configWarnings(variables, 'document' in globalThis)
  } catch {
    return [] // a bad variable that an option replaces
  }
}
