/** Whatever clients send or cease to do: a proper error, and the next client served. */

import * as grpc from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningServer } from './support/server'
import {
  answerOf, appendEvent, appendOptions, batchPart, counted, field, identifier, message, NOTHING, paths, proposed, RawClient,
  readOptions, subscribed, uuid,
} from './support/wire'

let server: RunningServer
let raw: RawClient
beforeAll(async () => {
  server = await RunningServer.start()
  raw = new RawClient(server.port)
})
afterAll(async () => {
  raw.close()
  expect(await server.stop()).toMatchObject({ code: 0, signal: null })
})

let streams = 0
const newStream = (about = 'stream') => `${about}-${++streams}`
const invalidUtf8 = Buffer.from([0x61, 0xff, 0xc0, 0x80])

async function typesIn(stream: string): Promise<string[]> {
  const answer = await raw.call(paths.read, readOptions(stream, counted(1000)))
  expect(answer.code).toBe(grpc.status.OK)
  return answer.messages.map((bytes) => /happened|second/.exec(bytes.toString('latin1'))?.[0] ?? 'no event')
}

describe('bytes that are no message', () => {
  const garbage: [string, Buffer][] = [
    ['random bytes', Buffer.from('ffffffffffffffffffff', 'hex')],
    ['a field longer than the message', Buffer.from([0x0a, 0x7f, 0x01])],
    ['a group that never ends', Buffer.from([0x0b])],
    ['a varint of eleven bytes', Buffer.concat([Buffer.from([0x08]), Buffer.alloc(11, 0xff)])],
  ]
  const methods = Object.entries(paths)
  it.each(methods.flatMap(([name, path]) => garbage.map(([what, bytes]) => [name, what, path, bytes] as const)))(
    '%s: %s', async (_name, _what, path, bytes) => {
      const { code } = await raw.call(path, bytes)
      expect(code).not.toBe(grpc.status.OK)
      expect(code).not.toBe(grpc.status.UNAVAILABLE)
    })

  it.each(methods)('%s: ten thousand messages in each other', async (_name, path) => {
    const { code } = await raw.call(path, Array.from({ length: 10_000 }).reduce<Buffer>((inner) => field(1, inner), NOTHING))
    // Some of these messages have no field 1, and pass over what they do not know.
    expect(code).not.toBe(grpc.status.UNAVAILABLE)
    expect(await raw.call(paths.features, NOTHING)).toMatchObject({ code: grpc.status.OK })
  })

  it('in the middle of an append: nothing is written', async () => {
    const stream = newStream()
    const { code } = await raw.call(paths.append, appendOptions(stream), appendEvent(), garbage[0]![1])
    expect(code).toBe(grpc.status.INTERNAL)
    expect(await typesIn(stream)).toEqual(['no event'])
  })

  it('in the middle of a session of version 2: nothing is written', async () => {
    const stream = newStream()
    const record = message(field(3, message(field(1, 1), field(2, 'happened'))), field(4, '{}'))
    const first = message(field(1, stream), field(2, record))
    expect((await raw.call(paths.appendSession, first, garbage[1]![1])).code).toBe(grpc.status.INTERNAL)
    expect(await typesIn(stream)).toEqual(['no event'])
    expect((await raw.call(paths.appendSession, first)).code).toBe(grpc.status.OK)
    expect(await typesIn(stream)).toEqual(['happened'])
  })

  it('in the middle of batches: what was complete is answered, then the call ends', async () => {
    const stream = newStream()
    const batch = message(field(1, uuid(7n, 7n)), field(2, message(field(1, identifier(stream)), field(4, NOTHING))), field(3, proposed()), field(4, 1))
    const { code } = await raw.call(paths.batchAppend, batch, garbage[0]![1])
    expect(code).toBe(grpc.status.INTERNAL)
  })

  it('of a method that there is not', async () => {
    expect((await raw.call('/event_store.client.streams.Streams/Nothing', NOTHING)).code).toBe(grpc.status.UNIMPLEMENTED)
    expect((await raw.call('/nothing', NOTHING)).code).toBe(grpc.status.UNIMPLEMENTED)
  })
})

