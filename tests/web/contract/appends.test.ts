import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isReactive, reactive } from 'vue'
import type { EventData } from '../../../web/src/client/index'
import { api, connect, isOfficial, itInProcess, streamName } from './clients'
import { collect, failureOf, happened, lastEventOf, numbered, numbersIn } from './support'

const { ANY, binaryEvent, jsonEvent, NO_STREAM, STREAM_EXISTS } = api
const client = connect()

/** Appends one event and reads it back. */
async function readBack(event: EventData) {
  const stream = streamName()
  await client.appendToStream(stream, event)
  return lastEventOf(client, stream)
}

describe('what is appended comes back (streams 3.2, node 4.2)', () => {
  it.each<[string, unknown]>([
    ['an object', { a: 1, b: [true, null, 'x'], c: { d: 1.5e-7 } }],
    ['an empty object', {}],
    ['an array', [1, [2, [3]], {}]],
    ['an empty array', []],
    ['a string', 'text'],
    ['an empty string', ''],
    ['a number', 42],
    ['minus one and a half', -1.5],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['true', true],
    ['false', false],
    ['null', null],
  ])('JSON data: %s', async (_what, data) => {
    const event = await readBack(jsonEvent({ type: 'tried', data: data as never }))
    expect(event.data).toEqual(data)
    expect(event.isJson).toBe(true)
  })

  it('JSON data as JSON.stringify sees them: dates, toJSON, undefined', async () => {
    const data = { at: new Date(0), own: { toJSON: () => 'own words' }, nothing: undefined, list: [undefined], nan: NaN }
    const event = await readBack(jsonEvent({ type: 'tried', data }))
    expect(event.data).toStrictEqual({ at: '1970-01-01T00:00:00.000Z', own: 'own words', list: [null], nan: null })
  })

  it.each<[string, Uint8Array]>([
    ['bytes', Uint8Array.of(0, 1, 127, 128, 255)],
    ['no bytes', new Uint8Array()],
    ['a Buffer', Buffer.from('bytes')],
    ['bytes that read as JSON', Buffer.from('{"json":true}')],
    ['a number that JSON has no room for', Buffer.from('1e400')],
    ['bytes that are no UTF-8', Uint8Array.of(0xc3, 0x28, 0xff, 0xfe, 0xed, 0xa0, 0x80)],
    ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
  ])('binary data: %s', async (_what, data) => {
    const event = await readBack(binaryEvent({ type: 'tried', data }))
    expect(event.isJson).toBe(false)
    expect(event.data).toBeInstanceOf(Uint8Array)
    expect([...(event.data as Uint8Array)]).toEqual([...data])
  })

  it('binary data are a Buffer in Node', async () => {
    const event = await readBack(binaryEvent({ type: 'tried', data: Buffer.from('text') }))
    expect(Buffer.isBuffer(event.data)).toBe(true)
    expect((event.data as Buffer).toString()).toBe('text')
  })

  it.each<[string, unknown, unknown]>([
    ['an object', { user: 'u', nested: [1] }, { user: 'u', nested: [1] }],
    ['an array', [1, 'two'], [1, 'two']],
    ['a string', 'words', 'words'],
    ['a number', 7, 7],
    ['true', true, true],
    ['undefined', undefined, undefined],
    ['null', null, undefined],
    ['an empty string, which is not sent', '', undefined],
    ['zero, which is not sent', 0, undefined],
    ['no bytes', new Uint8Array(), undefined],
    ['bytes that are no JSON', Uint8Array.of(1, 2, 255), Buffer.of(1, 2, 255)],
    ['bytes that are JSON', Buffer.from('{"trace":"1"}'), { trace: '1' }],
    ['JSON beyond doubles', Buffer.from('1e400'), Infinity],
    ['a Buffer that is no JSON', Buffer.from('{"trace"'), Buffer.from('{"trace"')],
  ])('metadata of JSON and binary events: %s', async (_what, metadata, expected) => {
    const json = await readBack(jsonEvent({ type: 'tried', data: {}, metadata: metadata as object }))
    const binary = await readBack(binaryEvent({ type: 'tried', data: Uint8Array.of(1), metadata: metadata as object }))
    expect(json.metadata).toEqual(expected)
    expect(binary.metadata).toEqual(expected)
  })

  it.each([
    ['scripts of the world', 'Grüße, 世界, Привет, שלום, 🏳️‍🌈'],
    ['control characters', '\0\x01\b\t\n\v\f\r\x1b\x7f\x80\x9f'],
    ['lone surrogates', 'a\ud800b\udc00c'],
    ['surrogates in the wrong order', '\udc00\ud800'],
    ['a byte order mark', '\ufeffx\ufeff'],
    ['line and paragraph separators', '\u2028\u2029'],
    ['noncharacters', '\uffff\ufffe\u{10ffff}'],
    ['quotes and backslashes', '"\\"\\u0000</script>'],
  ])('text of any kind, in data, keys and metadata: %s', async (_what, text) => {
    const data = { [text]: text, list: [text] }
    const event = await readBack(jsonEvent({ type: 'tried', data, metadata: { [text]: text } }))
    expect(event.data).toStrictEqual(data)
    expect(event.metadata).toStrictEqual({ [text]: text })
  })

  it.each([
    ['scripts of the world', 'größe-世界-🏳️‍🌈'],
    ['control characters', 'a\0b\x01\n'],
    ['spaces', ' two  words '],
    ['a slash, an at sign and a percent sign', 'a/b@c%20'],
    ['a thousand characters', 'x'.repeat(1000)],
    ['names of object members', '__proto__'],
    ['a byte order mark', '\ufeffname'],
  ])('stream names and event types of any kind: %s', async (_what, text) => {
    const stream = `${streamName()}-${text}`
    await client.appendToStream(stream, jsonEvent({ type: text, data: {} }))
    const event = await lastEventOf(client, stream)
    expect(event).toMatchObject({ streamId: stream, type: text })
    expect(await numbersIn(client, stream)).toHaveLength(1)
  })

  itInProcess('lone surrogates in names become replacement characters in every operation alike', async () => {
    const stream = `${streamName()}\ud800x`
    const shown = stream.replace('\ud800', '\ufffd')
    await client.appendToStream(stream, jsonEvent({ type: 'a\udc00', data: {} }))
    expect(await lastEventOf(client, stream)).toMatchObject({ streamId: shown, type: 'a\ufffd' })
    expect(await lastEventOf(client, shown)).toMatchObject({ streamId: shown })
    await client.appendRecords([{ streamName: stream, record: happened() }])
    await client.multiStreamAppend([{ streamName: stream, events: [happened()], expectedState: 1n }])
    await client.setStreamMetadata(stream, { maxCount: 5 })
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 5 })
    expect(await collect(client.readStream(shown))).toHaveLength(3)
    await client.deleteStream(stream)
    expect(await failureOf(collect(client.readStream(shown)))).toBeInstanceOf(api.StreamNotFoundError)
  })

  it('deep nesting', async () => {
    let data: never[] = []
    for (let depth = 0; depth < 2000; depth++) data = [data as never]
    const event = await readBack(jsonEvent({ type: 'tried', data, metadata: data }))
    expect(JSON.stringify(event.data)).toBe(JSON.stringify(data))
    expect(JSON.stringify(event.metadata)).toBe(JSON.stringify(data))
  })

  it('keys named as object members', async () => {
    const data = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2,"hasOwnProperty":3}') as Record<string, unknown>
    const event = await readBack(jsonEvent({ type: 'tried', data }))
    expect(JSON.stringify(event.data)).toBe(JSON.stringify(data))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('large data', async () => {
    const text = 'größe🙂'.repeat(100_000)
    const bytes = new Uint8Array(1 << 20).map((_, i) => i * 31)
    expect((await readBack(jsonEvent({ type: 'tried', data: { text } }))).data).toEqual({ text })
    const { data } = await readBack(binaryEvent({ type: 'tried', data: bytes }))
    expect(Buffer.compare(data as Uint8Array, bytes)).toBe(0)
  })

  it('binary and JSON events in one append, each as itself', async () => {
    const stream = streamName()
    await client.appendToStream(stream, [
      jsonEvent({ type: 'a', data: { text: 'ä' }, metadata: Buffer.from([255]) }),
      binaryEvent({ type: 'b', data: Buffer.from('b'), metadata: { text: 'ö' } }),
      jsonEvent({ type: 'c', data: 'ü' }),
    ])
    const events = (await collect(client.readStream(stream))).map(({ event }) => event!)
    expect(events.map(({ type, isJson }) => [type, isJson])).toEqual([['a', true], ['b', false], ['c', true]])
    expect(events.map(({ data }) => data)).toEqual([{ text: 'ä' }, Buffer.from('b'), 'ü'])
    expect(events.map(({ metadata }) => metadata)).toEqual([Buffer.from([255]), { text: 'ö' }, undefined])
  })

  it('the id as it was given, without regard to case, and a random one otherwise', async () => {
    const id = 'ABCDEF01-2345-6789-abcd-ef0123456789'
    expect((await readBack(jsonEvent({ id, type: 'tried', data: {} }))).id).toBe(id.toLowerCase())
    const [first, second] = [jsonEvent({ type: 'tried', data: {} }), jsonEvent({ type: 'tried', data: {} })]
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(first.id).not.toBe(second.id)
    expect((await readBack(first)).id).toBe(first.id)
  })
})

