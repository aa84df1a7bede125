declare module '*/generated/kurrentlite.mjs' {
  import type { RawModule } from './module'

  interface GlueOptions {
    locateFile: (path: string) => string
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => WebAssembly.Exports | Record<string, never>
  }
  /** Fills the object it is given; complete on return when `instantiateWasm` finished at once. */
  const createModule: (options: GlueOptions) => Promise<RawModule>
  export default createModule
}
