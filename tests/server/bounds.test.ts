/** What readers are told of a stream's bounds when they ask for it, as the official Rust client does (reference: streams 3.7). */

import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningServer } from './support/server'
import { counted, field, identifier, message, NOTHING, RawClient, paths } from './support/wire'

let server: RunningServer
let client: KurrentDBClient
let raw: RawClient
const stream = 'fifty'
beforeAll(async () => {
  server = await RunningServer.start()
  client = KurrentDBClient.connectionString(server.uri)
  raw = new RawClient(server.port)
  await client.appendToStream(stream, Array.from({ length: 50 }, () => jsonEvent({ type: 't', data: {} })))
})
afterAll(async () => {
  await client.dispose()
  raw.close()
  await server.stop()
})

/** How many events come, what is told before them and what after. */
async function read(from: number, { count = 1000, asks = true } = {}) {
  const compatibility = field(10, field(1, asks ? 1 : 0))
  const options = [field(1, message(field(1, identifier(stream)), field(2, from))), counted(count), field(8, NOTHING), field(9, field(1, NOTHING)), compatibility]
  const { code, messages } = await raw.call(paths.read, field(1, message(...options)))
  expect(code).toBe(0)
  const told = (bytes: Buffer, number: number) => (bytes[0] === number << 3 ? bytes[1] : undefined)
  return { first: told(messages[0]!, 5), events: messages.filter((bytes) => bytes[0] === ((1 << 3) | 2)).length, last: told(messages.at(-1)!, 6) }
}

describe('bounds', () => {
  it('the last revision comes after the events, cut short or not', async () => {
    expect(await read(0)).toEqual({ first: undefined, events: 50, last: 49 })
    expect(await read(3, { count: 2 })).toEqual({ first: undefined, events: 2, last: 49 })
  })

  it('nobody is told who does not ask', async () => {
    expect(await read(0, { asks: false })).toEqual({ first: undefined, events: 50, last: undefined })
  })

  it('beyond the end: where it would go on', async () => {
    expect(await read(60)).toEqual({ first: 50, events: 0, last: 49 })
    expect(await read(50)).toEqual({ first: undefined, events: 0, last: 49 })
  })

  it('the first revision when a whole page of them is gone', async () => {
    await client.setStreamMetadata(stream, { truncateBefore: 20 })
    expect(await read(0)).toEqual({ first: undefined, events: 30, last: 49 })
    expect(await read(0, { count: 10 })).toEqual({ first: 20, events: 10, last: 49 })
    await client.setStreamMetadata(stream, { truncateBefore: 40 })
    expect(await read(0)).toEqual({ first: 40, events: 10, last: 49 })
    expect(await read(8)).toEqual({ first: 40, events: 10, last: 49 })
    expect(await read(9)).toEqual({ first: undefined, events: 10, last: 49 })
  })
})
