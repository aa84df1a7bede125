/** What the host offers, caught at import: test runners replace timers and Date later, and delivery must go on. */

interface NodeProcess {
  getBuiltinModule?: (id: string) => unknown
  versions?: { node?: string }
}

interface NodeModules {
  'node:stream': { Readable: unknown }
  'node:fs': { readFileSync(path: string | URL): Uint8Array; existsSync(path: string): boolean }
  'node:perf_hooks': { performance: Performance }
  'node:util': { TextEncoder: typeof TextEncoder; TextDecoder: typeof TextDecoder }
}

/** A Node built-in, never by `import`: bundlers for browsers would stumble over it. */
export function nodeModule<Id extends keyof NodeModules>(id: Id): NodeModules[Id] | undefined {
  const { process } = globalThis as { process?: NodeProcess }
  return process?.versions?.node === undefined
    ? undefined
    : (process.getBuiltinModule?.(id) as NodeModules[Id] | undefined)
}

interface HostFunctions {
  setTimeout: typeof setTimeout
  clearTimeout: typeof clearTimeout
  setImmediate?: (callback: () => void) => unknown
  performance: Performance
}

/** What the host has by that name. Test runners may have replaced it already; their fakes know what they replaced. */
function ofHost<Name extends keyof HostFunctions>(name: Name): HostFunctions[Name] {
  const found = (globalThis as unknown as HostFunctions)[name]
  const { clock } = (found ?? {}) as { clock?: Record<string, unknown> }
  return (clock?.[`_${name}`] as HostFunctions[Name] | undefined) ?? found
}

const hostSetTimeout = ofHost('setTimeout')
const hostClearTimeout = ofHost('clearTimeout')
const hostSetImmediate = ofHost('setImmediate')
const hostPerformance = nodeModule('node:perf_hooks')?.performance ?? ofHost('performance')
// Not that of the object itself, which may be a fake, too.
const { now: hostNow } = Object.getPrototypeOf(hostPerformance) as Performance

/** Milliseconds of a clock that never jumps. */
export function monotonic(): number {
  return hostNow.call(hostPerformance)
}

export type HostTimer = ReturnType<typeof setTimeout>

/** A timer that keeps a Node process alive only when told to. */
export function startTimer(callback: () => void, delayMs: number, keepsAlive: boolean): HostTimer {
  const timer = hostSetTimeout(callback, Math.min(delayMs, 0x7fffffff))
  if (!keepsAlive) releaseTimer(timer)
  return timer
}

/** From now on the timer no longer keeps a Node process alive. */
export function releaseTimer(timer: HostTimer | undefined): void {
  ;(timer as { unref?: () => void } | undefined)?.unref?.()
}

export function stopTimer(timer: HostTimer | undefined): void {
  if (timer !== undefined) hostClearTimeout(timer)
}

/** Runs `callback` when the current call is over. */
export function defer(callback: () => void): void {
  // Not `queueMicrotask`, which test runners may have replaced before this was imported.
  void settled.then(callback)
}
const settled = Promise.resolve()

const { MessageChannel: HostChannel } = globalThis as { MessageChannel?: typeof MessageChannel }

/** Resolves when the microtasks that are due have run, and those that they led to. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (hostSetImmediate) {
      hostSetImmediate(resolve)
    } else if (HostChannel) {
      const { port1, port2 } = new HostChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(0)
    } else {
      hostSetTimeout(resolve, 0)
    }
  })
}

interface BufferMaker {
  from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array
}
const { Buffer: HostBuffer, process: hostProcess } = globalThis as { Buffer?: BufferMaker; process?: NodeProcess }
const givesBuffers = HostBuffer !== undefined && hostProcess?.versions?.node !== undefined

/** The same bytes as programs of the host expect them: a `Buffer` in Node. */
export function hostBytes(bytes: Uint8Array): Uint8Array {
  return givesBuffers ? HostBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes
}

const util = globalThis.TextEncoder === undefined ? nodeModule('node:util') : undefined
const Encoder = util?.TextEncoder ?? globalThis.TextEncoder
const Decoder = util?.TextDecoder ?? globalThis.TextDecoder

export const textEncoder = new Encoder()
/** Keeps a byte order mark: bytes come back as they were sent. */
export const textDecoder = new Decoder('utf-8', { ignoreBOM: true })

const POOL_BYTES = 65_536
let pool: Uint8Array<ArrayBuffer> | undefined
let poolUsed = POOL_BYTES

/** 16 random bytes, drawn from a pool: `crypto.randomUUID` is missing on plain-http origins and slow elsewhere. */
export function randomBytes16(): Uint8Array {
  if (pool === undefined || poolUsed + 16 > POOL_BYTES) {
    pool ??= new Uint8Array(POOL_BYTES)
    globalThis.crypto.getRandomValues(pool)
    poolUsed = 0
  }
  return pool.subarray(poolUsed, (poolUsed += 16))
}

/** 32 random bits. */
export function entropy(): number {
  const bytes = randomBytes16()
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