describe('messages that say too little or what cannot be', () => {
  const stream = 'existing'
  beforeAll(async () => void (await raw.call(paths.append, appendOptions(stream), appendEvent())))
  const options = (...fields: Buffer[]) => field(1, message(...fields))
  const ofStream = field(1, message(field(1, identifier(stream)), field(3, NOTHING)))
  const [noFilter, structured] = [field(8, NOTHING), field(9, field(1, NOTHING))]
  const all = field(2, field(2, NOTHING))

  it.each<[string, string, Buffer[]]>([
    ['a read of nothing', paths.read, [NOTHING]],
    ['a read without a count', paths.read, [options(ofStream, noFilter, structured)]],
    ['a read without a stream', paths.read, [options(counted(1), noFilter, structured)]],
    ['a read without a start', paths.read, [options(field(1, field(1, identifier(stream))), counted(1), noFilter, structured)]],
    ['a read without a word on filters', paths.read, [options(ofStream, counted(1), structured)]],
    ['a read without a form of ids', paths.read, [options(ofStream, counted(1), noFilter)]],
    ['a filter without expressions or window', paths.read, [options(all, counted(1), field(7, NOTHING), structured)]],
    ['a filter of bad expressions', paths.read,
      [options(all, counted(1), field(7, message(field(1, field(1, '(((')), field(4, NOTHING), field(5, 1))), structured)]],
    ['a filter on one stream', paths.read,
      [options(ofStream, counted(1), field(7, message(field(1, field(2, 'a')), field(4, NOTHING), field(5, 1))), structured)]],
    ['a filter of invalid UTF-8', paths.read,
      [options(all, counted(1), field(7, message(field(1, field(1, invalidUtf8)), field(4, NOTHING), field(5, 1))), structured)]],
    ['an append of nothing', paths.append, []],
    ['an append without options', paths.append, [appendEvent()]],
    ['an append with options twice', paths.append, [appendOptions(stream), appendOptions(stream)]],
    ['an append without an expected state', paths.append, [appendOptions(stream, NOTHING), appendEvent()]],
    ['an append with neither options nor event', paths.append, [NOTHING]],
    ['an append to a stream without a name', paths.append, [appendOptions(''), appendEvent()]],
    ['an event without an id', paths.append, [appendOptions(stream), appendEvent({ id: NOTHING })]],
    ['an event with an id that is none', paths.append, [appendOptions(stream), appendEvent({ id: field(2, 'no uuid') })]],
    ['an event whose id is zero', paths.append, [appendOptions(stream), appendEvent({ id: uuid(0n, 0n) })]],
    ['an event without metadata', paths.append, [appendOptions(stream), field(2, field(1, uuid(1n, 1n)))]],
    ['an event whose type is invalid UTF-8', paths.append, [appendOptions(stream), appendEvent({ type: invalidUtf8 })]],
    ['an event without a type', paths.append, [appendOptions(stream), appendEvent({ type: '' })]],
    ['a delete of nothing', paths.delete, [NOTHING]],
    ['a delete without an expected state', paths.delete, [options(field(1, identifier(stream)))]],
    ['a tombstone of nothing', paths.tombstone, [NOTHING]],
    ['records: none', paths.appendRecords, [NOTHING]],
    ['a record of nothing', paths.appendRecords, [field(1, NOTHING)]],
    ['a record with an unknown format', paths.appendRecords,
      [field(1, message(field(3, message(field(1, 99), field(2, 'happened'))), field(5, stream)))]],
    ['a record without a stream', paths.appendRecords, [field(1, field(3, message(field(1, 1), field(2, 'happened'))))]],
    ['a record whose stream is invalid UTF-8', paths.appendRecords,
      [field(1, message(field(3, message(field(1, 1), field(2, 'happened'))), field(5, invalidUtf8)))]],
    ['a check of nothing', paths.appendRecords,
      [message(field(1, message(field(3, message(field(1, 1), field(2, 'happened'))), field(5, stream))), field(2, NOTHING))]],
  ])('%s', async (_what, path, messages) => {
    const { code } = await raw.call(path, ...messages)
    expect(code).not.toBe(grpc.status.OK)
    expect(code).not.toBe(grpc.status.UNAVAILABLE)
    expect(await typesIn(stream)).toEqual(['happened'])
  })

  it('an unknown direction is forwards, a subscription backwards is refused', async () => {
    const unknown = await raw.call(paths.read, readOptions(stream, counted(5), field(3, 77)))
    expect(unknown.code).toBe(grpc.status.OK)
    expect(unknown.messages).toHaveLength(1)
    expect((await raw.call(paths.read, readOptions(stream, subscribed, field(3, 1)))).code).not.toBe(grpc.status.OK)
  })

  it('unknown fields are passed over', async () => {
    const more = message(readOptions(stream, counted(5)), field(99, 'more'), field(100, 1))
    expect(await raw.call(paths.read, more)).toMatchObject({ code: grpc.status.OK })
  })

  it('batches that lack something are answered one by one', async () => {
    const batch = (id: Buffer, ...rest: Buffer[]) => message(field(1, id), ...rest, field(4, 1))
    const into = (name: string, expected = field(4, NOTHING)) => field(2, message(field(1, identifier(name)), expected))
    const good = newStream()
    const { code, messages } = await raw.call(
      paths.batchAppend,
      batch(uuid(1n, 1n), into(''), field(3, proposed())),
      batch(uuid(1n, 2n), into('bad', NOTHING), field(3, proposed())),
      batch(uuid(1n, 3n), into('bad'), field(3, proposed({ id: NOTHING }))),
      batch(NOTHING, into('bad'), field(3, NOTHING)),
      batch(uuid(1n, 4n), field(3, proposed())),
      batch(uuid(1n, 5n), into(good), field(3, proposed())),
    )
    expect(code).toBe(grpc.status.OK)
    expect(messages).toHaveLength(5)
    expect(await typesIn(good)).toEqual(['happened'])
    expect(await typesIn('bad')).toEqual(['no event'])
  })
})

