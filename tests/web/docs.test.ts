/** What README.md and docs/ show is true: every snippet is compiled and run, on the built package. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { JSDOM } from 'jsdom'
import { beforeEach, describe, expect, it } from 'vitest'
import { pages, root, snippetsOf, writePrograms } from './docs/snippets'

const snippets = pages().flatMap(snippetsOf)
const of = (...languages: string[]) => snippets.filter(({ language }) => languages.includes(language))
const programs = writePrograms(snippets)

/** A page for the programs, which are imported later. */
const { window } = new JSDOM('<!doctype html>', { url: 'http://localhost/' })
for (const name of ['window', 'document', 'Element', 'HTMLElement', 'SVGElement', 'Node', 'Event', 'MutationObserver', 'getComputedStyle']) {
  ;(globalThis as Record<string, unknown>)[name] = window[name]
}

describe('the manual', () => {
  beforeEach(() => {
    document.body.innerHTML = '<div id="app"></div>'
  })

  it('compiles', { timeout: 120_000 }, () => {
    const compiler = join(root, 'node_modules/vue-tsc/bin/vue-tsc.js')
    const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', 'build/docs/check'], { cwd: root, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  const run = programs.filter(({ snippet }) => snippet.notRun === undefined)
  it.each(run.map(({ snippet, path }) => [snippet.place, path]))('%s', async (_place, path) => {
    await import(/* @vite-ignore */ path)
  })

  it('has few snippets that are not run, each for a reason', () => {
    const notRun = programs.flatMap(({ snippet: { place, notRun: reason } }) => (reason === undefined ? [] : [`${place} ${reason}`]))
    expect(notRun.filter((each) => !/:\d+ .+/.test(each))).toEqual([])
    expect(notRun.length, notRun.join('\n')).toBe(NOT_RUN)
    expect(run.length).toBeGreaterThan(30)
  })

  it.each(of('json').map(({ place, code }) => [place, code]))('%s is JSON', (_place, code) => {
    JSON.parse(code)
  })

  it.each(of('sh').map(({ place, code }) => [place, code]))('%s: the commands exist', (_place, code) => {
    for (const line of code.split('\n').filter((each) => each.trim())) expect(commandProblem(line), line).toBe('')
  })

  it('is in languages that are checked', () => {
    const others = snippets.filter(({ language }) => !['ts', 'vue', 'json', 'sh', 'js'].includes(language))
    expect(others.map(({ place, language }) => `${place} ${language}`)).toEqual([])
  })

  it('links to what there is', () => {
    const broken = pages().flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)(#[^)]*)?\)/g)]
        .filter(([, target]) => !existsSync(join(root, dirname(page), target!)))
        .map(([, target]) => `${page}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('has its pages in the list of the README', () => {
    const manual = readFileSync(join(root, 'README.md'), 'utf8')
    expect(readdirSync(join(root, 'docs')).filter((file) => !manual.includes(`(docs/${file})`))).toEqual([])
  })
})

/** How many snippets need what a test has not. */
const NOT_RUN = 2

/** What is wrong with a command: it names what there is not. */
function commandProblem(line: string): string {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const command = line.replace(/\s+#.*$/, '').replace(/^(\w+=\S+\s+)+/, '')
  const [, script] = /^npm (?:run )?(\S+)/.exec(command) ?? []
  if (script !== undefined) return script in scripts || ['install', 'pack'].includes(script) ? '' : `no script ${script}`
  const [, preset] = /^cmake --workflow --preset (\S+)/.exec(command) ?? []
  if (preset !== undefined) {
    return readFileSync(join(root, 'CMakePresets.json'), 'utf8').includes(`"${preset}"`) ? '' : `no preset ${preset}`
  }
  if (!/^(npx )?kurrentlite /.test(command)) return 'is not a command that is known here'
  const sources = readdirSync(join(root, 'src/server')).filter((file) => file.endsWith('.cpp'))
  const server = sources.map((file) => readFileSync(join(root, 'src/server', file), 'utf8')).join('')
  const words = command.split(' ').slice(command.startsWith('npx') ? 2 : 1)
  const named = words.filter((word) => /^(--)?[a-z][a-z-]*$/.test(word) && (word.startsWith('--') || words.indexOf(word) < 2))
  return named.filter((word) => !server.includes(word)).join()
}
