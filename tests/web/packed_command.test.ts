/** `npx kurrentlite` of the packed package: which program it runs, and that nobody notices the script in between. */

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FreshApp } from './packed/fresh_app'

const machine = `${process.platform}-${process.arch}`
/** In the app's folder. */
const places = {
  beside: `node_modules/kurrentlite/dist/bin/${machine}/kurrentlite`,
  named: 'named/program',
  onPath: 'on-path/kurrentlite',
}

let fresh: FreshApp
const children: ChildProcess[] = []

beforeAll(() => {
  fresh = new FreshApp()
  fresh.install('kurrentlite', [])
}, 60_000)
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const place of Object.values(places)) rmSync(join(fresh.path, place), { force: true })
})
afterAll(() => fresh.remove())

/** Puts an executable where one of the places is; answers its path. */
function put(place: keyof typeof places, script: string): string {
  fresh.write(places[place], script)
  const path = join(fresh.path, places[place])
  chmodSync(path, 0o755)
  return path
}

/** A program that tells its name and arguments, and ends with 0. */
const telling = (name: string) => `#!/bin/sh\necho "${name}: $*"\n`

/** Starts the command as npm links it, with `PATH` as npx sets it. */
function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const links = join(fresh.path, 'node_modules/.bin')
  const path = [links, join(fresh.path, 'on-path'), process.env.PATH].join(delimiter)
  const child = spawn(join(links, 'kurrentlite'), args, { cwd: fresh.path, env: { PATH: path, ...env }, stdio: 'pipe' })
  children.push(child)
  return child
}

async function outcome(child: ChildProcess) {
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

describe('the command of the packed package', () => {
  it('says in one line how to get a program where there is none, and does not find itself on PATH', async () => {
    const { code, stdout, stderr } = await outcome(start(['serve']))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^kurrentlite: [^\n]+\n$/)
    for (const words of [machine, 'npm run build:native', 'KURRENTLITE_BINARY', 'PATH']) expect(stderr).toContain(words)
  })

  it('takes the named program before the one installed beside it', async () => {
    const KURRENTLITE_BINARY = put('named', telling('named'))
    put('beside', telling('beside'))
    expect(await outcome(start(['ctl', 'reset'], { KURRENTLITE_BINARY }))).toEqual({
      code: 0, signal: null, stdout: 'named: ctl reset\n', stderr: '',
    })
    expect(await outcome(start(['serve', '--port', '0', 'a b']))).toMatchObject({ stdout: 'beside: serve --port 0 a b\n' })
  })

  it('takes a program on PATH, and no script of another installation', async () => {
    put('onPath', telling('a script'))
    expect(await outcome(start([]))).toMatchObject({ code: 1, stdout: '' })
    rmSync(join(fresh.path, places.onPath))
    fresh.run('ln', '-s', process.execPath, places.onPath)
    expect(await outcome(start(['--version']))).toMatchObject({ code: 0, stdout: `${process.version}\n` })
  })

  it('says which name leads to no program', async () => {
    put('beside', telling('beside'))
    for (const KURRENTLITE_BINARY of [join(fresh.path, 'missing'), fresh.path, join(fresh.path, 'package.json')]) {
      const { code, stdout, stderr } = await outcome(start(['serve'], { KURRENTLITE_BINARY }))
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(`kurrentlite: KURRENTLITE_BINARY names no program: ${KURRENTLITE_BINARY}\n`)
    }
  })

  it('says what cannot be started', async () => {
    const KURRENTLITE_BINARY = put('named', '#!/no/such/interpreter\n')
    const { code, stdout, stderr } = await outcome(start(['serve'], { KURRENTLITE_BINARY }))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^kurrentlite: ${KURRENTLITE_BINARY} cannot be started: [^\n]+\n$`))
  })

  it('ends at once when its own link is named', async () => {
    const KURRENTLITE_BINARY = join(fresh.path, 'node_modules/.bin/kurrentlite')
    const { code, stderr } = await outcome(start(['serve'], { KURRENTLITE_BINARY }))
    expect(code).toBe(1)
    expect(stderr).toContain('npm run build:native')
  })

  it('passes input, both outputs and the exit code through', async () => {
    const KURRENTLITE_BINARY = put('named', '#!/bin/sh\ncat\necho trouble >&2\nexit 42\n')
    const child = start([], { KURRENTLITE_BINARY })
    child.stdin!.end('hello\n')
    expect(await outcome(child)).toEqual({ code: 42, signal: null, stdout: 'hello\n', stderr: 'trouble\n' })
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('passes %s on, and ends when the program does', async (signal) => {
    const code = `
      process.on('${signal}', () => { console.log('heard ${signal}'); process.exit(7) })
      setInterval(() => undefined, 60_000)
      console.log('ready')`
    const KURRENTLITE_BINARY = put('named', `#!${process.execPath}\n${code}`)
    const child = start([], { KURRENTLITE_BINARY })
    const ended = outcome(child)
    await once(createInterface(child.stdout!), 'line')
    child.kill(signal)
    expect(await ended).toEqual({ code: 7, signal: null, stdout: `ready\nheard ${signal}\n`, stderr: '' })
  })

  it.each(['SIGTERM', 'SIGKILL', 'SIGHUP'] as const)('ends by %s when the program does', async (signal) => {
    const KURRENTLITE_BINARY = put('named', `#!/bin/sh\nkill -${signal.slice(3)} $$\nsleep 60\n`)
    expect(await outcome(start([], { KURRENTLITE_BINARY }))).toMatchObject({ code: null, signal })
  })

  it('ends with the number of a signal that Node outlives', async () => {
    const KURRENTLITE_BINARY = put('named', `#!/bin/sh\nkill -PIPE $$\nsleep 60\n`)
    expect(await outcome(start([], { KURRENTLITE_BINARY }))).toMatchObject({ code: 128 + 13, signal: null })
  })
})
