/**
 * Suites written for `@kurrent/kurrentdb-client` run unchanged on the packed package, in its place by an npm alias or by a
 * module alias: under Vitest and Jest, as ES modules and as CommonJS, in Node and jsdom, under real and fake timers.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FreshApp } from './packed/fresh_app'

const official = '@kurrent/kurrentdb-client'
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=report.json']
const jest = ['node_modules/jest/bin/jest.js', '--json', '--outputFile=report.json']
const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`alias/${name}`, import.meta.url)), 'utf8')
const suites = ['orders', 'clock']
const neighbours = ['vitest', 'vite', 'jest', 'jsdom', '@jest/environment-jsdom-abstract']
const environments = { node: 'node', jsdom: './jsdom_environment.cjs' }

/** How users put kurrentlite in the place of the official client. */
const aliases = {
  'npm alias': { installAs: official, databaseOfFrom: official, resolve: {}, moduleNameMapper: {} },
  'module alias': {
    installAs: 'kurrentlite',
    databaseOfFrom: 'kurrentlite',
    resolve: { alias: { [official]: 'kurrentlite/client' } },
    moduleNameMapper: { [`^${official}$`]: 'kurrentlite/client' },
  },
}

/** Each suite in both module systems; only the module alias leaves kurrentlite a name of its own. */
function writeSuites(app: FreshApp, databaseOfFrom: string): void {
  for (const suite of suites) {
    const code = fixture(`${suite}.test.mjs`).replace(`from 'kurrentlite'`, `from '${databaseOfFrom}'`)
    app.write(`${suite}.test.mjs`, code)
    app.write(`${suite}.test.cjs`, transformSync(code, { format: 'cjs' }).code)
  }
  for (const file of ['fake_jest.cjs', 'fake_vitest.mjs', 'jsdom_environment.cjs']) app.write(file, fixture(file))
}

function writeConfigurations(app: FreshApp, { resolve, moduleNameMapper }: { resolve: object; moduleNameMapper: object }): void {
  const projects = Object.keys(environments).flatMap((environment) =>
    [[], ['./fake_vitest.mjs']].map((setupFiles) => ({
      resolve,
      test: { name: `${environment} ${setupFiles.length}`, environment, setupFiles, globals: true, include: ['*.test.mjs'] },
    })),
  )
  app.write('vitest.config.mjs', `export default { test: { projects: ${JSON.stringify(projects)} } }`)
  for (const ending of ['cjs', 'mjs']) {
    const timers: object[] = [{}, { fakeTimers: { enableGlobally: true } }]
    if (ending === 'cjs') timers.push({ setupFilesAfterEnv: ['./fake_jest.cjs'] })
    const projects = Object.values(environments).flatMap((testEnvironment) =>
      timers.map((each) => ({ ...each, testEnvironment, moduleNameMapper, testMatch: [`<rootDir>/*.test.${ending}`], transform: {} })),
    )
    app.write(`jest.${ending}.json`, JSON.stringify({ moduleFileExtensions: ['js', 'cjs', 'mjs'], projects }))
  }
}

/** What Vitest and Jest both report. */
interface Report {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly Outcome[] }[]
}
interface Outcome {
  readonly fullName: string
  readonly status: string
}

/** How often each test passed, by name; fails with what the runner printed when any did not. */
function passedTests(app: FreshApp, args: readonly string[]): Map<string, number> {
  const report = join(app.path, 'report.json')
  rmSync(report, { force: true })
  const { status, output } = app.attempt(process.execPath, ...args)
  if (!existsSync(report)) throw new Error(`There is no report:\n${output}`)
  const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'))
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  expect(results.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName), output).toEqual([])
  expect(testResults.map(({ message }) => message).filter((message) => message !== ''), output).toEqual([])
  // Nothing is left that would keep the runner from ending.
  expect(status, output).toBe(0)
  const counts = new Map<string, number>()
  for (const { fullName } of results) counts.set(fullName.trim(), (counts.get(fullName.trim()) ?? 0) + 1)
  return counts
}

