/**
 * Clients that are killed, give up or run out of time leave nothing behind; thousands of calls and subscriptions at once.
 * `KURRENTLITE_LOAD_CALLS` (1000) sets how many those are, `KURRENTLITE_LOAD_KILLS` (4) how many clients are killed.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { fileURLToPath } from 'node:url'
import * as grpc from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunningServer } from './support/server'
import {
  answerOf, appendEvent, appendOptions, batchPart, counted, field, message, NOTHING, paths, proposed, RawClient, readOptions,
  subscribed,
} from './support/wire'

const CALLS = Number(process.env.KURRENTLITE_LOAD_CALLS ?? 1000)
const KILLS = Number(process.env.KURRENTLITE_LOAD_KILLS ?? 4)
const MIB = 1 << 20

let server: RunningServer
beforeEach(async () => void (server = await RunningServer.start(['--insecure', '--log-level', 'debug'])))
afterEach(async () => {
  const { stderr, ...outcome } = await server.stop()
  expect(outcome).toMatchObject({ code: 0, signal: null })
  expect(stderr).not.toMatch(/ (warn|error) /)
})

/** Waits until the server has no more open than that, and holds no more memory than that (it gives it back when it has been quiet). */
async function settled(descriptors: number, bytesMax: number) {
  const look = () => {
    expect(server.fileDescriptors).toBe(descriptors)
    expect(server.residentBytes).toBeLessThan(bytesMax)
  }
  await vi.waitFor(look, { timeout: 10_000, interval: 50 })
  return { threads: server.threads, resident: server.residentBytes }
}

