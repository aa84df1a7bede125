import { beforeEach, describe, expect, it } from 'vitest'
import type { KurrentDBClient, Position } from '../../../web/src/client/index'
import { api, connect, itInProcess, streamName } from './clients'
import { collect, happened, headOf, numbersIn, watch } from './support'

/** Programs in JavaScript may pass anything. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- anything
type Anything = any

const client = connect() as KurrentDBClient & Record<string, (...args: Anything[]) => Anything>

const trap = new Proxy({}, {
  get: () => {
    throw new Error('a trap')
  },
  ownKeys: () => {
    throw new Error('a trap')
  },
})
const numbers = [0, 1, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 70, 0n, -1n, 2n ** 64n]
const objects = [{}, [], [null], new Map(), new Date(0), Uint8Array.of(1, 2), () => 'text', trap]
const others = [undefined, null, true, false, Symbol('symbol')]
const notText = [...others, ...numbers, ...objects]
const notObjects = [null, true, ...numbers.filter(Boolean), 'text', Symbol('symbol')]
const notRevisions = [
  null, true, false, '', 'text', '0', Symbol('symbol'), {}, [], new Date(0), () => 0,
  -1, 1.5, NaN, Infinity, 2 ** 53, 2 ** 70, -1n, 2n ** 64n, 2n ** 70n,
]
const notUuids = [
  ...notText, '', 'text', '0'.repeat(32) + '0', '00000000-0000-0000-0000-00000000000g', '00000000-0000-0000-0000',
  '{0190c0de-0000-7000-8000-000000000001', '{0190c0de00007000800000000000000001}', '00000000-0000-0000-0000-000000000000', ' 0190c0de-0000-7000-8000-000000000001',
]
const notPositions = [
  null, true, 0, 1n, 'text', 'Start', {}, [], { commit: 1n }, { prepare: 1n }, { commit: -1n, prepare: -1n },
  { commit: 2n ** 64n, prepare: 0n }, { commit: 1n, prepare: 2n }, { commit: '1', prepare: '1' }, { commit: NaN, prepare: 0n },
]
const notCounts = [null, 'text', {}, Symbol('symbol'), -1, -1n, 1.5, NaN, Infinity]
const notFilters = [
  {}, [], { filterOn: 'streamName', regex: 5 }, { filterOn: 'streamName', regex: {} }, { filterOn: 'streamName', prefixes: 'text' },
  { filterOn: 'streamName', prefixes: [5] }, { filterOn: 'streamName', prefixes: [undefined] }, { filterOn: 'stream', prefixes: ['a'] },
  { prefixes: ['a'] }, { filterOn: 'eventType', regex: '(' }, { filterOn: 'eventType', prefixes: null }, 'text', 5, trap,
].map((filter) => (typeof filter === 'object' && filter !== trap ? { checkpointInterval: 1, ...filter } : filter))

let stream: string
const event = () => happened(1)
const record = (name: Anything) => ({ streamName: name, record: event() })
const request = (name: Anything) => ({ streamName: name, events: [event()], expectedState: api.ANY as typeof api.ANY })
const check = (change: object) => [{ type: api.STREAM_STATE as typeof api.STREAM_STATE, streamName: stream, expectedState: 0n, ...change }]

/** Parameter → values that it must not have, and the call that passes them. */
const table: Record<string, [readonly unknown[], (value: Anything) => unknown]> = {
  'appendToStream: streamName': [[...notText, '', '$$', '$all'], (name) => client.appendToStream(name, event())],
  'appendToStream: events': [[...notText.filter((each) => !Array.isArray(each)), 'text', [null], [undefined], [[]]], (events) => client.appendToStream(stream, events)],
  'appendToStream: one of the events': [notText, (each) => client.appendToStream(stream, [event(), each])],
  'appendToStream: id': [notUuids, (id) => client.appendToStream(stream, { ...event(), id })],
  'appendToStream: type': [[...notText, ''], (type) => client.appendToStream(stream, { ...event(), type })],
  'appendToStream: data that JSON cannot hold': [
    [undefined, 1n, Symbol('symbol'), () => 1, { a: 1n }, trap, circular(), { toJSON: () => undefined }],
    (data) => client.appendToStream(stream, { ...event(), data }),
  ],
  'appendToStream: binary data': [
    [...notText.filter((each) => !ArrayBuffer.isView(each)), 'text', new ArrayBuffer(1)],
    (data) => client.appendToStream(stream, { ...event(), contentType: 'application/octet-stream', data }),
  ],
  'appendToStream: metadata that JSON cannot hold': [[1n, { a: 1n }, trap, circular()], (metadata) => client.appendToStream(stream, { ...event(), metadata })],
  'appendToStream: streamState': [notRevisions, (streamState) => client.appendToStream(stream, event(), { streamState })],
  'appendToStream: credentials': [[...notObjects.slice(1), {}, [], { username: 'admin' }], (credentials) => client.appendToStream(stream, event(), { credentials })],
  'appendToStream: options': [[null], (options) => client.appendToStream(stream, event(), options)],
  'multiStreamAppend: requests': [[...notText.filter((each) => !Array.isArray(each)), [], [null], 'text'], (requests) => client.multiStreamAppend(requests)],
  'multiStreamAppend: streamName': [[...notText, '', '$$'], (name) => client.multiStreamAppend([request(stream), request(name)])],
  'multiStreamAppend: events': [[...notText, 'text'], (events) => client.multiStreamAppend([request(stream), { ...request(streamName()), events }])],
  'multiStreamAppend: expectedState': [notRevisions, (expectedState) => client.multiStreamAppend([{ ...request(stream), expectedState }])],
  'multiStreamAppend: id': [notUuids, (id) => client.multiStreamAppend([{ ...request(stream), events: [{ ...event(), id }] }])],
  'appendRecords: records': [[...notText.filter((each) => !Array.isArray(each)), [], [null], 'text'], (records) => client.appendRecords(records)],
  'appendRecords: streamName': [[...notText, '', '$$'], (name) => client.appendRecords([record(stream), record(name)])],
  'appendRecords: record': [notText, (each) => client.appendRecords([record(stream), { streamName: stream, record: each }])],
  'appendRecords: checks': [[...notText.slice(1), 'text'].filter((each) => !Array.isArray(each) || each.length > 0), (checks) => client.appendRecords([record(stream)], checks)],
  'appendRecords: streamName of a check': [[...notText, ''], (name) => client.appendRecords([record(stream)], check({ streamName: name }))],
  'appendRecords: expectedState of a check': [['any', undefined, ...notRevisions, -3n, -7n], (expectedState) => client.appendRecords([record(stream)], check({ expectedState }))],
  'deleteStream: streamName': [[...notText, '', '$$', '$all'], (name) => client.deleteStream(name)],
  'deleteStream: expectedRevision': [notRevisions, (expectedRevision) => client.deleteStream(stream, { expectedRevision })],
  'tombstoneStream: streamName': [[...notText, '', '$$', '$all'], (name) => client.tombstoneStream(name)],
  'tombstoneStream: expectedRevision': [notRevisions, (expectedRevision) => client.tombstoneStream(stream, { expectedRevision })],
  'readStream: streamName': [[...notText, ''], (name) => client.readStream(name)],
  'readStream: fromRevision': [notRevisions, (fromRevision) => client.readStream(stream, { fromRevision })],
  'readStream: maxCount': [notCounts, (maxCount) => client.readStream(stream, { maxCount })],
  'readStream: credentials': [[...notObjects.slice(1), {}], (credentials) => client.readStream(stream, { credentials })],
  'readAll: fromPosition': [notPositions, (fromPosition) => client.readAll({ fromPosition })],
  'readAll: maxCount': [notCounts, (maxCount) => client.readAll({ maxCount })],
  'readAll: filter': [notFilters, (filter) => client.readAll({ filter })],
  'subscribeToStream: streamName': [[...notText, ''], (name) => client.subscribeToStream(name)],
  'subscribeToStream: fromRevision': [notRevisions.slice(1), (fromRevision) => client.subscribeToStream(stream, { fromRevision })],
  'subscribeToStream: highWaterMark': [[-1, 1.5, NaN, 'text', {}, true, Symbol('symbol')], (highWaterMark) => client.subscribeToStream(stream, {}, { highWaterMark })],
  'subscribeToStream: signal': [[true, 1, 'text', {}, []], (signal) => client.subscribeToStream(stream, {}, { signal })],
  'subscribeToStream: credentials': [[...notObjects.slice(1), {}], (credentials) => client.subscribeToStream(stream, { credentials })],
  'subscribeToAll: fromPosition': [notPositions, (fromPosition) => client.subscribeToAll({ fromPosition })],
  'subscribeToAll: filter': [notFilters, (filter) => client.subscribeToAll({ filter })],
  'subscribeToAll: maxSearchWindow': [[0, -1, -Infinity, NaN], (maxSearchWindow) => client.subscribeToAll({ filter: api.excludeSystemEvents({ maxSearchWindow }) })],
  'subscribeToAll: checkpointInterval': [[0, -1, -1n, NaN, {}, 'text', null, Symbol('symbol')], (checkpointInterval) => client.subscribeToAll({ filter: { ...api.excludeSystemEvents(), checkpointInterval } })],
  'subscribeToAll: checkpointReached': [[true, 1, 'text', {}, []], (checkpointReached) => client.subscribeToAll({ filter: { ...api.excludeSystemEvents(), checkpointReached } })],
  'getStreamMetadata: streamName': [[...notText, ''], (name) => client.getStreamMetadata(name)],
  'setStreamMetadata: streamName': [[...notText, ''], (name) => client.setStreamMetadata(name, {})],
  'setStreamMetadata: metadata': [[undefined, ...notObjects, [], ['a'], { a: 1n }, trap], (metadata) => client.setStreamMetadata(stream, metadata)],
  'setStreamMetadata: acl': [[undefined, null, 0, 1, true, 1n, Symbol('symbol')], (acl) => client.setStreamMetadata(stream, { acl })],
  'setStreamMetadata: expectedRevision': [notRevisions, (expectedRevision) => client.setStreamMetadata(stream, {}, { expectedRevision })],
  'connectionString: text': [[...notText, '', 'text', 'http://localhost:2113', 'kurrentdb://'], (text) => api.KurrentDBClient.connectionString(text)],
  'setCredentialsProvider: provider': [[1, true, 'text', {}, []], (provider) => provided(provider)],
  'setCredentialsProvider: its answer': [[1, 'text', {}, [], Symbol('symbol')], (answer) => provided(() => answer)],
}

