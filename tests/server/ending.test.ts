/** The end of the server: what it tells the calls that are open, and that nothing keeps it from ending. */

import { once } from 'node:events'
import * as grpc from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { RunningServer } from './support/server'
import {
  answerOf, appendEvent, appendOptions, batchPart, counted, delayed, field, identifier, injectFault, message, NOTHING, operations,
  paths, proposed, RawClient, readOptions, subscribed,
} from './support/wire'

let server: RunningServer
let raw: RawClient
beforeEach(async () => {
  server = await RunningServer.start()
  raw = new RawClient(server.port)
  return async () => {
    raw.close()
    if (server.isAlive) await server.stop()
  }
})

/** Ends the server as its operator does; it takes less than a second and complains of nothing. */
async function end(): Promise<void> {
  const { tookMs, ...outcome } = await server.stop()
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(tookMs).toBeLessThan(1000)
}

/** As KurrentDB 26 tells it: with a reason that clients can tell from a broken connection, and when to come back. */
const shuttingDown = {
  code: grpc.status.UNAVAILABLE,
  details: expect.stringContaining('shutting down') as string,
  trailers: { 'grpc-status-details-bin': expect.stringMatching(/SERVER_SHUTTING_DOWN[^]*google\.rpc\.RetryInfo/) as string },
}

describe('open calls', () => {
  it('of every kind are told that the server is shutting down', async () => {
    const open = (path: string, ...messages: Buffer[]) => {
      const call = raw.open(path)
      for (const each of messages) call.write(each)
      return { call, answer: answerOf(call), first: once(call, 'data') }
    }
    const subscription = open(paths.read, readOptions('s', subscribed))
    subscription.call.end()
    const batches = open(paths.batchAppend, batchPart(1n, 's', [proposed()], true), batchPart(2n, 's', [proposed()], false))
    const statistics = open(operations.stats, field(2, 3_600_000))
    const append = open(paths.append, appendOptions('never'), appendEvent())
    const record = message(field(3, message(field(1, 1), field(2, 'happened'))), field(4, '{}'))
    const session = open(paths.appendSession, message(field(1, 'never'), field(2, record)))
    statistics.call.end()
    const all = [subscription, batches, statistics, append, session]
    for (const { first } of [append, session]) first.catch(() => undefined)
    await Promise.all([subscription.first, batches.first, statistics.first])
    await raw.call(paths.features, NOTHING)
    await end()
    for (const { answer } of all) expect(await answer).toMatchObject(shuttingDown)
  })

  it('a thousand subscriptions, and readers that stopped reading', async () => {
    await server.stop()
    raw.close()
    server = await RunningServer.start(['--insecure', '--log-level', 'info'])
    raw = new RawClient(server.port)
    const client = KurrentDBClient.connectionString(server.uri)
    const data = { text: 'x'.repeat(10_000) }
    await client.appendToStream('long', Array.from({ length: 1000 }, () => jsonEvent({ type: 't', data })))
    const stuck = Array.from({ length: 50 }, (_, i) => {
      const reader = new RawClient(server.port)
      const call = reader.open(paths.read)
      const answer = answerOf(call)
      call.pause()
      call.write(readOptions('long', i % 2 === 0 ? subscribed : counted(1000)))
      call.end()
      return { reader, call, answer, begun: once(call, 'metadata') }
    })
    const live = Array.from({ length: 1000 }, () => {
      const call = raw.open(paths.read)
      const answer = answerOf(call)
      call.write(readOptions('short', subscribed))
      call.end()
      return { answer, begun: once(call, 'data') }
    })
    await Promise.all([...live, ...stuck].map(({ begun }) => begun))
    // By the server's own clock: this process has as many ends to handle, and its own sees them late.
    const { stderr, ...outcome } = await server.stop()
    expect(outcome).toMatchObject({ code: 0, signal: null })
    const told = [...stderr.matchAll(/^(\S+Z) info (listening|ending|ended)/gm)]
    expect(told.map(([, , word]) => word)).toEqual(['listening', 'ending', 'ended'])
    expect(stderr.trim().split('\n')).toHaveLength(told.length)
    const [, ending, ended] = told.map(([, time]) => Date.parse(time!))
    expect(ended! - ending!).toBeLessThan(1000)
    for (const { answer } of live) expect(await answer).toMatchObject(shuttingDown)
    for (const { reader, call, answer } of stuck) {
      call.resume()
      expect(await answer).toMatchObject({ code: grpc.status.UNAVAILABLE, details: expect.stringContaining('shutting down') as string })
      reader.close()
    }
    await client.dispose()
  }, 60_000)

  it('subscribers with the official client get an error that names it', async () => {
    const client = KurrentDBClient.connectionString(server.uri)
    const subscription = client.subscribeToAll()
    const failed = once(subscription, 'error').catch((error: unknown) => [error])
    subscription.on('data', () => undefined)
    await once(subscription, 'confirmation')
    await end()
    expect((await failed)[0]).toMatchObject({ type: 'unavailable' })
    await client.dispose()
  })
})

describe('injected delays of an hour', () => {
  const HOUR = 3_600_000
  const oneOfTwo = async (operation: number, call: (stream: string) => Promise<{ readonly code: grpc.status }>) => {
    for (const stream of ['one', 'two']) await raw.call(paths.append, appendOptions(stream), appendEvent())
    await raw.call(injectFault, delayed(operation, HOUR))
    const calls = ['one', 'two'].map((stream) => call(stream))
    await Promise.race(calls) // the other one waits
    await end()
    for (const each of calls) expect((await each).code).toBe(grpc.status.OK)
  }
  const remove = (stream: string) => field(1, message(field(1, identifier(stream)), field(4, NOTHING)))

  it('an append that waits is carried out and answered', () =>
    oneOfTwo(0, (stream) => raw.call(paths.append, appendOptions(stream), appendEvent())))
  it('a batch that waits is carried out and answered', () =>
    oneOfTwo(0, (stream) => raw.call(paths.batchAppend, batchPart(1n, stream, [proposed()], true))))
  it('a delete that waits is carried out and answered', () => oneOfTwo(2, (stream) => raw.call(paths.delete, remove(stream))))

  it('a subscription that waits ends', async () => {
    await raw.call(injectFault, delayed(3, HOUR))
    const waits = raw.call(paths.read, readOptions('s', subscribed))
    await raw.call(paths.features, NOTHING)
    await end()
    expect((await waits).code).toBe(grpc.status.UNAVAILABLE)
  })
})

it('a subscription that was cancelled while a fault delayed it hears of nothing', async () => {
  await raw.call(injectFault, delayed(3, 300, 2))
  const subscribe = () => {
    const call = raw.open(paths.read)
    const answer = answerOf(call)
    call.write(readOptions('s', subscribed))
    call.end()
    return { call, answer }
  }
  const abandoned = subscribe()
  await raw.call(paths.features, NOTHING)
  abandoned.call.cancel()
  await abandoned.answer
  const kept = subscribe()
  await once(kept.call, 'data') // delayed later: the other one's time has come before
  for (let n = 0; n < 100; n++) expect((await raw.call(paths.append, appendOptions('s'), appendEvent())).code).toBe(grpc.status.OK)
  kept.call.cancel()
  await kept.answer
  await end()
})