const told = (what: string) => process.stderr.write(`${what}\n`)
const inMiB = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`

describe('clients that are killed', () => {
  const large = Buffer.alloc(MIB, 0x20)
  const part = { ends: false, reads: false }
  const all = field(1, message(field(2, field(2, NOTHING)), field(8, NOTHING), field(9, field(1, NOTHING)), subscribed))
  /** Half an append and half a batch of eight megabytes; readers and subscribers that have stopped reading, and live ones. */
  const calls = [
    { ...part, path: paths.append, messages: [appendOptions('half'), ...Array.from({ length: 8 }, () => appendEvent({ data: large }))] },
    { ...part, path: paths.batchAppend, messages: Array.from({ length: 8 }, () => batchPart(1n, 'half', [proposed({ data: large })], false)) },
    ...Array.from({ length: 4 }, () => ({ path: paths.read, messages: [readOptions('long', counted(1_000_000))], ends: true, reads: false })),
    ...Array.from({ length: 4 }, () => ({ path: paths.read, messages: [readOptions('long', subscribed)], ends: true, reads: false })),
    ...Array.from({ length: 4 }, (_, i) => ({ path: paths.read, messages: [all], ends: true, reads: i % 2 === 0 })),
  ]

  async function victim() {
    const child = fork(fileURLToPath(new URL('support/victim.mjs', import.meta.url)), { serialization: 'advanced', execArgv: [] })
    child.send({ uri: server.uri, port: server.port, calls })
    await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('It ended by itself')))])
    return async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
  }

  it('in the middle of everything: descriptors, threads and memory are as before', async () => {
    const raw = new RawClient(server.port)
    await raw.call(paths.features)
    const descriptors = server.fileDescriptors
    for (let n = 0; n < 16; n++) {
      await raw.call(paths.append, appendOptions('long'), ...Array.from({ length: 100 }, () => appendEvent({ data: Buffer.alloc(10_000, 0x20) })))
    }
    // What gRPC keeps for further calls comes to it, but nothing of the 16 MiB that each killed client had under way.
    const bytesMax = server.residentBytes + 16 * MIB
    const round = async () => {
      const kills = await Promise.all([victim(), victim()])
      const peak = server.residentBytes
      expect(server.fileDescriptors).toBeGreaterThan(descriptors + 2)
      await Promise.all(kills.map((kill) => kill()))
      return peak
    }
    await round() // gRPC begins more threads when there is more to do
    const before = await settled(descriptors, bytesMax)
    let peak = 0
    for (let n = 0; n < KILLS; n += 2) peak = Math.max(peak, await round())
    const after = await settled(descriptors, bytesMax + KILLS * (MIB / 4)) // what they have appended stays
    told(`${KILLS} killed: ${descriptors} descriptors, threads ${before.threads} then ${after.threads}, ` +
      `resident ${inMiB(before.resident)}, at most ${inMiB(peak)}, then ${inMiB(after.resident)}`)
    expect(after.threads).toBeLessThanOrEqual(before.threads + 4) // gRPC's own come and go
    expect((await raw.call(paths.read, readOptions('half', counted(1)))).messages[0]![0]).toBe((4 << 3) | 2) // not found
    raw.close()
  }, 60_000 + KILLS * 10_000)
})

/** Opens calls of all kinds that stay open, with `options`. */
function openAll(raw: RawClient, count: number, options: grpc.CallOptions = {}) {
  const kinds: [string, readonly Buffer[], boolean][] = [
    [paths.read, [readOptions('none', subscribed)], true],
    [paths.append, [appendOptions('half'), appendEvent({ data: Buffer.alloc(50_000, 0x20) })], false],
    [paths.batchAppend, [batchPart(1n, 'half', [proposed({ data: Buffer.alloc(50_000, 0x20) })], false)], false],
  ]
  return Array.from({ length: count }, (_, i) => {
    const [path, messages, ends] = kinds[i % kinds.length]!
    const call = raw.open(path, options)
    const answer = answerOf(call)
    for (const each of messages) call.write(each)
    if (ends) call.end()
    return { call, answer }
  })
}

/**
 * Waits until the server has told of the end of `count` calls. However they end: before it resets a call, Node's
 * HTTP/2 ends what it sends, and what came until then may count as all there was.
 */
async function ended(count: number, pattern = /Streams\/\w+ \S+ \w+ \d+\.\d ms$/gm): Promise<void> {
  const lines = () => server.stderr.match(pattern)?.length ?? 0
  await vi.waitFor(() => expect(lines()).toBe(count), { timeout: 20_000, interval: 20 })
}

describe('calls that are given up', () => {
  it('deadlines that pass release everything at once', async () => {
    const raw = new RawClient(server.port)
    const opened = openAll(raw, 300, { deadline: Date.now() + 1000 })
    for (const { answer } of opened) expect((await answer).code).toBe(grpc.status.DEADLINE_EXCEEDED)
    await ended(300)
    raw.close()
  })

  it('cancelled calls release everything at once', async () => {
    const raw = new RawClient(server.port)
    const opened = openAll(raw, 300)
    await Promise.all(opened.filter((_, i) => i % 3 === 0).map(({ call }) => once(call, 'data')))
    await raw.call(paths.features)
    for (const { call } of opened) call.cancel()
    for (const { answer } of opened) expect((await answer).code).toBe(grpc.status.CANCELLED)
    await ended(300)
    raw.close()
  })
})

describe('thousands at once', () => {
  it(`${CALLS} subscriptions and as many calls: all are answered, threads and memory are bounded`, async () => {
    const connections = Array.from({ length: 4 }, () => new RawClient(server.port))
    const client = (i: number) => connections[i % connections.length]!
    for (const each of connections) await each.call(paths.features)
    const descriptors = server.fileDescriptors
    const atFirst = server.residentBytes

    const round = async (n: number) => {
      const empty = server.residentBytes
      const open = Array.from({ length: CALLS }, (_, i) => {
        const call = client(i).open(paths.read)
        const answer = answerOf(call)
        call.write(readOptions(`s-${n}`, subscribed))
        call.end()
        return { call, answer, begun: once(call, 'data') }
      })
      await Promise.all(open.map(({ begun }) => begun))
      const idle = server.residentBytes
      const began = performance.now()
      const calls = await Promise.all(Array.from({ length: CALLS }, (_, i) => client(i).call(paths.append, appendOptions(`other-${i % 50}`), appendEvent())))
      const seconds = (performance.now() - began) / 1000
      for (const { code } of calls) expect(code).toBe(grpc.status.OK)
      expect(server.threads).toBeLessThan(100)
      expect(server.fileDescriptors).toBe(descriptors)
      const event = open.map(({ call }) => new Promise<void>((resolve) => call.on('data', (bytes: Buffer) => void (bytes[0] === 0x0a && resolve()))))
      expect((await client(0).call(paths.append, appendOptions(`s-${n}`), appendEvent())).code).toBe(grpc.status.OK)
      await Promise.all(event)
      for (const { call } of open) call.cancel()
      await Promise.all(open.map(({ answer }) => answer))
      await ended((n + 1) * CALLS, /Streams\/Read \S+ CANCELLED /g)
      const after = await settled(descriptors, atFirst + Math.max(8 * MIB, (CALLS * 5) << 10))
      return { empty, idle, seconds, ...after }
    }
    const first = await round(0)
    told(`${CALLS} subscriptions: ${((first.idle - first.empty) / CALLS / 1024).toFixed(1)} KiB each, ${CALLS} appends beside them in ` +
      `${first.seconds.toFixed(1)} s, ${first.threads} threads`)
    expect((first.idle - first.empty) / CALLS).toBeLessThan(64 << 10)
    const second = await round(1)
    const third = await round(2)
    told(`resident: ${inMiB(first.empty)}, after each round ${[first, second, third].map(({ resident }) => inMiB(resident)).join(', ')}`)
    // What one round keeps, the next one keeps no more of: a tenth of what the subscriptions took while they were open.
    expect(third.resident - first.resident).toBeLessThan(Math.max(4 * MIB, (first.idle - first.empty) / 10))
    for (const each of connections) each.close()
  }, 60_000 + CALLS * 20)
})

describe('pings', () => {
  it('as many as a client likes, with and without calls', async () => {
    const session = connect(`http://127.0.0.1:${server.port}`)
    await once(session, 'connect')
    const closed = vi.fn()
    session.on('goaway', closed).on('error', closed).on('close', closed)
    const ping = () => new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())))
    for (let n = 0; n < 500; n++) await ping()
    const headers = { ':method': 'POST', ':path': paths.read, 'content-type': 'application/grpc', te: 'trailers' }
    const stream = session.request(headers)
    const request = readOptions('none', subscribed)
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(request.length, 1)
    stream.end(Buffer.concat([prefix, request]))
    await once(stream, 'data')
    for (let n = 0; n < 500; n++) await ping()
    expect(closed).not.toHaveBeenCalled()
    stream.close()
    await once(stream, 'close')
    session.destroy()
  })

  it('of the official client: a subscription outlives twenty of them', async () => {
    const client = KurrentDBClient.connectionString(`${server.uri}&keepAliveInterval=100&keepAliveTimeout=1000`)
    const raw = new RawClient(server.port, { channel: { 'grpc.keepalive_time_ms': 100, 'grpc.keepalive_permit_without_calls': 1 } })
    const subscription = client.subscribeToStream('s')
    const failed = vi.fn()
    subscription.on('error', failed)
    const call = raw.open(paths.read)
    const answer = answerOf(call)
    call.write(readOptions('s', subscribed))
    call.end()
    await Promise.all([once(subscription, 'confirmation'), once(call, 'data')])
    await new Promise((resolve) => setTimeout(resolve, 2000)) // the pings are what time brings
    const came = [once(subscription, 'data'), once(call, 'data')]
    await client.appendToStream('s', jsonEvent({ type: 'happened', data: {} }))
    await Promise.all(came)
    expect(failed).not.toHaveBeenCalled()
    call.cancel()
    expect((await answer).code).toBe(grpc.status.CANCELLED)
    await subscription.unsubscribe()
    raw.close()
    await client.dispose()
  })
})