function circular(): object {
  const self: Record<string, unknown> = {}
  self.self = self
  return self
}

function provided(provider: Anything): Promise<unknown> {
  const other = connect()
  other.setCredentialsProvider(provider)
  return other.appendToStream(stream, event())
}

/** The error of a call, however it tells it; undefined when there is none. */
async function errorOf(call: () => Anything): Promise<unknown> {
  try {
    const result = call()
    if (typeof result?.on === 'function') {
      const watched = watch(result)
      await watched.until(() => watched.error !== undefined || watched.log.includes('caughtUp'))
      watched.subscription.destroy()
      return watched.error
    }
    await (typeof result?.next === 'function' ? collect(result) : result)
    return undefined
  } catch (error) {
    return error
  }
}

const shown = (value: unknown) => {
  try {
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  } catch {
    return 'something strange'
  }
}

describe('bad input of every parameter is an error, and changes nothing (node 3, streams 2.2)', () => {
  let head: Position
  beforeEach(async () => {
    stream = streamName('kept')
    await client.appendToStream(stream, happened(0))
    head = await headOf(client)
  })

  // A server takes some of it in its own way; nothing depends on that.
  for (const [parameter, [values, call]] of Object.entries(table)) {
    itInProcess(parameter, async () => {
      for (const value of values) {
        const error = await errorOf(() => call(value))
        expect(error, `${parameter} = ${shown(value)} should fail`).toBeInstanceOf(Error)
        const { name } = (error as Error).constructor
        const isKnown = api.isCommandError(error as Error) || ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ParseError'].includes(name)
        expect(isKnown, `${parameter} = ${shown(value)}: ${name} ${(error as Error).message}`).toBe(true)
        expect((error as Error).message, `${parameter} = ${shown(value)}`).not.toMatch(/wasm|memory|unreachable|embind/i)
      }
      expect(await headOf(client)).toEqual(head)
      expect(await client.appendToStream(stream, happened(1))).toMatchObject({ success: true, nextExpectedRevision: 1n })
    })
  }
})

