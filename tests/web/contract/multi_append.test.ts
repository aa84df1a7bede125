import { describe, expect, it } from 'vitest'
import type { AppendStreamState, CurrentStreamState, StreamState } from '../../../web/src/client/index'
import { api, connect, streamName } from './clients'
import { collect, failureOf, happened, headOf, lastEventOf, numbered, numbersIn } from './support'

const { ANY, binaryEvent, jsonEvent, NO_STREAM, STREAM_EXISTS, STREAM_STATE } = api
const client = connect()

const check = (stream: string, expectedState: AppendStreamState | bigint) =>
  ({ type: STREAM_STATE, streamName: stream, expectedState: expectedState as StreamState }) as const

async function withEvents(): Promise<string> {
  const stream = streamName()
  await client.appendToStream(stream, numbered(3))
  return stream
}

async function softDeleted(): Promise<string> {
  const stream = await withEvents()
  await client.deleteStream(stream)
  return stream
}

async function tombstoned(): Promise<string> {
  const stream = await withEvents()
  await client.tombstoneStream(stream)
  return stream
}

describe('multiStreamAppend (streams 3.11)', () => {
  it('writes to several streams in request order, as neighbours in $all', async () => {
    const [one, two] = [streamName(), await withEvents()]
    const result = await client.multiStreamAppend([
      { streamName: one, events: numbered(2), expectedState: NO_STREAM },
      { streamName: two, events: numbered(1, 10), expectedState: 2n },
    ])
    expect(result.responses).toEqual([{ streamName: one, revision: 1n }, { streamName: two, revision: 3n }])
    const [first] = await collect(client.readStream(one, { maxCount: 1 }))
    const all = await collect(client.readAll({ fromPosition: first!.event!.position, maxCount: 3 }))
    expect(all.map(({ event }) => event!.streamId)).toEqual([one, one, two])
    expect(result.position).toBe(all[2]!.event!.position.commit)
  })

  it('metadata become properties, to which the schema is added (streams 3.11)', async () => {
    const stream = streamName()
    await client.multiStreamAppend([{
      streamName: stream,
      events: [
        jsonEvent({ type: 'json', data: { a: 1 }, metadata: { user: 'u' } }),
        binaryEvent({ type: 'bytes', data: Buffer.from('b') }),
      ],
      expectedState: ANY,
    }])
    const [json, bytes] = (await collect(client.readStream(stream))).map(({ event }) => event!)
    expect(json).toMatchObject({ isJson: true, data: { a: 1 } })
    expect(json!.metadata).toEqual({ user: 'u', '$schema.name': 'json', '$schema.format': 'Json' })
    expect(bytes).toMatchObject({ isJson: false, data: Buffer.from('b') })
    expect(bytes!.metadata).toEqual({ '$schema.name': 'bytes', '$schema.format': 'Bytes' })
  })

  it.each<[string, () => Promise<string>, AppendStreamState, CurrentStreamState]>([
    ['no stream', () => Promise.resolve(streamName()), STREAM_EXISTS, NO_STREAM],
    ['no stream', () => Promise.resolve(streamName()), 0n, NO_STREAM],
    ['a stream', withEvents, NO_STREAM, 2n],
    ['a stream', withEvents, 1n, 2n],
    ['a stream', withEvents, 5n, 2n],
    ['a deleted stream', softDeleted, 1n, 2n],
  ])('%s in another state than expected (%#): nothing is written to any', async (_what, make, expectedState, actualState) => {
    const [fine, wrong] = [streamName(), await make()]
    const head = await headOf(client)
    const error = await failureOf(client.multiStreamAppend([
      { streamName: fine, events: numbered(1), expectedState: NO_STREAM },
      { streamName: wrong, events: numbered(1), expectedState },
    ]))
    expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
    expect(error).toMatchObject({ type: 'wrong-expected-version', streamName: wrong, expectedState, actualState })
    expect(await headOf(client)).toEqual(head)
  })

  it.each<[string, () => Promise<string>, AppendStreamState]>([
    ['a tombstoned stream', tombstoned, ANY],
    ['a tombstoned stream, expected at a revision', tombstoned, 2n],
    ['a deleted stream that is expected to exist', softDeleted, STREAM_EXISTS],
  ])('%s is told as tombstoned', async (_what, make, expectedState) => {
    const [fine, gone] = [streamName(), await make()]
    const error = await failureOf(client.multiStreamAppend([
      { streamName: fine, events: numbered(1), expectedState: ANY },
      { streamName: gone, events: numbered(1), expectedState },
    ]))
    expect(error).toBeInstanceOf(api.StreamTombstonedError)
    expect(error).toMatchObject({ type: 'stream-tombstoned', stream: gone, code: 9 })
    expect(await numbersIn(client, fine)).toEqual([])
  })

  it('a stream twice is an aborted call, which the client takes for a time-out (streams 2.5)', async () => {
    const stream = streamName()
    const requests = [0, 1].map((n) => ({ streamName: stream, events: [happened(n)], expectedState: ANY as typeof ANY }))
    const error = await failureOf(client.multiStreamAppend(requests))
    expect(error).toBeInstanceOf(api.TimeoutError)
    expect(await numbersIn(client, stream)).toEqual([])
  })

  it('nothing to append is refused', async () => {
    expect(await failureOf(client.multiStreamAppend([]))).toBeInstanceOf(Error)
    const stream = streamName()
    const empty = client.multiStreamAppend([{ streamName: stream, events: [], expectedState: ANY }])
    expect(await failureOf(empty)).toBeInstanceOf(api.UnknownError)
  })

  it('repeats succeed without writing (streams 3.5)', async () => {
    const requests = [streamName(), streamName()].map((stream) => ({ streamName: stream, events: numbered(2), expectedState: NO_STREAM as typeof NO_STREAM }))
    const first = await client.multiStreamAppend(requests)
    expect(await client.multiStreamAppend(requests)).toEqual(first)
    expect(await numbersIn(client, requests[0]!.streamName)).toEqual([0, 1])
  })
})

