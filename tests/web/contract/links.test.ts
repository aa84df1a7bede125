import { describe, expect, it } from 'vitest'
import type { ResolvedEvent } from '../../../web/src/client/index'
import { api, connect, streamName } from './clients'
import { collect, happened, numbered, watch } from './support'

const { BACKWARDS, binaryEvent, END } = api
const client = connect()

const linkTo = (target: string) => binaryEvent({ type: '$>', data: Buffer.from(target) })

/** Ways to read the events of a stream with links resolved; all must agree. */
const readers = {
  'a read': (stream: string) => collect(client.readStream(stream, { resolveLinkTos: true })),
  'a read backwards': async (stream: string) => {
    const options = { resolveLinkTos: true, direction: BACKWARDS, fromRevision: END } as const
    return (await collect(client.readStream(stream, options))).reverse()
  },
  'a read of $all': async (stream: string) => {
    const [first] = await collect(client.readStream(stream, { maxCount: 1 }))
    const all = await collect(client.readAll({ resolveLinkTos: true, fromPosition: first!.event!.position }))
    return all.filter(({ event, link }) => (link ?? event)!.streamId === stream) as ResolvedEvent[]
  },
  'a subscription': async (stream: string) => {
    const count = (await collect(client.readStream(stream))).length
    return watch(client.subscribeToStream(stream, { resolveLinkTos: true })).received(count)
  },
  'a subscription to $all': async (stream: string) => {
    const links = await collect(client.readStream(stream))
    const subscription = client.subscribeToAll({
      resolveLinkTos: true, filter: api.streamNameFilter({ prefixes: [stream] }),
    })
    return watch(subscription).received(links.length)
  },
}

/** What became of the event of a stream: names of streams and revisions of its event and its link. */
const shape = ({ event, link }: ResolvedEvent) => ({
  ...(event && { event: `${event.revision}@${event.streamId}` }),
  ...(link && { link: `${link.revision}@${link.streamId}` }),
})

for (const [reader, read] of Object.entries(readers)) {
  describe(`links in ${reader} (streams 3.8)`, () => {
    it('lead to their target, with the position of the link', async () => {
      const [stream, target] = [streamName('links'), streamName('a@b')]
      await client.appendToStream(target, numbered(3))
      await client.appendToStream(stream, [linkTo(`1@${target}`), happened()])
      const [resolved, plain] = await read(stream)
      expect(shape(resolved!)).toEqual({ event: `1@${target}`, link: `0@${stream}` })
      expect(resolved!.event).toMatchObject({ data: { n: 1 }, isJson: true, type: 'happened' })
      expect(resolved!.link).toMatchObject({ type: '$>', isJson: false })
      expect(Buffer.from(resolved!.link!.data as Uint8Array).toString()).toBe(`1@${target}`)
      expect(resolved!.event!.position!.commit < resolved!.link!.position!.commit).toBe(true)
      expect(resolved!.commitPosition).toBe(resolved!.link!.position!.commit)
      expect(shape(plain!)).toEqual({ event: `1@${stream}` })
    })

    it('to what is gone or hidden have no event', async () => {
      const stream = streamName('links')
      const [missing, truncated, deleted, tombstoned] = ['missing', 'truncated', 'deleted', 'tombstoned'].map(streamName)
      for (const target of [truncated!, deleted!, tombstoned!]) await client.appendToStream(target, numbered(2))
      await client.setStreamMetadata(truncated!, { truncateBefore: 1 })
      await client.deleteStream(deleted!)
      await client.tombstoneStream(tombstoned!)
      const targets = [`0@${missing}`, `0@${truncated}`, `5@${truncated}`, `0@${deleted}`, `0@${tombstoned}`]
      await client.appendToStream(stream, targets.map(linkTo))
      const events = await read(stream)
      expect(events.map(shape)).toEqual(targets.map((_target, n) => ({ link: `${n}@${stream}` })))
      for (const event of events) expect(event.commitPosition).toBe(event.link!.position!.commit)
    })

    it('are followed once', async () => {
      const [stream, between, target] = [streamName('links'), streamName('between'), streamName()]
      await client.appendToStream(target, happened())
      await client.appendToStream(between, linkTo(`0@${target}`))
      await client.appendToStream(stream, linkTo(`0@${between}`))
      const [resolved] = await read(stream)
      expect(shape(resolved!)).toEqual({ event: `0@${between}`, link: `0@${stream}` })
      expect(resolved!.event!.type).toBe('$>')
    })

    it('to revision -1 lead to the last event', async () => {
      const [stream, target] = [streamName('links'), streamName()]
      await client.appendToStream(target, numbered(3))
      await client.appendToStream(stream, linkTo(`-1@${target}`))
      expect(shape((await read(stream))[0]!)).toEqual({ event: `2@${target}`, link: `0@${stream}` })
    })

    it('without an at sign lead nowhere', async () => {
      const stream = streamName('links')
      await client.appendToStream(stream, linkTo('nonsense'))
      expect(shape((await read(stream))[0]!)).toEqual({ link: `0@${stream}` })
    })
  })
}