describe('names that headers cannot hold', () => {
  it.each([
    ['letters', 'größe/世界'], ['a line break', 'a\nb'], ['a zero', 'a\0b'], ['spaces', ' a '], ['invalid UTF-8', invalidUtf8],
    ['a name of 100,000 letters', 'x'.repeat(100_000)],
  ])('%s: errors come with their code', async (_what, name) => {
    const remove = field(1, message(field(1, identifier(name)), field(2, 5)))
    for (const path of [paths.delete, paths.tombstone]) {
      const { code } = await raw.call(path, remove)
      expect([grpc.status.FAILED_PRECONDITION, grpc.status.INVALID_ARGUMENT]).toContain(code)
    }
    const subscription = raw.open(paths.read)
    const answer = answerOf(subscription)
    subscription.write(readOptions(name, subscribed))
    subscription.end()
    await raw.call(paths.append, appendOptions(name), appendEvent())
    await raw.call(paths.tombstone, field(1, message(field(1, identifier(name)), field(4, NOTHING))))
    subscription.cancel()
    await answer
    expect((await raw.call(paths.append, appendOptions(name), appendEvent())).code).not.toBe(grpc.status.OK)
    expect((await raw.call(paths.read, readOptions(name, counted(1)))).code).not.toBe(grpc.status.UNAVAILABLE)
    expect(server.isAlive).toBe(true)
  })
})