describe('what may be left out or is taken as it comes', () => {
  it('undefined options are the defaults', async () => {
    const name = streamName()
    await client.appendToStream(name, happened(0), undefined)
    await client.appendToStream(name, happened(1), { streamState: undefined, credentials: undefined, deadline: undefined })
    const options = { maxCount: undefined, fromRevision: undefined, direction: undefined, resolveLinkTos: undefined, credentials: undefined }
    expect(await collect(client.readStream(name, options as never))).toHaveLength(2)
    await watch(client.subscribeToStream(name, { fromRevision: undefined, resolveLinkTos: undefined } as never, undefined)).received(2)
    expect(await collect(client.readAll({ fromPosition: undefined, maxCount: 1, filter: undefined } as never))).toHaveLength(1)
    await client.deleteStream(name, { expectedRevision: undefined })
  })

  itInProcess('revisions may be whole numbers', async () => {
    const name = streamName()
    await client.appendToStream(name, happened(0), { streamState: 'no_stream' })
    await client.appendToStream(name, happened(1), { streamState: 0 } as never)
    expect(await collect(client.readStream(name, { fromRevision: 1 } as never))).toHaveLength(1)
  })

  it('ids without dashes, in braces and in capitals are ids', async () => {
    const name = streamName()
    const id = '0190C0DE-0000-7000-8000-00000000000A'
    for (const form of [id, id.replaceAll('-', ''), `{${id}}`]) {
      await client.appendToStream(name, api.jsonEvent({ id: form, type: 'tried', data: {} }))
    }
    const [only, ...more] = await collect(client.readStream(name))
    expect(only!.event!.id).toBe(id.toLowerCase())
    expect(more).toEqual([])
  })

  it('events with more properties than they need', async () => {
    const name = streamName()
    await client.appendToStream(name, { ...happened(0), revision: 7n, extra: () => 1 } as never)
    expect(await numbersIn(client, name)).toEqual([0])
  })

  it('other options are of no interest', async () => {
    await client.appendToStream(streamName(), happened(0), { unknown: Symbol('symbol'), batchAppendSize: 1 } as never)
  })
})
