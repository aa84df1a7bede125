/**
 * Times the built package beside what it replaces, in one run: rounds in turn, the median of the ratios to the package, and
 * a row of the package against itself as the noise floor.
 *   node tests/benchmark/package/bench.mjs [--only W1,W3] [--rounds 7] [--size 100000] [--browser]
 * Peers that are not installed in tests/benchmark/peers are left out, and so is the server when it is not built.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { median, print, spread } from '../report.mjs'
import { bundlePages } from './bundles.mjs'
import { compare } from './comparison.mjs'
import { runScale } from './scale.mjs'
import { compareServices } from './services.mjs'
import { peerSubjects } from '../peers/index.mjs'
import { officialClient } from '../peers/official_client.mjs'
import { subjects as ours } from './subjects.mjs'
import { workloads } from './workloads.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    size: { type: 'string', default: '100000' },
    browser: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const size = Number(options.size)
if (!(rounds >= 1) || !(size >= 1000) || size % 1000 !== 0) {
  console.error('bench: --rounds must be at least 1 and --size a multiple of 1000')
  process.exit(2)
}
const root = fileURLToPath(new URL('../../..', import.meta.url))
const results = {}
const official = await officialClient()
const subjects = { ...ours, ...(await peerSubjects()), ...official.subjects }
const wanted = (name) => !options.only || options.only.split(',').includes(name)

/** Prints what `compare` answered. */
function tell(name, rows, where = '') {
  console.log(`\n${name}  ${workloads(size)[name].title}${where}`)
  print('', 'ns/event', 'ratio', 'spread')
  for (const [subject, { nsPerEvent, ratio, spread: around, isolated }] of Object.entries(rows)) {
    print(isolated ? subject : `${subject} (not isolated)`, nsPerEvent.toFixed(0), ratio.toFixed(2), around)
  }
}

/** W6: what the database itself and the JavaScript heap hold per event. */
async function memory() {
  if (!globalThis.gc) return
  console.log(`\nW6  bytes retained per event (${size} events, 1,000 streams)`)
  results.W6 = {}
  const { W1 } = workloads(size)
  for (const name of Object.keys(ours).filter((each) => !each.endsWith('again') && !ours[each].only)) {
    const subject = await subjects[name].open()
    globalThis.gc()
    const before = process.memoryUsage()
    await W1.run(subject, (work) => work())
    globalThis.gc()
    const after = process.memoryUsage()
    // Not `external`: the database's linear memory is in it, and grows ahead of need.
    const heap = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    const bytes = (heap + ((await subject.linearMemory?.()) ?? 0)) / size
    results.W6[name] = bytes
    print(name, bytes.toFixed(0))
    await subject.close()
  }
}

/** W7: inside a new process, from the import to the first stored event, and with services to the first stored document. */
function coldStart() {
  console.log('\nW7  cold start in Node (ms inside the process)')
  const starts = {
    client: `const { jsonEvent, KurrentDBClient } = await import(${JSON.stringify(join(root, 'dist/client.node.js'))})
      const client = KurrentDBClient.connectionString('kurrentdb://localhost:2113?tls=false')
      await client.appendToStream('first', jsonEvent({ type: 'First', data: {} }))`,
    services: `const { Session } = await import(${JSON.stringify(join(root, 'dist/services.js'))})
      const session = new Session({ env: {}, sync: false })
      await session.streams.create({ name: 'first', data: {} })
      session.dispose()`,
  }
  results.W7 = {}
  for (const [name, start] of Object.entries(starts)) {
    const script = `const start = performance.now()\n${start}\nconsole.log(performance.now() - start)`
    const times = Array.from({ length: rounds }, () =>
      Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })))
    results.W7[name] = { nodeMs: median(times) }
    print(name, median(times).toFixed(1), '', spread(times, 1))
  }
}

/** W8: what a page downloads: the module and one script. */
async function downloads() {
  console.log('\nW8  download, bytes brotli (raw)')
  results.W8 = {}
  const { folder, pages } = await bundlePages(root)
  for (const page of pages) {
    const files = ['kurrentlite.wasm', `${page}.js`].map((file) => readFileSync(join(folder, file)))
    const raw = files.reduce((sum, bytes) => sum + bytes.length, 0)
    const brotli = files.reduce((sum, bytes) => sum + brotliCompressSync(bytes).length, 0)
    results.W8[page] = { raw, brotli }
    print(page, brotli, `(${raw})`)
  }
}

/** W11: from 10,000 events to as many as memory holds. */
async function growth() {
  const sizes = [10_000, 100_000, 1_000_000, 10_000_000, 40_000_000]
  const show = ({ steps, stored, full }, where) => {
    console.log(`\nW11  one database of 100 streams grows, in ${where}`)
    print('events', 'append ns', 'ratio', 'last 100 ns', 'ratio', 'bytes/event')
    const [first] = steps
    for (const { events, appendNs, readNs, bytes } of steps) {
      const ratios = [appendNs / first.appendNs, readNs / first.readNs].map((ratio) => ratio.toFixed(2))
      print(events, appendNs.toFixed(0), ratios[0], readNs.toFixed(0), ratios[1], bytes.toFixed(0))
    }
    console.log(full ? `${stored} events fit; then appends are refused with RESOURCE_EXHAUSTED` : `${stored} events, and more would fit`)
  }
  results.W11 = { node: await runScale(sizes) }
  show(results.W11.node, 'Node')
  if (!options.browser) return
  const { scaleInChromium } = await import('./chromium.mjs')
  results.W11.chromium = await scaleInChromium(root, sizes)
  show(results.W11.chromium, 'Chromium')
}

/** W13: how long a page stands still with 50,000 documents of four events each (`--size 100000`: half as many). */
async function usersDay() {
  const { usersDayInChromium } = await import('./chromium.mjs')
  const { usersDay: day } = await import('./users_day.mjs')
  const documents = size / 2
  console.log(`\nW13  a user's day in Chromium: ${documents} documents, ${documents * 4} events (ms)`)
  print('', 'took', 'blocked at most', '')
  results.W13 = await usersDayInChromium(root, day, documents)
  for (const { name, took, longest, note } of results.W13) print(name, took.toFixed(0), longest.toFixed(0), note === undefined ? '' : `  ${note}`)
}

const compared = Object.keys(workloads(size)).filter(wanted)
for (const name of compared) tell(name, (results[name] = await compare(name, { subjects, rounds, size })))
await official.stop()
if (options.browser && compared.length > 0) {
  const { compareInChromium } = await import('./chromium.mjs')
  results.chromium = {}
  await compareInChromium(root, compared, { rounds, size }, (name, rows) => tell(name, (results.chromium[name] = rows), ', in Chromium'))
}
if (wanted('W6')) await memory()
if (wanted('W7')) coldStart()
if (wanted('W7') && options.browser) {
  const { coldStartInChromium } = await import('./chromium.mjs')
  for (const [name, ms] of Object.entries(await coldStartInChromium(root, rounds))) results.W7[name].chromiumMs = ms
}
if (wanted('W8')) await downloads()
if (wanted('W11')) await growth()
if (wanted('W12')) results.W12 = await compareServices({ count: size / 2, rounds: Math.min(rounds, 5) })
if (wanted('W13') && options.browser) await usersDay()
mkdirSync(join(root, 'build/bench'), { recursive: true })
writeFileSync(join(root, 'build/bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
