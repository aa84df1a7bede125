import { describe, expect, it } from 'vitest'
import type { AppendStreamState, CurrentStreamState, StreamState } from '../../../web/src/client/index'
import { api, connect, streamName } from './clients'
import { collect, failureOf, happened, lastEventOf, numbered, numbersIn } from './support'

const { ANY, NO_STREAM, STREAM_EXISTS } = api
const client = connect()

/** Streams in every state that matters; those with events have revisions 0 to 2. */
const states = {
  'never written': () => Promise.resolve(streamName()),
  'metadata only': async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, { maxCount: 100 })
    return stream
  },
  'with events': async () => {
    const stream = streamName()
    await client.appendToStream(stream, numbered(3))
    return stream
  },
  truncated: async () => {
    const stream = await states['with events']()
    await client.setStreamMetadata(stream, { truncateBefore: 3 })
    return stream
  },
  'soft-deleted': async () => {
    const stream = await states['with events']()
    await client.deleteStream(stream)
    return stream
  },
  tombstoned: async () => {
    const stream = await states['with events']()
    await client.tombstoneStream(stream)
    return stream
  },
}
type State = keyof typeof states
type Expected = AppendStreamState

const DELETED = 'deleted'
const OK = 'ok'
type Outcome = typeof OK | typeof DELETED | CurrentStreamState

function show(state: unknown): string {
  return typeof state === 'bigint' ? `revision ${state}` : String(state)
}

describe('appends: expected state by actual state (streams 3.4)', () => {
  const table: [State, Expected, Outcome][] = [
    ['never written', ANY, OK],
    ['never written', NO_STREAM, OK],
    ['never written', STREAM_EXISTS, NO_STREAM],
    ['never written', 0n, NO_STREAM],
    ['never written', 5n, NO_STREAM],
    ['metadata only', ANY, OK],
    ['metadata only', NO_STREAM, OK],
    ['metadata only', STREAM_EXISTS, OK],
    ['metadata only', 0n, NO_STREAM],
    ['with events', ANY, OK],
    ['with events', NO_STREAM, 2n],
    ['with events', STREAM_EXISTS, OK],
    ['with events', 2n, OK],
    ['with events', 1n, 2n],
    ['with events', 3n, 2n],
    ['truncated', ANY, OK],
    ['truncated', NO_STREAM, 2n],
    ['truncated', STREAM_EXISTS, OK],
    ['truncated', 2n, OK],
    ['truncated', 0n, 2n],
    ['truncated', 3n, 2n],
    ['soft-deleted', ANY, OK],
    ['soft-deleted', NO_STREAM, OK],
    ['soft-deleted', STREAM_EXISTS, DELETED],
    ['soft-deleted', 2n, OK],
    ['soft-deleted', 1n, 2n],
    ['soft-deleted', 3n, 2n],
    ['tombstoned', ANY, DELETED],
    ['tombstoned', NO_STREAM, DELETED],
    ['tombstoned', STREAM_EXISTS, DELETED],
    ['tombstoned', 2n, DELETED],
  ]
  it.each(table.map(([state, expected, outcome]) => ({ state, expected, outcome, expects: show(expected) })))(
    'a stream $state, expected $expects: $outcome',
    async ({ state, expected, outcome }) => {
      const stream = await states[state]()
      const appended = client.appendToStream(stream, numbered(2, 10), { streamState: expected })
      if (outcome === OK) {
        const first = state === 'never written' || state === 'metadata only' ? 0n : 3n
        expect(await appended).toMatchObject({ success: true, nextExpectedRevision: first + 1n })
        expect(await lastEventOf(client, stream)).toMatchObject({ revision: first + 1n, data: { n: 11 } })
        return
      }
      const error = await failureOf(appended)
      if (outcome === DELETED) {
        expect(error).toBeInstanceOf(api.StreamDeletedError)
        expect(error).toMatchObject({ type: 'stream-deleted', streamName: stream })
      } else {
        expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
        expect(error).toMatchObject({
          type: 'wrong-expected-version', streamName: stream, expectedState: expected, actualState: outcome,
        })
      }
      const still = state === 'with events' ? [0, 1, 2] : []
      if (state !== 'tombstoned') expect(await numbersIn(client, stream)).toEqual(still)
    },
  )

  it('soft-deleted streams go on with the next revision, and only new events are seen', async () => {
    const stream = await states['soft-deleted']()
    await client.appendToStream(stream, numbered(2, 10), { streamState: NO_STREAM })
    const events = (await collect(client.readStream(stream))).map(({ event }) => event!)
    expect(events.map(({ revision }) => revision)).toEqual([3n, 4n])
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 })
  })

  it('an append of nothing recreates too', async () => {
    const stream = await states['soft-deleted']()
    await client.appendToStream(stream, [])
    expect(await collect(client.readStream(stream))).toEqual([])
    expect(await client.appendToStream(stream, happened(), { streamState: STREAM_EXISTS })).toMatchObject({ nextExpectedRevision: 3n })
  })

  it('metadata written to a soft-deleted stream recreate it, with the limit of the deletion', async () => {
    const stream = await states['soft-deleted']()
    await client.setStreamMetadata(stream, { maxCount: 10, owner: 'me' })
    expect(await collect(client.readStream(stream))).toEqual([])
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 10, owner: 'me', truncateBefore: 3 })
  })
})

