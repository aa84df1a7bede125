/** Messages that others follow are held back to share packets: none of them, of whatever size, may stay behind. */

import { binaryEvent, KurrentDBClient, START } from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningServer } from './support/server'

let server: RunningServer
let client: KurrentDBClient

beforeAll(async () => {
  server = await RunningServer.start()
  client = KurrentDBClient.connectionString(server.uri)
})
afterAll(async () => {
  await client.dispose()
  await server.stop()
})

/** An event of so many bytes, each of them told by its place. */
const ofSize = (size: number) => binaryEvent({ type: 'sized', data: Uint8Array.from({ length: size }, (_, i) => (i * 31 + size) % 251) })

/** gRPC holds back 64 KiB: pages that end below, at and above that, and messages that are larger alone. */
const pages = {
  'one event': [0],
  'two small events': [1, 2],
  'small ones after one large': [200_000, 1, 1],
  'a large one last': [1, 1, 200_000],
  'around the limit in one': Array.from({ length: 70 }, (_, i) => 65_536 - 300 + i * 8),
  'around the limit together': Array.from({ length: 70 }, (_, i) => 1024 - 200 + i),
  'more than a page': Array.from({ length: 200 }, (_, i) => (i % 7) * 9_000),
}

describe.each(Object.entries(pages))('%s', (name, sizes) => {
  const bytes = (data: unknown) => Buffer.from(data as Uint8Array)
  const events = sizes.map(ofSize)
  const wanted = events.map(({ data }) => bytes(data))
  beforeAll(() => client.appendToStream(name, events))

  it('is read whole', async () => {
    const read: Buffer[] = []
    for await (const { event } of client.readStream(name)) read.push(bytes(event!.data))
    expect(read.map((each, i) => each.equals(wanted[i]!))).toEqual(wanted.map(() => true))
  })

  it('comes whole to a subscription', async () => {
    const read: Buffer[] = []
    for await (const { event } of client.subscribeToStream(name, { fromRevision: START })) {
      if (read.push(bytes(event!.data)) === wanted.length) break
    }
    expect(read.map((each, i) => each.equals(wanted[i]!))).toEqual(wanted.map(() => true))
  })
})