describe('the result of an append (streams 3.3)', () => {
  it('tells the revision and position of the last event', async () => {
    const stream = streamName()
    const first = await client.appendToStream(stream, numbered(3))
    const second = await client.appendToStream(stream, happened(3))
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n })
    expect(second).toMatchObject({ success: true, nextExpectedRevision: 3n })
    const events = (await collect(client.readStream(stream))).map(({ event }) => event!)
    expect(first.position).toEqual(events[2]!.position)
    expect(second.position).toEqual(events[3]!.position)
    expect(second.position!.commit > first.position!.commit).toBe(true)
    expect(second.position!.commit).toBe(second.position!.prepare)
  })

  it('an append of nothing tells where the stream is', async () => {
    const stream = streamName()
    // The official client takes no stream for revision 0 here.
    const none = isOfficial ? 0n : -1n
    expect(await client.appendToStream(stream, [])).toMatchObject({ success: true, nextExpectedRevision: none })
    await client.appendToStream(stream, numbered(2))
    expect(await client.appendToStream(stream, [])).toMatchObject({ success: true, nextExpectedRevision: 1n })
    expect(await failureOf(client.appendToStream(stream, [], { streamState: NO_STREAM }))).toBeInstanceOf(
      api.WrongExpectedVersionError,
    )
  })

  it('positions and revisions rise by the order of events; events of one append are neighbours in $all', async () => {
    const [one, two] = [streamName(), streamName()]
    await Promise.all([client.appendToStream(one, numbered(50)), client.appendToStream(two, numbered(50))])
    const [first] = await collect(client.readStream(one, { maxCount: 1 }))
    const all = await collect(client.readAll({ fromPosition: first!.event!.position }), 50)
    expect(all.map(({ event }) => event!.streamId)).toEqual(Array(50).fill(one))
    expect(all.map(({ event }) => event!.revision)).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i)))
    for (let i = 1; i < all.length; i++) {
      expect(all[i]!.event!.position.commit > all[i - 1]!.event!.position.commit).toBe(true)
    }
  })

  it('created is the time of the append', async () => {
    const before = Date.now()
    const event = await readBack(happened())
    const after = Date.now()
    expect(event.created).toBeInstanceOf(Date)
    expect(event.created.getTime()).toBeGreaterThanOrEqual(before - 1000)
    expect(event.created.getTime()).toBeLessThanOrEqual(after + 1000)
  })

  it('thousands of events at once', async () => {
    const stream = streamName()
    expect(await client.appendToStream(stream, numbered(20_000))).toMatchObject({ nextExpectedRevision: 19_999n })
    expect(await lastEventOf(client, stream)).toMatchObject({ revision: 19_999n, data: { n: 19_999 } })
  })

  it('many concurrent appends keep the order in which they were made', async () => {
    const stream = streamName()
    await client.appendToStream(stream, happened(0)) // connected, the official client keeps the order too
    await Promise.all(numbered(200, 1).map((event) => client.appendToStream(stream, event)))
    expect(await numbersIn(client, stream)).toEqual(Array.from({ length: 201 }, (_, i) => i))
  })
})

