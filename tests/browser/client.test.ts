/** An app written for `@kurrent/kurrentdb-client`, bundled with the alias that the manual names, in a real browser. */
import { readFileSync } from 'node:fs'
import { build, createServer, type InlineConfig, preview } from 'vite'
import { afterAll, beforeAll } from 'vitest'
import { contentSecurityPolicy } from '../../web/demo/vite.config'
import { FreshApp } from '../web/packed/fresh_app'
import { describe, expect, test } from './support/demo'

const expected = {
  'the host': ['undefined', 'undefined', false, true],
  'appends and reads': [true, '1', { total: 2, note: 'ä€😀' }, { by: 'page' }, '1', true, true],
  'clients share a database': ['OrderPlaced', 'OrderPlaced', 'OrderPlaced'],
  'bytes are Uint8Array': [true, [0, 255, 128], [7], false],
  'errors have their classes': [true, 'stream-not-found', true, '2'],
  'subscriptions by for await': [1, 2, 3, 4],
  'subscriptions by events': ['confirmation', ...Array.from({ length: 4 }, () => 'OrderPlaced'), 'OrderShipped', 'end', 'close'],
  'slow readers are waited for': [2000, true, 0],
  'time, faults and a fresh start': [true, '2030-01-01T00:00:01.500Z', true],
}

let app: FreshApp
beforeAll(() => {
  app = new FreshApp({ type: 'module' })
  app.install('kurrentlite', [])
  app.write('index.html', '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="/main.js"></script>')
  app.write('main.js', readFileSync(new URL('./support/client_app.js', import.meta.url), 'utf8'))
}, 60_000)
afterAll(() => app.remove())

/** The demo's policy; the dev server also talks to its page. */
const headers = { 'Content-Security-Policy': contentSecurityPolicy }
const devHeaders = { 'Content-Security-Policy': contentSecurityPolicy.replace("connect-src 'self'", "connect-src 'self' ws:") }

const settings = (): InlineConfig => ({
  root: app.path,
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { '@kurrent/kurrentdb-client': 'kurrentlite/client' } },
  build: { target: 'es2022' },
  preview: { host: '127.0.0.1', port: 0, headers },
  server: { host: '127.0.0.1', port: 0, headers: devHeaders },
})

const servers = {
  async 'production build'() {
    await build(settings())
    return preview(settings())
  },
  async 'dev server'() {
    return (await createServer(settings())).listen()
  },
}

describe('a page whose code imports the official client', () => {
  test.for(Object.entries(servers))('does all it does on a server: %s', async ([, start], { browser }) => {
    const server = await start()
    const page = await browser.newPage()
    try {
      const problems: string[] = []
      page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
      const { port } = server.httpServer!.address() as { port: number }
      await page.goto(`http://127.0.0.1:${port}/`)
      const outcome = () => page.locator('body').getAttribute('data-outcome')
      await expect.poll(outcome, { message: 'the step it has come to' }).toContain('{')
      expect(JSON.parse((await outcome())!)).toEqual(expected)
      expect(problems.filter((problem) => !problem.startsWith('debug: [vite]'))).toEqual([])
    } finally {
      await page.close()
      await server.close()
    }
  })
})
