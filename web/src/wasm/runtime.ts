/** The one running module, and who waits for what in it. */

import type {
  Core, CoreConfig, DatabaseOptions, HostCalls, SimulationOptions,
} from './core'
import { CoreError } from './core'
import { WasmDatabase } from './database'
import { defer, entropy, monotonic, releaseTimer, startTimer, stopTimer, type HostTimer } from './environment'
import { failure, failureFromJson } from './failure'
import { keepOutOfProxies } from './opaque'
import { RegexTable } from './regex'
import { WasmServices } from './services'
import { Topic, type HostFunctions, type RawModule } from './module'

interface PendingCall {
  readonly owner: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: CoreError) => void
}

/** Connects the module to JavaScript: timers, results of calls, and news of changes. */
export class Runtime implements Core {
  private readonly pending = new Map<number, PendingCall>()
  private readonly listeners = new Map<string, Set<() => void>>()
  private readonly announced = new Set<string>()
  private lastCall = 0
  private lastHandle = 0
  private timer: HostTimer | undefined
  /** Why the module stopped, once it did. */
  private stopped: CoreError | undefined

  constructor(readonly module: RawModule) {
    keepOutOfProxies(this)
    const regexes = new RegexTable()
    const host: HostFunctions = {
      monotonic,
      entropy,
      wake: (delayMs) => {
        stopTimer(this.timer)
        // Someone awaiting a call is a reason to go on; background work is none.
        const keepsAlive = this.pending.size > 0
        const run = () => this.guard(() => module.runDue())
        this.timer = delayMs < 0 ? undefined : startTimer(run, delayMs, keepsAlive)
      },
      complete: (call, ok, json) => this.complete(call, ok, json),
      notify: (handle, topic) => this.announce(handle, topic),
      compileRegex: (pattern) => regexes.compile(pattern),
      testRegex: (regex, text) => regexes.test(regex, text),
      dropRegex: (regex) => regexes.drop(regex),
    }
    module.installHost(host)
  }

  /** Runs a call into the module. One that dies in there (out of memory beyond what can be foreseen) ends the module. */
  guard<T>(call: () => T): T {
    if (this.stopped) throw this.stopped
    try {
      return call()
    } catch (thrown) {
      if (thrown instanceof CoreError || !(thrown instanceof WebAssembly.RuntimeError)) throw thrown
      this.stopped = failure('OutOfMemory', `The WebAssembly core stopped: ${thrown.message}. Reload to go on.`)
      for (const { reject } of this.pending.values()) reject(this.stopped)
      this.pending.clear()
      throw this.stopped
    }
  }

  newHandle(): number {
    return ++this.lastHandle
  }

  /** Starts an asynchronous call of the object `owner`, which answers through `complete`. */
  async start(owner: number, run: (call: number) => void): Promise<unknown> {
    return this.begin(owner, run).result
  }

  /** The same, with the call's number. */
  begin(owner: number, run: (call: number) => void): { readonly call: number; readonly result: Promise<unknown> } {
    const call = ++this.lastCall
    const result = new Promise<unknown>((resolve, reject) => this.pending.set(call, { owner, resolve, reject }))
    try {
      this.guard(() => run(call))
    } catch (thrown) {
      if (!this.pending.delete(call)) void result.catch(() => undefined)
      throw thrown
    }
    return { call, result }
  }

  /** Rejects everything that `owner` waits for. */
  abandon(owner: number): void {
    for (const [call, { owner: each, reject }] of this.pending) {
      if (each !== owner) continue
      this.pending.delete(call)
      reject(failure('Cancelled', 'The connection was closed before the operation finished.'))
    }
  }

  /** Rejects a call that is given up. False when it has its answer already. */
  giveUp(call: number, error: CoreError): boolean {
    const waiting = this.pending.get(call)
    if (!waiting) return false
    this.pending.delete(call)
    if (this.pending.size === 0) releaseTimer(this.timer)
    waiting.reject(error)
    return true
  }

  private complete(call: number, ok: boolean, json: string): void {
    const waiting = this.pending.get(call)
    this.pending.delete(call)
    if (this.pending.size === 0) releaseTimer(this.timer)
    if (ok) waiting?.resolve(JSON.parse(json))
    else waiting?.reject(failureFromJson(json))
  }

  /** `listener` runs in a microtask after `topic` of `handle` changed, once however often it did. */
  listen(handle: number, topic: Topic, listener: () => void): () => void {
    const key = `${handle}:${topic}`
    const listeners = this.listeners.get(key) ?? new Set()
    this.listeners.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.listeners.get(key) === listeners) this.listeners.delete(key)
    }
  }

  announce(handle: number, topic: Topic): void {
    const key = `${handle}:${topic}`
    if (this.announced.has(key) || !this.listeners.has(key)) return
    this.announced.add(key)
    defer(() => {
      this.announced.delete(key)
      for (const listener of [...(this.listeners.get(key) ?? [])]) listener()
    })
  }

  createDatabase({ memoryLimit = 0, systemEvents = false }: DatabaseOptions = {}): WasmDatabase {
    const handle = this.newHandle()
    return this.guard(() => new WasmDatabase(this, handle, new this.module.Database(handle, memoryLimit, systemEvents)))
  }

  openHostServices(config: CoreConfig, host: HostCalls): WasmServices {
    return WasmServices.overHost(this, this.configJson(config), host)
  }

  private parse(variables: Readonly<Record<string, string>>, environment = '') {
    const json = this.guard(() => this.module.parseConfig(JSON.stringify(variables), environment))
    const result = JSON.parse(json) as {
      config?: CoreConfig
      error?: unknown
      warnings: string[]
      browserWarnings: string[]
    }
    if (result.error !== undefined) throw failureFromJson(JSON.stringify(result.error))
    return { config: result.config!, warnings: result.warnings, browserWarnings: result.browserWarnings }
  }

  parseConfig(variables: Readonly<Record<string, string>>, environment?: string): CoreConfig {
    return this.parse(variables, environment).config
  }

  configWarnings(variables: Readonly<Record<string, string>>, inBrowser: boolean): readonly string[] {
    const { warnings, browserWarnings } = this.parse(variables)
    return inBrowser ? browserWarnings : warnings
  }

  documentStreamName(id: string): string {
    return this.guard(() => this.module.documentStreamName(id))
  }

  userStreamName(userId: string, type: string, category = ''): string {
    return this.guard(() => this.module.userStreamName(userId, type, category))
  }

  /** JSON of a simulation that the core accepts. Throws CoreError naming what it does not. */
  simulationJson(simulation: SimulationOptions): string {
    const json = JSON.stringify(simulation)
    const problem = this.guard(() => this.module.simulationProblem(json))
    if (problem !== '') throw failureFromJson(problem)
    return json
  }

  configJson(config: CoreConfig): string {
    const json = JSON.stringify(config)
    const problem = this.guard(() => this.module.configProblem(json))
    if (problem !== '') throw failureFromJson(problem)
    return json
  }
}