describe('the shape of events (node 4.2)', () => {
  const KEYS = ['streamId', 'id', 'revision', 'type', 'data', 'metadata', 'isJson', 'created', 'position']

  it('has its fields as own enumerable data properties in the official order', async () => {
    const stream = streamName()
    await client.appendToStream(stream, jsonEvent({ type: 'tried', data: { a: 1 }, metadata: { m: 1 } }))
    const [resolved] = await collect(client.readStream(stream))
    const event = resolved!.event!
    expect(Object.keys(event)).toEqual(KEYS)
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(event))) {
      expect(property, name).toMatchObject({ enumerable: true, value: event[name as never] })
    }
    expect(resolved!.commitPosition).toBe(event.position!.commit)
    expect(resolved!.link).toBeUndefined()
  })

  it('works with spread, structuredClone, toEqual and JSON', async () => {
    const stream = streamName()
    await client.appendToStream(stream, jsonEvent({ type: 'tried', data: { a: [1] }, metadata: { m: 1 } }))
    const [resolved] = await collect(client.readStream(stream))
    expect({ ...resolved!.event }).toEqual(resolved!.event)
    expect(structuredClone(resolved)).toEqual(resolved)
    const [again] = await collect(client.readStream(stream))
    expect(again).toEqual(resolved)
    const text = JSON.stringify(resolved, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    expect(JSON.parse(text)).toMatchObject({ event: { type: 'tried', data: { a: [1] }, revision: '0' } })
  })

  it("works in Vue's reactive()", async () => {
    const event = await readBack(jsonEvent({ type: 'tried', data: { a: [1] } }))
    const state = reactive({ event: event as { data: unknown; revision: bigint; created: Date } })
    expect(isReactive(state.event)).toBe(true)
    expect(state.event.data).toEqual({ a: [1] })
    expect(state.event.revision).toBe(0n)
    expect(state.event.created.getTime()).toBe(event.created.getTime())
  })
})

