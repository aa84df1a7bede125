/** `kurrentlite serve` as a child process. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The program under test: `KURRENTLITE_BINARY`, else the one that the preset `native-debug` builds. */
export const binary =
  process.env.KURRENTLITE_BINARY ?? fileURLToPath(new URL('../../../build/native-debug/bin/kurrentlite', import.meta.url))

/** How a run of the program ended. */
export interface Outcome {
  readonly code: number | null
  /** The signal that killed it. */
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

class Run {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly ended: Promise<Outcome>

  constructor(args: readonly string[]) {
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.process = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = once(child, 'close').then(([code, signal]: unknown[]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
    // Whoever waits sees a program that cannot be started; nobody else must fall over it.
    this.ended.catch(() => undefined)
  }
}

/** Runs the program until it ends by itself; kills one that does not within `withinMs`. */
export async function run(args: readonly string[], withinMs = 10_000): Promise<Outcome> {
  const { process: child, ended } = new Run(args)
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
  }
}

/** A server that listens. */
export class RunningServer {
  private constructor(
    private readonly run: Run,
    /** Such as `kurrentdb://127.0.0.1:2113?tls=false`, as the server tells it. */
    readonly uri: string,
    /** From starting the program to its first line. */
    readonly readyAfterMs: number,
  ) {}

  /** Starts `kurrentlite serve` with `args`, on a port that is free unless one is given. */
  static async start(args: readonly string[] = ['--insecure'], port = 0): Promise<RunningServer> {
    const began = performance.now()
    const run = new Run(['serve', '--port', String(port), ...args])
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The server said nothing within 10 s')), 10_000)
      const look = () => {
        if (!run.stdout.includes('\n')) return
        clearTimeout(timer)
        resolve(run.stdout.slice(0, run.stdout.indexOf('\n')))
      }
      run.process.stdout!.on('data', look)
      run.ended.then(
        ({ code, stderr }) => reject(new Error(`The server ended with ${String(code)}: ${stderr}`)),
        (error: unknown) => reject(new Error(`${binary} cannot be started: ${String(error)}`)),
      )
    })
    const [, uri] = /^listening (kurrentdb:\/\/\S+:[1-9]\d*\?tls=(?:true|false))$/.exec(line) ?? []
    if (uri === undefined) {
      run.process.kill('SIGKILL')
      throw new Error(`The first line is not as promised: ${line}`)
    }
    return new RunningServer(run, uri, performance.now() - began)
  }

  get port(): number {
    return Number(new URL(this.uri).port)
  }

  get pid(): number {
    return this.run.process.pid!
  }

  /** True until the program has ended. */
  get isAlive(): boolean {
    return this.run.process.exitCode === null && this.run.process.signalCode === null
  }

  /** How it ends, whoever ends it. */
  get ended(): Promise<Outcome> {
    return this.run.ended
  }

  /** What it has said on stderr so far. */
  get stderr(): string {
    return this.run.stderr
  }

  /** Waits until stderr holds `words`, from its beginning on. */
  hears(words: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!words.test(this.stderr)) return
        this.run.process.stderr!.off('data', look)
        resolve()
      }
      this.run.process.stderr!.on('data', look)
      this.run.process.once('close', () => reject(new Error(`The server ended without saying ${words.source}: ${this.stderr}`)))
      look()
    })
  }

  /** Resident memory in bytes. */
  get residentBytes(): number {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))![1]) * 1024
  }

  /** Files and connections that it has open. */
  get fileDescriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  get threads(): number {
    return readdirSync(`/proc/${this.pid}/task`).length
  }

  /** Sends the signal and waits for the end; kills a server that is still there after ten seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome & { readonly tookMs: number }> {
    const began = performance.now()
    this.run.process.kill(signal)
    const timer = setTimeout(() => this.run.process.kill('SIGKILL'), 10_000)
    const outcome = await this.run.ended
    clearTimeout(timer)
    return { ...outcome, tookMs: performance.now() - began }
  }
}
