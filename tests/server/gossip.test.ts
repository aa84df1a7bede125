/** What a node tells of itself to clients that look for a leader (reference: admin 5.2). */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { RunningServer } from './support/server'
import { NOTHING, numberAt, paths, RawClient } from './support/wire'

let servers: RunningServer[]
beforeAll(async () => void (servers = await Promise.all([RunningServer.start(), RunningServer.start()])))
afterAll(() => Promise.all(servers.map((each) => each.stop())))

it('one leader, alive, where it listens, under an id of its own that stays', async () => {
  const LEADER = 8n
  const ids = await Promise.all(servers.map(async ({ port }) => {
    const raw = new RawClient(port)
    const told = [await raw.call(paths.gossip, NOTHING), await raw.call(paths.gossip, NOTHING)].map(({ messages }) => messages[0]!)
    raw.close()
    for (const info of told) {
      expect([numberAt(info, 1, 3), numberAt(info, 1, 4), numberAt(info, 1, 5, 2)]).toEqual([LEADER, 1n, BigInt(port)])
    }
    const [first, again] = told.map((info) => [numberAt(info, 1, 1, 1, 1), numberAt(info, 1, 1, 1, 2)])
    expect(again).toEqual(first)
    expect(first).not.toContain(0n)
    return first
  }))
  expect(ids[0]).not.toEqual(ids[1])
})