describe('nobody changes what is stored (node 8)', () => {
  it('by changing what was read', async () => {
    const stream = streamName()
    await client.appendToStream(stream, [
      jsonEvent({ type: 'json', data: { a: [1] }, metadata: { m: 1 } }),
      binaryEvent({ type: 'bytes', data: Buffer.from('abc'), metadata: Buffer.from([255, 254]) }),
    ])
    const before = await collect(client.readStream(stream))
    const read = await collect(client.readStream(stream))
    const [json, bytes] = read.map(({ event }) => event!)
    ;(json!.data as { a: number[] }).a.push(2)
    ;(json!.metadata as { m: number }).m = 2
    json!.created.setTime(0)
    json!.position!.commit = 0n
    ;(bytes!.data as Uint8Array).fill(0)
    ;(bytes!.metadata as Uint8Array).fill(0)
    expect(await collect(client.readStream(stream))).toEqual(before)
  })

  itInProcess('bytes of another realm are bytes', async () => {
    const [bytes, metadata] = runInNewContext('[Uint8Array.of(1, 2, 255), Uint8Array.of(255)]') as Uint8Array[]
    const stream = streamName()
    await client.appendToStream(stream, binaryEvent({ type: 'bytes', data: bytes!, metadata: metadata! }))
    expect(await lastEventOf(client, stream)).toMatchObject({ data: Buffer.of(1, 2, 255), metadata: Buffer.of(255) })
  })

  it('a part of a buffer is that part only', async () => {
    const whole = Uint8Array.of(1, 2, 3, 4, 5)
    const event = binaryEvent({ type: 'bytes', data: whole.subarray(1, 3), metadata: Uint8Array.of(9, 254, 255, 9).subarray(1, 3) })
    const stream = streamName()
    await client.appendToStream(stream, event)
    expect(await lastEventOf(client, stream)).toMatchObject({ data: Buffer.of(2, 3), metadata: Buffer.of(254, 255) })
  })

  it('by changing what was appended, also while the append is under way', async () => {
    const stream = streamName()
    const data = { a: [1] }
    const metadata = { m: 1 }
    const bytes = Uint8Array.of(1, 2, 3)
    const events = [jsonEvent({ type: 'json', data, metadata }), binaryEvent({ type: 'bytes', data: bytes })]
    const appended = client.appendToStream(stream, events)
    bytes.fill(0) // binaryEvent copied them
    await appended
    data.a.push(2)
    metadata.m = 2
    ;(events[1]!.data as Uint8Array).fill(9)
    events.pop()
    const read = (await collect(client.readStream(stream))).map(({ event }) => event!)
    expect(read.map((event) => event.data)).toEqual([{ a: [1] }, Buffer.of(1, 2, 3)])
    expect(read[0]!.metadata).toEqual({ m: 1 })
  })

  it('two readers get values of their own', async () => {
    const stream = streamName()
    await client.appendToStream(stream, jsonEvent({ type: 'json', data: { a: [1] } }))
    const [[one], [two]] = await Promise.all([collect(client.readStream(stream)), collect(client.readStream(stream))])
    expect(one!.event).not.toBe(two!.event)
    expect(one!.event!.data).not.toBe(two!.event!.data)
  })
})