describe('sizes that cannot be', () => {
  it('a message larger than one may be is refused, nothing is written', async () => {
    const stream = newStream()
    const { code } = await raw.call(paths.append, appendOptions(stream), appendEvent(), appendEvent({ data: Buffer.alloc(17 << 20) }))
    expect(code).toBe(grpc.status.RESOURCE_EXHAUSTED)
    expect(await typesIn(stream)).toEqual(['no event'])
  })

  it('an append larger than one may be is refused while it comes in', async () => {
    const small = await RunningServer.start(['--insecure', '--max-append-size', '1000'])
    const other = new RawClient(small.port)
    const call = other.open(paths.append)
    const answer = answerOf(call)
    call.write(appendOptions('large'))
    for (let i = 0; i < 20; i++) call.write(appendEvent({ data: Buffer.alloc(100) }))
    expect((await answer).code).toBe(grpc.status.INVALID_ARGUMENT)
    other.close()
    expect(await small.stop()).toMatchObject({ code: 0 })
  })

  it('batches that are begun and not finished: ten thousand on a call, then it ends', async () => {
    const stream = newStream()
    const call = raw.open(paths.batchAppend)
    const answer = answerOf(call)
    for (let id = 1n; id <= 10_000n; id++) call.write(batchPart(id, stream, [], false))
    const answered = new Promise((resolve) => void call.once('data', resolve))
    call.write(batchPart(10_000n, stream, [proposed()], true))
    await answered
    for (let id = 10_000n; id <= 10_001n; id++) call.write(batchPart(id, stream, [proposed()], false))
    const { code, details } = await answer
    expect({ code, details }).toEqual({ code: grpc.status.RESOURCE_EXHAUSTED, details: expect.stringMatching(/10000 appends.*is_final/) as string })
    expect(await typesIn(stream)).toEqual(['happened'])
  })

  it('batches that are begun and not finished: 64 MiB more than one may bring, then the call ends', async () => {
    const small = await RunningServer.start(['--insecure', '--max-append-size', String(2 << 20)])
    const other = new RawClient(small.port)
    const call = other.open(paths.batchAppend)
    const answer = answerOf(call)
    const data = Buffer.alloc(1 << 20, 0x20)
    // What is refused for its own size keeps nothing.
    for (let n = 0; n < 3; n++) call.write(batchPart(1n, 'refused', [proposed({ data })], n === 2))
    for (let id = 2n; id < 70n; id++) call.write(batchPart(id, 'large', [proposed({ data })], false))
    const { code, details, messages } = await answer
    expect({ code, details }).toEqual({ code: grpc.status.RESOURCE_EXHAUSTED, details: expect.stringMatching(/69206016 bytes.*is_final/) as string })
    expect(messages).toHaveLength(1)
    expect((await other.call(paths.read, readOptions('large', counted(1)))).messages[0]![0]).toBe((4 << 3) | 2)
    other.close()
    expect(await small.stop()).toMatchObject({ code: 0 })
  })

  it('a count, a revision and a window beyond all numbers', async () => {
    const stream = newStream()
    await raw.call(paths.append, appendOptions(stream), appendEvent())
    const most = 2n ** 64n - 1n
    expect((await raw.call(paths.read, readOptions(stream, counted(most)))).messages).toHaveLength(1)
    const at = (revision: bigint) => field(1, message(field(1, message(field(1, identifier(stream)), field(2, revision))), field(8, NOTHING), field(9, field(1, NOTHING)), counted(3)))
    expect((await raw.call(paths.read, at(most - 1n))).messages).toEqual([])
    const filter = field(7, message(field(1, field(2, stream)), field(3, 2n ** 32n - 1n), field(5, 2n ** 32n - 1n)))
    const wide = field(1, message(field(2, field(2, NOTHING)), filter, field(9, field(1, NOTHING)), counted(3)))
    expect((await raw.call(paths.read, wide)).messages).toHaveLength(1)
  })

  it('a search window of nothing does not keep the server busy for ever', async () => {
    const filter = field(7, message(field(1, field(2, 'none')), field(3, 0), field(5, 1)))
    const call = raw.open(paths.read)
    const answer = answerOf(call)
    call.write(field(1, message(field(2, field(2, NOTHING)), filter, field(9, field(1, NOTHING)), subscribed)))
    call.end()
    const stream = newStream()
    expect((await raw.call(paths.append, appendOptions(stream), appendEvent())).code).toBe(grpc.status.OK)
    expect(await typesIn(stream)).toEqual(['happened'])
    call.cancel()
    await answer
  })
})

describe('requests of reads', () => {
  it('none, or two, are refused', async () => {
    expect(await raw.call(paths.read)).toMatchObject({ code: grpc.status.INTERNAL, details: 'Incomplete message.' })
    const twice = await raw.call(paths.read, readOptions('s', counted(1)), readOptions('s', counted(1)))
    expect(twice).toMatchObject({ code: grpc.status.INTERNAL, details: 'Additional data after the message received.' })
  })
})

describe('clients that vanish', () => {
  it('in the middle of each kind of call: the rest goes on, half an append is none', async () => {
    const stream = newStream()
    // Before it resets a call, Node's HTTP/2 ends what it sends: what came until then may count as all there was.
    const mayBeWritten = newStream()
    for (let round = 0; round < 20; round++) {
      const lost = new RawClient(server.port)
      const calls = [
        [paths.append, appendOptions(mayBeWritten), appendEvent()],
        [paths.append, appendOptions(stream)],
        [paths.batchAppend, message(field(1, uuid(1n, 1n)), field(2, message(field(1, identifier(stream)), field(4, NOTHING))), field(3, proposed()))],
        [paths.appendSession, message(field(1, mayBeWritten), field(2, message(field(3, message(field(1, 1), field(2, 'happened'))), field(4, '{}'))))],
        [paths.read, readOptions('existing', subscribed)],
        [paths.read, field(1, message(field(2, field(2, NOTHING)), field(8, NOTHING), field(9, field(1, NOTHING)), counted(10_000)))],
        [paths.delete], [paths.appendRecords],
      ] as const
      const opened = calls.map(([path, ...messages]) => {
        const call = lost.open(path)
        const answer = answerOf(call)
        for (const each of messages) call.write(each)
        if (path === paths.read) call.end() // reads begin when their request has ended
        return { call, answer }
      })
      if (round % 2 === 0) await raw.call(paths.features, NOTHING)
      for (const { call } of opened) call.cancel()
      lost.close()
      await Promise.all(opened.map(({ answer }) => answer))
    }
    expect(await typesIn(stream)).toEqual(['no event'])
  })
})
