import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FreshApp } from './packed/fresh_app'

const fixture = (name: string) => fileURLToPath(new URL(`packed/${name}`, import.meta.url))

let fresh: FreshApp
let app: string
const installed = (path: string) => join(app, 'node_modules/kurrentlite', path)
const node = (...args: string[]) => fresh.run(process.execPath, ...args)
const evaluate = (code: string, type: 'module' | 'commonjs') => JSON.parse(node(`--input-type=${type}`, '--eval', code))

beforeAll(() => {
  fresh = new FreshApp({ type: 'module' })
  app = fresh.path
  fresh.install('kurrentlite', ['vue', 'pinia', 'vite', 'jsdom', 'typescript'])
  fresh.write('.env', 'VITE_KURRENT_DB_ENVIRONMENT=staging\n')
  fresh.write('index.html', '<!doctype html><div id="app"></div><script type="module" src="/src/main.ts"></script>')
  mkdirSync(join(app, 'src'))
  for (const file of ['dev_server.mjs', 'run_built.mjs']) copyFileSync(fixture(file), join(app, file))
  copyFileSync(fixture('main.ts'), join(app, 'src/main.ts'))
}, 60_000)
afterAll(() => fresh.remove())

describe('the packed package, installed in a new app', () => {
  it('holds every file that its exports name, and no sources', () => {
    const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8'))
    const targets: string[] = []
    JSON.stringify([manifest.exports, manifest.main, manifest.module, manifest.types], (_key, value) => {
      if (typeof value === 'string') targets.push(value)
      return value
    })
    expect(targets.length).toBeGreaterThan(15)
    expect(targets.filter((target) => !existsSync(installed(target)))).toEqual([])
    expect(existsSync(installed('web'))).toBe(false)
    expect(existsSync(installed('src'))).toBe(false)
    expect(existsSync(installed('LICENSE'))).toBe(true)
    expect(existsSync(installed('dist/third_party_notices.txt'))).toBe(true)
  })

  it('works in a production build, with variables of .env and the module beside the script', () => {
    node('node_modules/vite/bin/vite.js', 'build', '--base', './', '--logLevel', 'error')
    const assets = readdirSync(join(app, 'dist/assets'))
    expect(assets.filter((file) => file.endsWith('.wasm'))).toHaveLength(1)
    expect(assets.filter((file) => file.endsWith('.css'))).toHaveLength(1)
    const scripts = assets.filter((file) => file.endsWith('.js')).map((file) => readFileSync(join(app, 'dist/assets', file), 'utf8'))
    expect(scripts.filter((script) => script.includes('KurrentDB events'))).toEqual([]) // the Devtools plugin
    const { title, text } = JSON.parse(node('run_built.mjs'))
    expect(title).toBe('ready: John, staging, 1, name, data.total')
    expect(text).toContain('packed')
  }, 60_000)

  it('works on the dev server: everything is found, variables are filled in', () => {
    expect(JSON.parse(node('dev_server.mjs'))).toEqual({
      failed: [],
      env: true,
      module: { type: 'application/wasm', magic: 'asm' },
    })
  }, 60_000)

  it('loads in Node as ES module and as CommonJS, on the same data and classes', () => {
    const entries = ['kurrentlite', 'kurrentlite/client', 'kurrentlite/testing']
    const names = `(all) => Object.keys(all).filter((name) => !['default', 'module.exports'].includes(name)).sort()`
    const listNames = (load: string) => {
      const modules = entries.map((entry) => `${load}('${entry}')`).join()
      return `console.log(JSON.stringify([${modules}].map(${names})))`
    }
    const esm = listNames('await import')
    const cjs = listNames('require')
    const exported = evaluate(esm, 'module')
    expect(exported).toEqual(evaluate(cjs, 'commonjs'))
    expect(exported[2]).toContain('createTestingKurrentLite')
    const both = `
      import { createRequire } from 'node:module'
      const required = createRequire(process.cwd() + '/')('kurrentlite/testing')
      const imported = await import('kurrentlite/testing')
      const { session } = required.createTestingKurrentLite()
      await session.streams.create({ id: 'a', name: 'A', data: 1 })
      const { Session } = await import('kurrentlite/services')
      const other = new Session({ database: await session.openDatabase() })
      const failure = await other.streams.create({ name: '', data: 1 }).catch((error) => error)
      const require = createRequire(process.cwd() + '/')
      const [whole, client] = [await import('kurrentlite'), await import('kurrentlite/client')]
      const names = Object.keys(client).filter((name) => name !== 'default' && name !== 'module.exports')
      const isOne = (name) => whole[name] === client[name] && client[name] === require('kurrentlite/client')[name]
      await whole.ready()
      console.log(JSON.stringify([
        names.length > 5 && names.every(isOne),
        required.createTestingKurrentLite === imported.createTestingKurrentLite,
        (await other.streams.get('a')).name,
        failure.type,
      ]))`
    expect(evaluate(both, 'module')).toEqual([true, true, 'A', 'validation-failed'])
  })

  it('has the connection-string parser where suites of the official client look for it', () => {
    const path = 'kurrentlite/dist/Client/parseConnectionString'
    const show = `console.log(JSON.stringify(parseConnectionString('kdb://h:1?tls=false')))`
    const parsed = { dnsDiscover: false, hosts: [{ address: 'h', port: 1 }], tls: false }
    for (const each of [path, `${path}.js`, `${path}.cjs`]) {
      expect(evaluate(`const { parseConnectionString } = require('${each}'); ${show}`, 'commonjs')).toEqual(parsed)
      expect(evaluate(`import { parseConnectionString } from '${each}'; ${show}`, 'module')).toEqual(parsed)
    }
  })

  it('lets a program end by itself', () => {
    const code = `
      import { Session } from 'kurrentlite/services'
      import { createPinia, setActivePinia } from 'pinia'
      import { useKurrentDBStore } from 'kurrentlite/pinia'
      setActivePinia(createPinia())
      await useKurrentDBStore().initialize()
      const session = new Session({ simulation: 'lan' })
      console.log(JSON.stringify((await session.streams.create({ name: 'A', data: 1 })).name))`
    expect(evaluate(code, 'module')).toBe('A')
  }, 30_000)

  it.each([
    ['bundler', 'ESNext', ['main.ts']],
    ['node16', 'Node16', ['main.mts', 'main.cts']],
  ])(
    'has declarations for module resolution %s',
    (resolution, module, files) => {
      copyFileSync(fixture('main.ts'), join(app, 'src/main.mts'))
      copyFileSync(fixture('main.cts'), join(app, 'src/main.cts'))
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom', '--skipLibCheck']
      const paths = files.map((file) => `src/${file}`)
      node(
        'node_modules/typescript/bin/tsc',
        ...options,
        '--module',
        module,
        '--moduleResolution',
        resolution,
        ...paths,
      )
    },
    60_000,
  )
})