describe('limits (streams 3.6)', () => {
  it('an event over 16 MiB is refused, and one just below is taken', async () => {
    const stream = streamName()
    const limit = 16 * 1024 * 1024 - 10_000 - 1000
    await client.appendToStream(stream, binaryEvent({ type: 'large', data: new Uint8Array(limit - 100_000) }))
    const larger = binaryEvent({ type: 'large', data: new Uint8Array(16 * 1024 * 1024) })
    expect(await failureOf(client.appendToStream(stream, [happened(), larger]))).toBeInstanceOf(api.UnknownError)
    expect(await lastEventOf(client, stream)).toMatchObject({ revision: 0n })
  })

  it('a record over 16 MiB is told by its id and sizes', async () => {
    const stream = streamName()
    const record = binaryEvent({ type: 'large', data: new Uint8Array(16 * 1024 * 1024) })
    const records = [{ streamName: stream, record: happened() }, { streamName: stream, record }]
    const error = await failureOf(client.appendRecords(records))
    expect(error).toBeInstanceOf(api.AppendRecordSizeExceededError)
    expect(error).toMatchObject({ type: 'append-record-size-exceeded', stream, recordId: record.id, maxSize: 16 * 1024 * 1024 })
    expect(error.size as number).toBeGreaterThan(16 * 1024 * 1024)
    expect(await numbersIn(client, stream)).toEqual([])
  })
})

describe('throwOnAppendFailure=false (node 3)', () => {
  const lenient = connect({ parameters: { throwOnAppendFailure: false } })

  itInProcess('resolves with the real revision of the stream', async () => {
    const stream = streamName()
    await client.appendToStream(stream, numbered(4))
    const result = await lenient.appendToStream(stream, happened(), { streamState: NO_STREAM })
    expect(result).toStrictEqual({ success: false, nextExpectedRevision: 3n, position: undefined })
    expect(await numbersIn(client, stream)).toHaveLength(4)
  })

  it('resolves with -1n where there is no stream', async () => {
    const result = await lenient.appendToStream(streamName(), happened(), { streamState: STREAM_EXISTS })
    expect(result).toStrictEqual({ success: false, nextExpectedRevision: -1n, position: undefined })
    expect(await lenient.appendToStream(streamName(), happened(), { streamState: 5n })).toMatchObject({ success: false })
  })

  it('still rejects other failures', async () => {
    const stream = streamName()
    await client.tombstoneStream(stream)
    expect(await failureOf(lenient.appendToStream(stream, happened(), { streamState: ANY }))).toBeInstanceOf(api.StreamDeletedError)
  })

  it('succeeds as ever', async () => {
    expect(await lenient.appendToStream(streamName(), happened())).toMatchObject({ success: true, nextExpectedRevision: 0n })
  })
})
