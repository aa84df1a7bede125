import { describe, expect, it, vi } from 'vitest'
import type { StreamMetadata } from '../../../web/src/client/index'
import { api, connect, itInProcess, streamName } from './clients'
import { collect, failureOf, happened, lastEventOf, numbered, numbersIn } from './support'

const { jsonEvent, NO_STREAM } = api
const client = connect()

async function setAndGet(metadata: StreamMetadata): Promise<unknown> {
  const stream = streamName()
  await client.setStreamMetadata(stream, metadata)
  return (await client.getStreamMetadata(stream)).metadata
}

describe('setStreamMetadata and getStreamMetadata (streams 3.9, node 4.4)', () => {
  it('all keys', async () => {
    const metadata: StreamMetadata = {
      maxAge: 3600,
      maxCount: 10,
      truncateBefore: 3,
      cacheControl: 60,
      acl: {
        readRoles: ['admin', '$ops'],
        writeRoles: ['admin'],
        deleteRoles: [],
        metaReadRoles: ['$all'],
        metaWriteRoles: ['$admins'],
      },
    }
    expect(await setAndGet(metadata)).toEqual(metadata)
  })

  it('under the names of the database', async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, {
      maxAge: 1, maxCount: 2, truncateBefore: 3, cacheControl: 4,
      acl: { readRoles: ['a'], writeRoles: ['b'], deleteRoles: [], metaReadRoles: ['d'], metaWriteRoles: ['e'] },
    })
    const event = await lastEventOf(client, `$$${stream}`)
    expect(event).toMatchObject({ type: '$metadata', isJson: true, streamId: `$$${stream}` })
    expect(event.data).toEqual({
      $maxAge: 1, $maxCount: 2, $tb: 3, $cacheControl: 4, $acl: { $r: ['a'], $w: ['b'], $d: [], $mr: ['d'], $mw: ['e'] },
    })
  })

  it.each<[string, StreamMetadata]>([
    ['none', {}],
    ['custom keys of all kinds', { text: 'ä', number: 1.5, nothing: null, list: [1, { a: 2 }], deep: { er: { still: true } } } as never],
    ['custom keys beside ours', { maxCount: 1, owner: 'me' } as never],
    ['an access list by name', { acl: '$userStreamAcl' as never }],
    ['an access list without roles', { acl: {} as never }],
    ['keys of the database itself', { $tmp: true, $custom: 1 } as never],
    ['names of object members', JSON.parse('{"__proto__":1,"constructor":2}') as never],
  ])('%s', async (_what, metadata) => {
    const read = await setAndGet(metadata)
    expect(JSON.stringify(read)).toBe(JSON.stringify(metadata))
  })

  it('a stream without metadata has none', async () => {
    const stream = streamName()
    expect(await client.getStreamMetadata(stream)).toStrictEqual({ streamName: stream })
    await client.appendToStream(stream, happened())
    expect(await client.getStreamMetadata(stream)).toStrictEqual({ streamName: stream })
  })

  it('metastreamRevision is the position of the event (node 3)', async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, { maxCount: 1 })
    const { position } = await client.setStreamMetadata(stream, { maxCount: 2 })
    expect(await client.getStreamMetadata(stream)).toStrictEqual({
      streamName: stream, metadata: { maxCount: 2 }, metastreamRevision: position!.commit,
    })
  })

  it('setting replaces everything', async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, { maxCount: 1, owner: 'me' } as never)
    await client.setStreamMetadata(stream, { maxAge: 60 })
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxAge: 60 })
  })

  it('is an append to the metadata stream', async () => {
    const stream = streamName()
    expect(await client.setStreamMetadata(stream, {})).toMatchObject({ success: true, nextExpectedRevision: 0n })
    expect(await client.setStreamMetadata(stream, {})).toMatchObject({ success: true, nextExpectedRevision: 1n })
    expect(await failureOf(collect(client.readStream(stream)))).toBeInstanceOf(api.StreamNotFoundError)
  })

  itInProcess('expectedRevision counts, under both of its names (node 3)', async () => {
    const stream = streamName()
    await client.setStreamMetadata(stream, { maxCount: 1 }, { expectedRevision: NO_STREAM })
    const error = await failureOf(client.setStreamMetadata(stream, {}, { expectedRevision: NO_STREAM }))
    expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
    expect(error).toMatchObject({ streamName: `$$${stream}`, expectedState: NO_STREAM, actualState: 0n })
    expect(await failureOf(client.setStreamMetadata(stream, {}, { streamState: 5n } as never))).toBeInstanceOf(api.WrongExpectedVersionError)
    await client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: 0n })
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 2 })
  })

  for (const key of ['maxAge', 'maxCount', 'truncateBefore', 'cacheControl'] as const) {
    it.each([1.5, NaN, Infinity, '1', 1n, null, undefined, 'start', {}])(`${key} must be an integer, not %s`, async (value) => {
      const stream = streamName()
      const error = await failureOf(client.setStreamMetadata(stream, { [key]: value } as never))
      expect(error.message).toBe(`Invalid stream metadata: "${key}" must be an integer.`)
      expect(await client.getStreamMetadata(stream)).toStrictEqual({ streamName: stream })
    })
  }

  it('unknown keys of an access list are left out, with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    expect(await setAndGet({ acl: { readRoles: 'a', unknown: 'b' } as never })).toEqual({ acl: { readRoles: 'a' } })
    expect(warn).toHaveBeenCalledWith('Unknown key "unknown" in acl will be ignored')
  })

  it('metadata that others wrote: not JSON is none, and types are not checked', async () => {
    const stream = streamName()
    await client.appendToStream(`$$${stream}`, jsonEvent({ type: 'any type', data: { $maxCount: 'many', x: 1 } }))
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 'many', x: 1 })
    await client.appendToStream(`$$${stream}`, api.binaryEvent({ type: '$metadata', data: Buffer.from('{"$maxCount":1}') }))
    expect(await client.getStreamMetadata(stream)).toStrictEqual({ streamName: stream })
  })

  it.each<[string, string]>([
    ['a limit of the wrong kind', '{"$maxCount":"1"}'],
    ['one limit of the wrong kind among others', '{"$maxCount":1,"$maxAge":[]}'],
    ['a limit with a fraction', '{"$maxCount":1.5}'],
    ['a number beyond 64 bits', '{"$maxCount":1,"$tb":9223372036854775808}'],
    ['an unknown key in the access list', '{"$maxCount":1,"$acl":{"$x":["a"]}}'],
    ['a list', '[1]'],
    ['null', 'null'],
  ])('metadata that the server does not understand limit nothing: %s', async (_what, json) => {
    const stream = streamName()
    await client.appendToStream(stream, numbered(3))
    // Bytes as they are, marked as JSON.
    const data = { toJSON: () => JSON.parse(json) as unknown }
    const raw = /9223372036854775808/.test(json) ? { $maxCount: 1, $tb: 9223372036854775808 } : data
    await client.appendToStream(`$$${stream}`, jsonEvent({ type: '$metadata', data: raw }))
    expect(await numbersIn(client, stream)).toEqual([0, 1, 2])
  })

  it('deep custom metadata are kept', async () => {
    let deep: unknown = 'end'
    for (let depth = 0; depth < 100; depth++) deep = { deeper: deep }
    expect(await setAndGet({ deep } as never)).toEqual({ deep })
  })
})
