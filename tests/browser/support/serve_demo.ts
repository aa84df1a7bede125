import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type BrowserServer } from 'playwright-core'
import { preview, type PreviewServer } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    demoUrl: string
    browserEndpoint: string
  }
}

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Where Debian, and others, have it. */
const executables = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const quietly = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Serves the built demo as `npm start` does, and starts one browser that all test files share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(inRepository('web/demo/dist/index.html'))) {
    throw new Error('The demo is not built: run `node_modules/.bin/vite build --config web/demo/vite.config.ts` first.')
  }
  const executablePath = executables.find((path) => path !== undefined && existsSync(path))
  if (executablePath === undefined) throw new Error('Chromium is missing: `toolchains/setup` installs it.')

  const server = await preview({
    configFile: inRepository('web/demo/vite.config.ts'),
    preview: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  })
  const browser = await chromium.launchServer({ executablePath, args: quietly })
  project.provide('demoUrl', addressOf(server))
  project.provide('browserEndpoint', browser.wsEndpoint())
  return () => stop(server, browser)
}

function addressOf(server: PreviewServer): string {
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('The demo is served on no port.')
  return `http://127.0.0.1:${address.port}/`
}

async function stop(server: PreviewServer, browser: BrowserServer): Promise<void> {
  await browser.close()
  await server.close()
}