describe('metadata of both appends are plain objects of strings (node 3)', () => {
  const words = (method: string) => `${method} requires metadata to be a plain object with string keys and string values.`
  it.each<[string, unknown]>([
    ['a number value', { n: 1 }],
    ['a nested object', { a: {} }],
    ['an undefined value', { a: undefined }],
    ['an array', ['a']],
    ['bytes', Uint8Array.of(1)],
    ['text', 'text'],
    ['a number', 7],
  ])('%s is refused before anything is sent', async (_what, metadata) => {
    const stream = streamName()
    const event = jsonEvent({ type: 'tried', data: {}, metadata: metadata as object })
    const multi = client.multiStreamAppend([{ streamName: stream, events: [event], expectedState: ANY }])
    expect((await failureOf(multi)).message).toBe(words('multiStreamAppend'))
    const records = client.appendRecords([{ streamName: stream, record: event }])
    expect((await failureOf(records)).message).toBe(words('appendRecords'))
    expect(await numbersIn(client, stream)).toEqual([])
  })
})

describe('appendRecords (streams 3.11)', () => {
  it('keeps the order of records, also of those that alternate between streams', async () => {
    const [one, two] = [streamName(), streamName()]
    const records = [one, two, one, two, one].map((stream, n) => ({ streamName: stream, record: happened(n) }))
    const result = await client.appendRecords(records)
    expect(result.responses).toEqual([{ streamName: one, revision: 2n }, { streamName: two, revision: 1n }])
    expect(await numbersIn(client, one)).toEqual([0, 2, 4])
    expect(await numbersIn(client, two)).toEqual([1, 3])
    const [first] = await collect(client.readStream(one, { maxCount: 1 }))
    const all = await collect(client.readAll({ fromPosition: first!.event!.position, maxCount: 5 }))
    expect(all.map(({ event }) => (event!.data as { n: number }).n)).toEqual([0, 1, 2, 3, 4])
    expect(result.position).toBe(all[4]!.event!.position.commit)
  })

  it('repeats succeed without writing', async () => {
    const records = [streamName(), streamName()].map((stream, n) => ({ streamName: stream, record: happened(n) }))
    const first = await client.appendRecords(records)
    expect(await client.appendRecords(records)).toEqual(first)
    expect(await numbersIn(client, records[0]!.streamName)).toEqual([0])
  })

  const OK = 'ok'
  const make = {
    'with events': withEvents,
    'never written': () => Promise.resolve(streamName()),
    'with metadata only': async () => {
      const stream = streamName()
      await client.setStreamMetadata(stream, { maxCount: 9 })
      return stream
    },
    'soft-deleted': softDeleted,
    tombstoned,
  }
  type Made = keyof typeof make
  const shown = (state: AppendStreamState) => (state === -5n ? 'deleted' : state === -6n ? 'tombstoned' : String(state))

  /** state, check, outcome of a check alone, outcome when the stream is written. */
  const table: [Made, AppendStreamState, CurrentStreamState | typeof OK, CurrentStreamState | typeof OK][] = [
    ['with events', 2n, OK, OK],
    ['with events', 1n, 2n, 2n],
    ['with events', NO_STREAM, 2n, 2n],
    ['with events', STREAM_EXISTS, OK, OK],
    ['with events', -5n, 2n, 2n],
    ['with events', -6n, 2n, 2n],
    ['never written', 0n, NO_STREAM, NO_STREAM],
    ['never written', NO_STREAM, OK, OK],
    ['never written', STREAM_EXISTS, NO_STREAM, NO_STREAM],
    ['never written', -5n, NO_STREAM, NO_STREAM],
    ['never written', -6n, NO_STREAM, NO_STREAM],
    ['with metadata only', STREAM_EXISTS, OK, OK],
    ['soft-deleted', 2n, OK, OK],
    ['soft-deleted', 1n, 2n, 2n],
    ['soft-deleted', NO_STREAM, OK, OK],
    ['soft-deleted', STREAM_EXISTS, -5n, -5n],
    ['soft-deleted', -5n, OK, OK],
    ['soft-deleted', -6n, 2n, 2n],
    ['tombstoned', 2n, -6n, -6n],
    ['tombstoned', NO_STREAM, OK, -6n],
    ['tombstoned', STREAM_EXISTS, -6n, -6n],
    ['tombstoned', -5n, -6n, -6n],
    ['tombstoned', -6n, OK, -6n],
  ]
  const rows = table.flatMap(([state, expected, alone, written]) => [
    { state, expected, expects: shown(expected), writes: false, outcome: alone },
    { state, expected, expects: shown(expected), writes: true, outcome: written },
  ])
  it.each(rows)('a stream $state, checked for $expects, written: $writes → $outcome', async ({ state, expected, writes, outcome }) => {
    const stream = await make[state]()
    const target = writes ? stream : streamName()
    const head = await headOf(client)
    const appended = client.appendRecords([{ streamName: target, record: happened(77) }], [check(stream, expected)])
    if (outcome === OK) {
      await appended
      expect(await lastEventOf(client, target)).toMatchObject({ data: { n: 77 } })
      if (!writes && state === 'soft-deleted') expect(await numbersIn(client, stream)).toEqual([])
      return
    }
    const error = await failureOf(appended)
    expect(error).toBeInstanceOf(api.AppendConsistencyViolationError)
    expect(error).toMatchObject({ type: 'append-consistency-violation', code: 9 })
    expect(error.violations).toEqual([{ checkIndex: 0, streamName: stream, expectedState: expected, actualState: outcome }])
    expect(await headOf(client)).toEqual(head)
  })

  it('tells all checks that fail by their index; streams written without a check count on', async () => {
    const [fine, old, missing, gone] = [await withEvents(), await withEvents(), streamName(), await tombstoned()]
    const error = await failureOf(client.appendRecords(
      [{ streamName: streamName(), record: happened() }, { streamName: gone, record: happened() }],
      [check(fine, 2n), check(old, 0n), check(missing, STREAM_EXISTS)],
    ))
    expect(error.violations).toEqual([
      { checkIndex: 1, streamName: old, expectedState: 0n, actualState: 2n },
      { checkIndex: 2, streamName: missing, expectedState: STREAM_EXISTS, actualState: NO_STREAM },
      { checkIndex: 4, streamName: gone, expectedState: ANY, actualState: -6n },
    ])
  })

  it('no records, checks for "any" and two checks of one stream are refused', async () => {
    const stream = await withEvents()
    const record = { streamName: stream, record: happened(77) }
    for (const refused of [
      () => client.appendRecords([]),
      () => client.appendRecords([record], [check(stream, ANY)]),
      () => client.appendRecords([record], [check(stream, 2n), check(stream, STREAM_EXISTS)]),
    ]) {
      const error = await failureOf(refused())
      expect(error).toBeInstanceOf(api.UnknownError)
      expect(error).toMatchObject({ code: 3 })
    }
    expect(await numbersIn(client, stream)).toEqual([0, 1, 2])
  })

  it('types may have letters and digits of any script', async () => {
    const stream = streamName()
    const types = ['größe', '世界_1', 'a.b-c:d$e', '٣']
    await client.appendRecords(types.map((type) => ({ streamName: stream, record: jsonEvent({ type, data: {} }) })))
    expect((await collect(client.readStream(stream))).map(({ event }) => event!.type)).toEqual(types)
  })

  it.each([
    ['an empty type', ''],
    ['a type with a space', 'two words'],
    ['a type that is not in its normal form', 'a\u0308'],
    ['a type with a slash', 'a/b'],
    ['a type with a picture', 'a🙂'],
    ['a type with a letter of two UTF-16 units', '𝒳'],
  ])('%s is refused as a name of a schema', async (_what, type) => {
    const stream = streamName()
    const error = await failureOf(client.appendRecords([{ streamName: stream, record: jsonEvent({ type, data: {} }) }]))
    expect(error).toBeInstanceOf(api.UnknownError)
    expect(error).toMatchObject({ code: 3 })
    expect(await numbersIn(client, stream)).toEqual([])
  })
})