/** The tests of the suites, but for the one whose name tells where it ran. */
const expected = suites.flatMap((suite) => {
  const names = [...fixture(`${suite}.test.mjs`).matchAll(/\bit\('([^']+)'/g)]
  return names.map(([, name]) => name!)
})

describe.each(Object.entries(aliases))('existing suites by %s', (_alias, { installAs, databaseOfFrom, ...config }) => {
  let app: FreshApp
  beforeAll(() => {
    app = new FreshApp()
    app.install(installAs, neighbours)
    writeSuites(app, databaseOfFrom)
    writeConfigurations(app, config)
  }, 60_000)
  afterAll(() => app.remove())

  /** All tests passed in each of the places. */
  function expectAllIn(tests: Map<string, number>, places: Record<string, number>): void {
    expect(Object.fromEntries([...tests].filter(([name]) => name.startsWith('runs in ')))).toEqual(places)
    const runs = Object.values(places).reduce((sum, each) => sum + each)
    for (const name of expected) {
      const counts = [...tests].filter(([full]) => full.endsWith(name)).map(([, count]) => count)
      expect(counts, name).toEqual([runs])
    }
  }

  it('pass under Vitest', () => {
    const tests = passedTests(app, vitest)
    expectAllIn(tests, {
      'runs in node, timers at import real': 1,
      'runs in node, timers at import fake': 1,
      'runs in jsdom, timers at import real': 1,
      'runs in jsdom, timers at import fake': 1,
    })
  }, 120_000)

  it('pass under Jest as CommonJS', () => {
    const tests = passedTests(app, [...jest, '--config=jest.cjs.json'])
    expectAllIn(tests, {
      'runs in node, timers at import real': 2,
      'runs in node, timers at import fake': 1,
      'runs in jsdom, timers at import real': 2,
      'runs in jsdom, timers at import fake': 1,
    })
  }, 120_000)

  it('pass under Jest as ES modules', () => {
    const tests = passedTests(app, ['--experimental-vm-modules', '--no-warnings', ...jest, '--config=jest.mjs.json'])
    expectAllIn(tests, {
      'runs in node, timers at import real': 1,
      'runs in node, timers at import fake': 1,
      'runs in jsdom, timers at import real': 1,
      'runs in jsdom, timers at import fake': 1,
    })
  }, 120_000)
})

describe('the manual', () => {
  const manual = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  /** The programs of the section, by the files that their first lines name. */
  const section = manual.split(/^## /m).find((each) => each.startsWith('Drop-in'))!
  const files = new Map<string, string>()
  for (const [, names, code] of section.matchAll(/```[jt]s\n\/\/ (.+)\n([^]+?)```/g)) {
    for (const name of names!.split(', ')) files.set(name, code!)
  }
  const apps: FreshApp[] = []
  const install = (name: string) => {
    const app = new FreshApp()
    apps.push(app)
    app.install(name, neighbours)
    return app
  }
  afterAll(() => apps.forEach((app) => app.remove()))
  const titles = ['events are dated by the clock of the database', 'the second append is refused']

  it('shows a suite that passes with the configuration it shows', () => {
    expect([...files.keys()]).toEqual(['vite.config.ts', 'vitest.config.ts', 'jest.config.js', 'orders.test.ts'])
    const app = install('kurrentlite')
    for (const name of ['vitest.config.ts', 'jest.config.js', 'orders.test.ts']) app.write(name, files.get(name)!)
    expect([...passedTests(app, vitest).keys()]).toEqual(titles)
    // Jest runs it without the import of Vitest.
    const plain = files.get('orders.test.ts')!.replace(/^import .* from 'vitest'$/m, '')
    app.write('orders.test.js', transformSync(plain, { loader: 'ts', format: 'cjs' }).code)
    expect([...passedTests(app, [...jest, '--testMatch=**/*.test.js']).keys()]).toEqual(titles)
  }, 120_000)

  it('shows how to install it under the official name', () => {
    expect(manual).toMatch(`npm install ${official}@file:kurrentlite-`)
    const app = install(official)
    app.write('orders.test.ts', files.get('orders.test.ts')!.replace(`from 'kurrentlite'`, `from '${official}'`))
    expect([...passedTests(app, vitest).keys()]).toEqual(titles)
  }, 120_000)
})
