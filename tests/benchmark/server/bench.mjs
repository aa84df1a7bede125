/**
 * Times `kurrentlite serve`, the release, beside a bare gRPC echo of messages of the same sizes: rounds in turn, the median
 * of the ratios to the echo in the same language, and a row that measures the same twice as the noise floor.
 *   node tests/benchmark/server/bench.mjs [--only S1,S3] [--rounds 7] [--size 100000]
 * Figures go to build/bench/server.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, print, spread } from '../report.mjs'
import { BareEcho, OfficialClient } from './node_clients.mjs'
import { measureInCpp, reset, startEcho, startServer } from './programs.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    size: { type: 'string', default: '100000' },
    browser: { type: 'boolean' }, // of the package's benchmark
  },
})
const rounds = Number(options.rounds)
const size = Number(options.size)
if (!(rounds >= 1) || !(size >= 1000) || size % 1000 !== 0) {
  console.error('bench: --rounds must be at least 1 and --size a multiple of 1000')
  process.exit(2)
}
const wanted = (name) => !options.only || options.only.split(',').includes(name)
const results = {}
const server = await startServer()
const echo = await startEcho()
const official = new OfficialClient(server.address)
const bare = new BareEcho(echo.address)

/** Sizes of messages as the C++ calls report them; the echo's are the same. */
let sizes
/** Nanoseconds per operation, from C++. */
function inCpp(workload, address, ...numbers) {
  const measured = measureInCpp(workload, address, ...numbers)
  if (address === server.address) sizes = measured
  return measured.elapsedNs / measured.operations
}

const floors = { 'C++ loop': 'bare echo, C++', 'C++ loop again': 'C++ loop', 'official client, Node': 'bare echo, Node' }

/** `subjects`: by row, what answers the nanoseconds of one operation. The C++ loop comes first, since it tells the sizes. */
async function compare(name, title, subjects, prepare = () => undefined) {
  const names = Object.keys(subjects)
  const times = Object.fromEntries(names.map((subject) => [subject, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const subject of round % 2 === 0 ? names : names.toReversed()) {
      prepare(subject)
      const time = await subjects[subject]()
      if (round > 0) times[subject].push(time) // the first round warms up
    }
  }
  console.log(`\n${name}  ${title}; messages of ${sizes.requestBytes} and ${sizes.answerBytes} bytes`)
  print('', 'per second', 'us each', 'time / floor', 'spread', 'floor')
  results[name] = { title, requestBytes: sizes.requestBytes, answerBytes: sizes.answerBytes, rows: {} }
  for (const [subject, list] of Object.entries(times)) {
    const floor = floors[subject]
    const ratios = floor ? list.map((time, i) => time / times[floor][i]) : []
    const row = { perSecond: 1e9 / median(list), nsEach: median(list), spreadNs: [Math.min(...list), Math.max(...list)] }
    if (floor) Object.assign(row, { floor, ratio: median(ratios), ratioSpread: [Math.min(...ratios), Math.max(...ratios)] })
    results[name].rows[subject] = row
    const cells = floor ? [median(ratios).toFixed(2), spread(ratios, 2), `  ${floor}`] : []
    print(subject, row.perSecond.toFixed(0), (row.nsEach / 1000).toFixed(1), ...cells)
  }
}

const appends = (count, width) => ({
  'C++ loop': () => inCpp('append', server.address, count, width),
  'bare echo, C++': () => inCpp('echo-once', echo.address, count, width, sizes.requestBytes, sizes.answerBytes),
  'C++ loop again': () => inCpp('append', server.address, count, width),
  'official client, Node': async () => (await official.append(count, width)) / count,
  'bare echo, Node': async () => (await bare.once(count, width, sizes.requestBytes, sizes.answerBytes)) / count,
})

const streams = (inCppLoop, inNode) => ({
  'C++ loop': inCppLoop,
  'bare echo, C++': () => inCpp('echo-stream', echo.address, size, sizes.answerBytes),
  'C++ loop again': inCppLoop,
  'official client, Node': async () => (await inNode()) / size,
  'bare echo, Node': async () => (await bare.stream(size, sizes.answerBytes)) / size,
})

async function startAndMemory() {
  const times = []
  const resident = []
  for (let i = 0; i < 20; i++) {
    const started = await startServer()
    times.push(started.readyAfterMs)
    resident.push(started.residentBytes() / 1e6)
    await started.stop()
  }
  const filled = await startServer()
  measureInCpp('fill', filled.address, size)
  const residentFilled = filled.residentBytes() / 1e6
  await filled.stop()
  results.S5 = { readyMs: median(times), readyMsSpread: [Math.min(...times), Math.max(...times)], residentMB: median(resident), residentFilledMB: residentFilled }
  console.log('\nS5  from starting the program to its first line, 20 times; resident memory')
  print('ready, ms', median(times).toFixed(1), spread(times, 1))
  print('resident when ready, MB', median(resident).toFixed(1), spread(resident, 1))
  print(`resident after ${size}, MB`, residentFilled.toFixed(1))
}

const empty = () => reset(server.address)
const appended = size / 10
if (wanted('S1')) await compare('S1', `append ${appended} events, one after another, one in a call`, appends(appended, 1), empty)
if (wanted('S2')) await compare('S2', `append ${appended} events, 64 calls in flight, one in each`, appends(appended, 64), empty)
if (wanted('S3') || wanted('S4')) {
  empty()
  measureInCpp('fill', server.address, size)
}
if (wanted('S3')) {
  await compare('S3', `read a stream of ${size} events forwards`, streams(
    () => inCpp('read', server.address, size),
    () => official.read('one', size),
  ))
}
if (wanted('S4')) {
  await compare('S4', `subscribe from the start of a stream of ${size} events`, streams(
    () => inCpp('catch-up', server.address, size),
    () => official.catchUp('one', size),
  ))
  await compare('S4 live', `${size} events appended, 100 in a call, to one live subscription`, streams(
    () => inCpp('live', server.address, size),
    () => official.live('live', size),
  ), empty)
}
if (wanted('S5')) await startAndMemory()
await official.close()
bare.close()
await server.stop()
await echo.stop()
const folder = fileURLToPath(new URL('../../../build/bench/', import.meta.url))
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}server.json`, `${JSON.stringify(results, null, 2)}\n`)