describe('deletions: expected state by actual state (streams 3.10)', () => {
  const table: [State, StreamState | typeof STREAM_EXISTS, Outcome, Outcome][] = [
    // state, expected, soft, tombstone
    ['never written', ANY, -1n, OK],
    ['never written', NO_STREAM, -1n, OK],
    ['never written', 0n, -1n, -1n],
    ['metadata only', ANY, OK, OK],
    ['metadata only', NO_STREAM, OK, OK],
    ['metadata only', 0n, -1n, -1n],
    ['with events', ANY, OK, OK],
    ['with events', NO_STREAM, 2n, 2n],
    ['with events', 2n, OK, OK],
    ['with events', 0n, 2n, 2n],
    ['with events', 7n, 2n, 2n],
    ['truncated', ANY, OK, OK],
    ['truncated', 2n, OK, OK],
    ['soft-deleted', ANY, OK, OK],
    ['soft-deleted', NO_STREAM, OK, OK],
    ['soft-deleted', 2n, OK, OK],
    ['soft-deleted', 1n, 2n, 2n],
    ['tombstoned', ANY, DELETED, DELETED],
    ['tombstoned', NO_STREAM, DELETED, DELETED],
    ['tombstoned', 2n, DELETED, DELETED],
  ]
  const rows = table.flatMap(([state, expected, soft, hard]) => [
    { method: 'deleteStream' as const, state, expected, outcome: soft, expects: show(expected) },
    { method: 'tombstoneStream' as const, state, expected, outcome: hard, expects: show(expected) },
  ])
  it.each(rows)('$method: a stream $state, expected $expects: $outcome', async ({ method, state, expected, outcome }) => {
    const stream = await states[state]()
    const removed = client[method](stream, { expectedRevision: expected as StreamState })
    if (outcome === OK) {
      const { position } = await removed
      const system = method === 'deleteStream' ? `$$${stream}` : stream
      const [event] = await collect(client.readAll({ fromPosition: position, maxCount: 1 }))
      expect(event!.event).toMatchObject({ streamId: system, position })
      const missing = await failureOf(collect(client.readStream(stream)))
      expect(missing).toBeInstanceOf(method === 'deleteStream' ? api.StreamNotFoundError : api.StreamDeletedError)
      return
    }
    const error = await failureOf(removed)
    if (outcome === DELETED) {
      expect(error).toBeInstanceOf(api.StreamDeletedError)
      expect(error).toMatchObject({ streamName: stream, code: 9 })
      return
    }
    // Deletions tell states by their numbers (streams 2.5).
    const number = expected === ANY ? -2n : expected === NO_STREAM ? -1n : expected
    expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
    expect(error).toMatchObject({ code: 9, streamName: stream, expectedState: number, actualState: outcome })
    if (state === 'with events') expect(await numbersIn(client, stream)).toEqual([0, 1, 2])
  })

  it('a soft deletion replaces the metadata', async () => {
    const stream = streamName()
    await client.appendToStream(stream, happened())
    await client.setStreamMetadata(stream, { maxCount: 5, owner: 'me' })
    await client.deleteStream(stream)
    const data = (await lastEventOf(client, `$$${stream}`)).data as Record<string, unknown>
    expect(Object.keys(data)).toEqual(['$tb'])
  })

  it('a tombstone ends the metadata too', async () => {
    const stream = await states.tombstoned()
    expect(await failureOf(client.setStreamMetadata(stream, {}))).toBeInstanceOf(api.StreamDeletedError)
    expect(await failureOf(client.getStreamMetadata(stream))).toBeInstanceOf(api.StreamDeletedError)
  })

  it('events of deleted and tombstoned streams stay in $all', async () => {
    const [soft, hard] = [await states['with events'](), await states['with events']()]
    const [first] = await collect(client.readStream(soft, { maxCount: 1 }))
    await client.deleteStream(soft)
    await client.tombstoneStream(hard)
    const all = await collect(client.readAll({ fromPosition: first!.event!.position }))
    const types = (stream: string) => all.filter(({ event }) => event!.streamId === stream).map(({ event }) => event!.type)
    expect(types(soft)).toEqual(['happened', 'happened', 'happened'])
    expect(types(hard)).toEqual(['happened', 'happened', 'happened', '$streamDeleted'])
    expect(all.find(({ event }) => event!.type === '$streamDeleted')!.event!.revision).toBe(2n ** 63n - 1n)
  })
})