describe('links that are not resolved (streams 3.8)', () => {
  it('are events of their own', async () => {
    const [stream, target] = [streamName('links'), streamName()]
    await client.appendToStream(target, happened())
    await client.appendToStream(stream, linkTo(`0@${target}`))
    const [read] = await collect(client.readStream(stream))
    expect(shape(read!)).toEqual({ event: `0@${stream}` })
    expect(read!.event).toMatchObject({ type: '$>', data: Buffer.from(`0@${target}`), isJson: false })
    const [subscribed] = await watch(client.subscribeToStream(stream)).received(1)
    expect(shape(subscribed!)).toEqual({ event: `0@${stream}` })
  })

  it('an unreadable revision: a read shows the link as an event', async () => {
    const stream = streamName('links')
    await client.appendToStream(stream, linkTo(`x@${stream}`))
    const [read] = await collect(client.readStream(stream, { resolveLinkTos: true }))
    expect(shape(read!)).toEqual({ event: `0@${stream}` })
  })

  it('an unreadable revision: a live subscription shows a link without an event', async () => {
    const stream = streamName('links')
    const live = watch(client.subscribeToStream(stream, { resolveLinkTos: true }))
    await live.emitted('caughtUp')
    await client.appendToStream(stream, linkTo(`x@${stream}`))
    const [subscribed] = await live.received(1)
    expect(shape(subscribed!)).toEqual({ link: `0@${stream}` })
  })
})

describe('many links (streams 3.7, 3.8)', () => {
  it('are read over pages in both directions, and count as one event each', async () => {
    const [stream, target] = [streamName('links'), streamName()]
    await client.appendToStream(target, numbered(1500))
    await client.appendToStream(stream, Array.from({ length: 1500 }, (_, n) => linkTo(`${1499 - n}@${target}`)))
    const targets = (events: ResolvedEvent[]) => events.map(({ event }) => (event!.data as { n: number }).n)
    const down = Array.from({ length: 1500 }, (_, n) => 1499 - n)
    expect(targets(await collect(client.readStream(stream, { resolveLinkTos: true })))).toEqual(down)
    expect(targets(await collect(client.readStream(stream, { resolveLinkTos: true, maxCount: 1200 })))).toEqual(down.slice(0, 1200))
    const backwards = client.readStream(stream, { resolveLinkTos: true, direction: BACKWARDS, fromRevision: END, maxCount: 1200 })
    expect(targets(await collect(backwards))).toEqual(down.toReversed().slice(0, 1200))
    const followed = await watch(client.subscribeToStream(stream, { resolveLinkTos: true })).received(1500)
    expect(targets(followed)).toEqual(down)
  })
})

describe('links are resolved when they are read (streams 3.8)', () => {
  it('with JSON content too, and by what the target is then', async () => {
    const [stream, target] = [streamName('links'), streamName()]
    await client.appendToStream(stream, [
      linkTo(`0@${target}`),
      { ...api.jsonEvent({ type: '$>', data: {} }), data: `0@${target}` } as never,
    ])
    const read = () => collect(client.readStream(stream, { resolveLinkTos: true }))
    expect((await read()).map(({ event }) => event)[0]).toBeUndefined()
    await client.appendToStream(target, happened(5))
    expect(shape((await read())[0]!)).toEqual({ event: `0@${target}`, link: `0@${stream}` })
  })
})
