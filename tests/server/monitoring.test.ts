/** Figures of a node: the Stats stream. */

import { totalmem } from 'node:os'
import { type ClientDuplexStream, status } from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Authority, serving } from './support/certificates'
import { RunningServer } from './support/server'
import { answerOf, contentsOf, field, operations, RawClient, textAt } from './support/wire'

type Sample = Readonly<Record<string, string>>
const sampleOf = (bytes: Buffer): Sample =>
  Object.fromEntries(contentsOf(bytes, 1).map((entry) => [textAt(entry, 1), textAt(entry, 2)]))

/** The call, and its next sample. */
function open(raw: RawClient, periodMs: number): { call: ClientDuplexStream<Buffer, Buffer>; next: () => Promise<Sample> } {
  const call = raw.open(operations.stats)
  call.on('error', () => undefined)
  call.end(field(4, periodMs))
  const samples = call[Symbol.asyncIterator]()
  return { call, next: async () => sampleOf((await samples.next()).value as Buffer) }
}

describe('Stats', () => {
  let server: RunningServer
  let raw: RawClient
  let client: KurrentDBClient
  beforeAll(async () => {
    server = await RunningServer.start()
    raw = new RawClient(server.port)
    client = KurrentDBClient.connectionString(server.uri)
  })
  afterAll(async () => {
    await client.dispose()
    raw.close()
    expect(await server.stop()).toMatchObject({ code: 0, stderr: '' })
  })

  it('tells real figures at once, however long the period', async () => {
    const { call, next } = open(raw, 3_600_000)
    const sample = await next()
    call.cancel()
    expect(sample['proc-id']).toBe(String(server.pid))
    expect(Math.abs(Number(sample['proc-mem']) - server.residentBytes)).toBeLessThan(10e6)
    expect(Number(sample['proc-threadsCount'])).toBeGreaterThan(1)
    expect(sample['proc-startTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
    expect(Math.abs(Date.parse(sample['proc-startTime']!) - Date.now())).toBeLessThan(60_000)
    for (const name of ['proc-cpu', 'sys-cpu']) {
      expect(Number(sample[name])).toBeGreaterThanOrEqual(0)
      expect(Number(sample[name])).toBeLessThanOrEqual(100)
    }
    for (const name of ['sys-loadavg-1m', 'sys-loadavg-5m', 'sys-loadavg-15m']) expect(Number(sample[name])).not.toBeNaN()
    expect(Number(sample['sys-totalMem'])).toBe(totalmem())
    expect(Number(sample['sys-freeMem'])).toBeLessThan(totalmem())
    expect(Object.values(sample)).not.toContain('')
  })

  it('goes on period by period; the end of the log moves with what is written', async () => {
    const { call, next } = open(raw, 100)
    const first = await next()
    const { position } = await client.appendToStream('s', jsonEvent({ type: 't', data: { text: 'x'.repeat(500) } }))
    let sample = first
    // Samples are taken once a second.
    while (sample['es-checksum'] === first['es-checksum']) sample = await next()
    call.cancel()
    expect(BigInt(sample['es-checksum']!)).toBeGreaterThan(position!.commit + 500n)
    expect(sample['es-checksumNonFlushed']).toBe(sample['es-checksum'])
    expect(sample['proc-id']).toBe(first['proc-id'])
  })

  it('for a period of nothing comes no faster than can be used', async () => {
    const { call, next } = open(raw, 0)
    const began = performance.now()
    for (let i = 0; i < 5; ++i) await next()
    call.cancel()
    expect(performance.now() - began).toBeGreaterThan(150)
  })

  it('for a period beyond all clocks comes once', async () => {
    const call = raw.open(operations.stats).on('error', () => undefined)
    call.end(field(4, 2n ** 64n - 1n))
    await new Promise((resolve) => call.once('data', resolve))
    const ended = answerOf(call)
    call.cancel()
    expect(await ended).toMatchObject({ code: status.CANCELLED, messages: [] })
  })

  it('can be cancelled at any time, by many', async () => {
    const threads = async () => {
      const { call, next } = open(raw, 60_000)
      const sample = await next()
      call.cancel()
      return Number(sample['proc-threadsCount'])
    }
    const before = await threads()
    for (let round = 0; round < 10; ++round) {
      const calls = Array.from({ length: 30 }, (_, i) => open(raw, 50 + i))
      // Some before their first sample, some after it, some while their alarm goes off.
      calls.slice(0, 10).forEach(({ call }) => call.cancel())
      await Promise.all(calls.slice(10).map(({ next }) => next()))
      calls.slice(10, 20).forEach(({ call }) => call.cancel())
      await Promise.all(calls.slice(20).map(({ next }) => next()))
      calls.slice(20).forEach(({ call }) => call.cancel())
    }
    expect(await threads()).toBeLessThan(before + 8)
  })

  it('that nobody reads costs next to nothing', async () => {
    const idle = Array.from({ length: 20 }, () => {
      const call = raw.open(operations.stats).on('error', () => undefined)
      call.end(field(4, 50))
      return call
    })
    const before = server.residentBytes
    const { call, next } = open(raw, 50)
    for (let i = 0; i < 60; ++i) await next()
    expect(server.residentBytes - before).toBeLessThan(8e6)
    for (const each of [call, ...idle]) each.cancel()
  })

  it('leaves nothing behind when it ends', async () => {
    const calls = async (count: number) => {
      for (let begun = 0; begun < count; begun += 50) {
        await Promise.all(Array.from({ length: 50 }, async () => {
          const call = raw.open(operations.stats)
          const answer = answerOf(call)
          call.once('data', () => call.cancel())
          call.end(field(4, 3_600_000))
          expect(await answer).toMatchObject({ code: status.CANCELLED })
        }))
      }
    }
    await calls(2000)
    const before = server.residentBytes
    await calls(4000)
    // Each once kept 2 kB.
    expect(server.residentBytes - before).toBeLessThan(6e6)
  })
})

it('Stats is for everybody, but not for wrong passwords', async () => {
  const authority = new Authority()
  const server = await RunningServer.start(serving(authority.sign('node')))
  for (const [user, refused] of [[undefined, false], ['ops:changeit', false], ['ops:wrong', true]] as const) {
    const raw = new RawClient(server.port, { authority: authority.certificate, user })
    const call = raw.open(operations.stats).on('error', () => undefined)
    const answer = answerOf(call)
    call.once('data', () => call.cancel())
    call.end(field(4, 1_000))
    expect(await answer).toMatchObject({ code: refused ? status.UNAUTHENTICATED : status.CANCELLED })
    raw.close()
  }
  expect(await server.stop()).toMatchObject({ code: 0 })
})
