import { describe, expect, it } from 'vitest'
import { api, connect, streamName } from './clients'
import { failureOf, happened, headOf, numbered, numbersIn } from './support'

const { ANY, NO_STREAM, STREAM_EXISTS } = api
const client = connect()

describe('repeated appends with a weak expectation (streams 3.5)', () => {
  for (const streamState of [ANY, STREAM_EXISTS] as const) {
    it(`${streamState}: a repeat succeeds and writes nothing`, async () => {
      const stream = streamName()
      const events = numbered(3)
      const first = await client.appendToStream(stream, events)
      await client.appendToStream(stream, happened(9))
      const head = await headOf(client)
      expect(await client.appendToStream(stream, events, { streamState })).toEqual(first)
      expect(await client.appendToStream(stream, events.slice(0, 2), { streamState })).toMatchObject({ nextExpectedRevision: 1n })
      expect(await numbersIn(client, stream)).toEqual([0, 1, 2, 9])
      expect(await headOf(client)).toEqual(head)
    })

    it(`${streamState}: a known event before unknown ones is a conflict`, async () => {
      const stream = streamName()
      const [known, fresh] = numbered(2)
      await client.appendToStream(stream, [known!])
      const error = await failureOf(client.appendToStream(stream, [known!, fresh!], { streamState }))
      expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
      expect(error).toMatchObject({ streamName: stream, expectedState: streamState, actualState: 0n })
      expect(await numbersIn(client, stream)).toEqual([0])
    })

    it(`${streamState}: an unknown event first writes everything, known ones too`, async () => {
      const stream = streamName()
      const [known, fresh] = numbered(2)
      await client.appendToStream(stream, [known!])
      expect(await client.appendToStream(stream, [fresh!, known!], { streamState })).toMatchObject({ nextExpectedRevision: 2n })
      expect(await numbersIn(client, stream)).toEqual([0, 1, 0])
    })
  }

  it('a known id in another stream is no repeat', async () => {
    const event = happened()
    const [one, two] = [streamName(), streamName()]
    await client.appendToStream(one, event)
    await client.appendToStream(two, event)
    expect(await numbersIn(client, two)).toEqual([0])
  })

  it('a repeat may differ in everything but the id', async () => {
    const stream = streamName()
    const event = happened('first')
    await client.appendToStream(stream, event)
    const again = api.jsonEvent({ id: event.id.toUpperCase(), type: 'other', data: { n: 'second' } })
    expect(await client.appendToStream(stream, again)).toMatchObject({ success: true, nextExpectedRevision: 0n })
    expect(await numbersIn(client, stream)).toEqual(['first'])
  })

  it('the same id twice in one append is written twice', async () => {
    const stream = streamName()
    const event = happened()
    expect(await client.appendToStream(stream, [event, event])).toMatchObject({ nextExpectedRevision: 1n })
    expect(await numbersIn(client, stream)).toEqual([0, 0])
  })
})

describe('repeated appends with a strong expectation (streams 3.5)', () => {
  it('a repeat at its place succeeds, whatever came later', async () => {
    const stream = streamName()
    const events = numbered(3)
    const first = await client.appendToStream(stream, events, { streamState: NO_STREAM })
    const more = numbered(2, 3)
    const second = await client.appendToStream(stream, more, { streamState: 2n })
    await client.appendToStream(stream, happened(9))
    expect(await client.appendToStream(stream, events, { streamState: NO_STREAM })).toEqual(first)
    expect(await client.appendToStream(stream, more, { streamState: 2n })).toEqual(second)
    expect(await client.appendToStream(stream, events.slice(1, 2), { streamState: 0n })).toMatchObject({ nextExpectedRevision: 1n })
    expect(await numbersIn(client, stream)).toEqual([0, 1, 2, 3, 4, 9])
  })

  it.each([
    ['elsewhere', (events: ReturnType<typeof numbered>) => [events[1]!]],
    ['then other events', (events: ReturnType<typeof numbered>) => [events[0]!, happened(7)]],
    ['past the end', (events: ReturnType<typeof numbered>) => [...events, happened(7)]],
  ])('a repeat %s is a conflict', async (_where, repeat) => {
    const stream = streamName()
    const events = numbered(2)
    await client.appendToStream(stream, events)
    const error = await failureOf(client.appendToStream(stream, repeat(events), { streamState: NO_STREAM }))
    expect(error).toMatchObject({ type: 'wrong-expected-version', expectedState: NO_STREAM, actualState: 1n })
    expect(await numbersIn(client, stream)).toEqual([0, 1])
  })

  it('the current revision writes again', async () => {
    const stream = streamName()
    const event = happened()
    await client.appendToStream(stream, event)
    expect(await client.appendToStream(stream, event, { streamState: 0n })).toMatchObject({ nextExpectedRevision: 1n })
    expect(await numbersIn(client, stream)).toEqual([0, 0])
  })

  it('a repeat of truncated events succeeds, with no position to tell', async () => {
    const stream = streamName()
    const events = numbered(3)
    await client.appendToStream(stream, events, { streamState: NO_STREAM })
    await client.setStreamMetadata(stream, { truncateBefore: 3 })
    const again = await client.appendToStream(stream, events, { streamState: NO_STREAM })
    expect(again).toMatchObject({ success: true, nextExpectedRevision: 2n })
    expect(again.position).toBeUndefined()
  })

  it('a repeat does not bring a soft-deleted stream back', async () => {
    const stream = streamName()
    const events = numbered(2)
    await client.appendToStream(stream, events, { streamState: NO_STREAM })
    await client.deleteStream(stream)
    expect(await client.appendToStream(stream, events, { streamState: NO_STREAM })).toMatchObject({ nextExpectedRevision: 1n })
    expect(await numbersIn(client, stream)).toEqual([])
  })
})
