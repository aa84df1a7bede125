import createModule from './generated/kurrentlite.mjs'
import { nodeModule } from './environment'
import type { RawModule } from './module'

const FILE = './generated/kurrentlite.wasm'

/**
 * Starts the module. In Node it is read from disk and compiled before this returns (a few milliseconds); in a browser it is
 * fetched.
 */
export function startModule(wasmUrl?: string | URL): RawModule | Promise<RawModule> {
  const file = nodeFile(wasmUrl)
  return file === undefined ? startFetched(wasmUrl) : startCompiled(new WebAssembly.Module(file))
}

/** The bytes of the module, where there is a file system. */
function nodeFile(wasmUrl?: string | URL): Uint8Array<ArrayBuffer> | undefined {
  const fs = nodeModule('node:fs')
  if (!fs) return undefined
  // Not a literal: bundlers would take it for an asset and rewrite it.
  const url = wasmUrl ?? new URL(FILE, import.meta.url)
  const text = String(url)
  if (/^https?:|^data:|^blob:/.test(text)) return undefined
  return fs.readFileSync(text.startsWith('file:') ? new URL(text) : text) as Uint8Array<ArrayBuffer>
}

function startCompiled(module: WebAssembly.Module): RawModule {
  const options = {
    locateFile: (path: string) => path,
    instantiateWasm(imports: WebAssembly.Imports, done: (i: WebAssembly.Instance, m: WebAssembly.Module) => void) {
      const instance = new WebAssembly.Instance(module, imports)
      done(instance, module)
      return instance.exports
    },
  }
  void createModule(options)
  return options as unknown as RawModule
}

async function startFetched(wasmUrl?: string | URL): Promise<RawModule> {
  const url = wasmUrl ?? new URL('./generated/kurrentlite.wasm', import.meta.url)
  const module = await compileFetched(url)
  return new Promise((resolve, reject) => {
    const options = {
      locateFile: (path: string) => path,
      instantiateWasm(imports: WebAssembly.Imports, done: (i: WebAssembly.Instance, m: WebAssembly.Module) => void) {
        WebAssembly.instantiate(module, imports).then((instance) => done(instance, module), reject)
        return {}
      },
    }
    createModule(options).then(resolve, reject)
  })
}

async function compileFetched(url: string | URL): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'same-origin' })
  if (!response.ok) throw new Error(`${String(url)} answered ${response.status}`)
  // Streaming wants the right media type, which plain file servers do not always send.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm')
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer())
}
