/** The built package in headless Chromium: cold start, and a user's day with many documents. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { bundlePages } from './bundles.mjs'
import { median, print, spread } from '../report.mjs'

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }
const headers = { 'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" }

/** Serves the repository on the loopback, under a strict policy, and calls `work(browser, url)`. */
async function inChromium(root, work) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    const bytes = path === '/' ? '<!doctype html><title>bench</title>' : await readFile(join(root, path)).catch(() => undefined)
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': types[extname(path)] ?? 'text/html', ...headers }).end(bytes)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const args = ['--no-sandbox', '--disable-gpu', '--js-flags=--expose-gc']
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  try {
    return await work(browser, `http://127.0.0.1:${server.address().port}/`)
  } finally {
    await browser.close()
    server.close()
  }
}

/** Runs workloads on all subjects that a page can have, each in a page of its own, and hands over their rows. */
export async function compareInChromium(root, names, options, tell) {
  await build({
    entryPoints: [join(root, 'tests/benchmark/peers/node_modules/@event-driven-io/emmett/dist/index.js')],
    outfile: join(root, 'build/bench/emmett.js'),
    bundle: true, format: 'esm', platform: 'browser', logLevel: 'error', external: ['node:*', 'async_hooks'],
  }).catch(() => undefined) // then it is left out
  await inChromium(root, async (browser, url) => {
    for (const name of names) {
      const page = await browser.newPage()
      await page.goto(url)
      tell(name, await page.evaluate(async ([workload, given]) => {
        const { run } = await import('/tests/benchmark/package/page.mjs')
        return run(workload, given)
      }, [name, options]))
      await page.close()
    }
  })
}

/** What a fresh page runs, and times: on its own script, which it imports. */
const starts = {
  client: `const { client: { jsonEvent, KurrentDBClient } } = await import('/build/bench/pages/client.js')
    const client = KurrentDBClient.connectionString('kurrentdb://localhost:2113?tls=false')
    await client.appendToStream('first', jsonEvent({ type: 'First', data: {} }))`,
  services: `const { services: { Session } } = await import('/build/bench/pages/services.js')
    const session = new Session({ env: {}, sync: false })
    await session.streams.create({ name: 'first', data: {} })`,
}

/** A fresh page from the import to the first stored event or document: milliseconds by what it imports. */
export async function coldStartInChromium(root, rounds) {
  await bundlePages(root)
  return inChromium(root, async (browser, url) => {
    const result = {}
    console.log('\nW7  cold start in Chromium, loopback (ms inside the page)')
    for (const [name, start] of Object.entries(starts)) {
      const times = []
      for (let round = 0; round < rounds; round++) {
        const context = await browser.newContext()
        const page = await context.newPage()
        await page.goto(url)
        times.push(await page.evaluate(`(async () => {
          const start = performance.now()
          ${start}
          return performance.now() - start
        })()`))
        await context.close()
      }
      result[name] = median(times)
      print(name, result[name].toFixed(1), '', spread(times, 1))
    }
    return result
  })
}

/** W11 in a page. */
export function scaleInChromium(root, sizes) {
  return inChromium(root, async (browser, url) => {
    const page = await browser.newPage()
    await page.goto(url)
    return page.evaluate(async (given) => {
      const { runScale } = await import('/tests/benchmark/package/scale.mjs')
      return runScale(given)
    }, sizes)
  })
}

/** Runs the steps of `usersDay` in a page; answers for each what it took, and how long the page stood still at most. */
export function usersDayInChromium(root, usersDay, documents) {
  return inChromium(root, async (browser, url) => {
    const page = await browser.newPage()
    await page.goto(url)
    return page.evaluate(`(${usersDay})(${documents})`)
  })
}
