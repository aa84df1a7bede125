/** What the operator of a node asks of it: scavenges, the end. */

import { status } from '@grpc/grpc-js'
import { AccessDeniedError, END, jsonEvent, KurrentDBClient, START } from '@kurrent/kurrentdb-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Authority, serving } from './support/certificates'
import { RunningServer } from './support/server'
import { type Answer, field, message, NOTHING, operations, paths, RawClient, textAt } from './support/wire'

const text = (size: number) => jsonEvent({ type: 'happened', data: { text: 'x'.repeat(size) } })
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let server: RunningServer
const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

function connect(uri = server.uri): KurrentDBClient {
  const client = KurrentDBClient.connectionString(uri)
  closers.push(() => client.dispose())
  return client
}

function connectRaw(...args: ConstructorParameters<typeof RawClient>): RawClient {
  const raw = new RawClient(...args)
  closers.push(() => raw.close())
  return raw
}

async function scavenge(raw = connectRaw(server.port)): Promise<string> {
  const { code, messages } = await raw.call(operations.startScavenge, field(1, field(1, 1)))
  expect(code).toBe(status.OK)
  return textAt(messages[0]!, 1)
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const each of items) taken.push(each)
  return taken
}

const revisionsOf = async (client: KurrentDBClient, stream: string): Promise<bigint[]> =>
  (await all(client.readStream(stream))).map(({ event }) => event!.revision)

describe('a scavenge', () => {
  beforeAll(async () => void (server = await RunningServer.start()))
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0, stderr: '' }))

  it('gives memory back and leaves what can be read, where it is', async () => {
    const client = connect()
    const kept = await client.appendToStream('kept', [text(10), text(20)])
    for (let batch = 0; batch < 40; ++batch) await client.appendToStream('large', Array.from({ length: 100 }, () => text(10_000)))
    await client.setStreamMetadata('large', { maxCount: 3 })
    const before = server.residentBytes
    await scavenge()
    expect(before - server.residentBytes).toBeGreaterThan(35e6)

    expect(await revisionsOf(client, 'large')).toEqual([3997n, 3998n, 3999n])
    expect(await revisionsOf(client, 'kept')).toEqual([0n, 1n])
    const [last] = await all(client.readStream('kept', { direction: 'backwards', fromRevision: END, maxCount: 1 }))
    expect(last!.event!.position).toEqual(kept.position)
    expect(last!.event!.data).toEqual({ text: 'x'.repeat(20) })
    // Metadata that hide nothing bring nothing back, and revisions go on.
    await client.setStreamMetadata('large', {})
    expect(await revisionsOf(client, 'large')).toEqual([3997n, 3998n, 3999n])
    const { nextExpectedRevision } = await client.appendToStream('large', text(1), { streamState: 3999n })
    expect(nextExpectedRevision).toBe(4000n)
  })

  it('is not noticed by live subscriptions; those that begin later do not see what is gone', async () => {
    const client = connect()
    const seenBy = (subscription: AsyncIterable<{ event?: { streamId: string; revision: bigint } }>, until: bigint) =>
      (async () => {
        const seen: bigint[] = []
        for await (const { event } of subscription) {
          if (event?.streamId !== 'followed') continue
          seen.push(event.revision)
          if (event.revision === until) return seen
        }
        return seen
      })()
    await client.appendToStream('followed', [text(1), text(2), text(3)])
    const subscription = client.subscribeToAll({ fromPosition: END })
    const live = seenBy(subscription, 3n)
    await new Promise<void>((resolve) => void subscription.once('caughtUp', () => resolve()))
    await client.setStreamMetadata('followed', { truncateBefore: 2 })
    await scavenge()
    await client.appendToStream('followed', text(4))
    expect(await live).toEqual([3n])
    expect(await seenBy(client.subscribeToAll({ fromPosition: START }), 3n)).toEqual([2n, 3n])
    expect(await seenBy(client.subscribeToStream('followed'), 3n)).toEqual([2n, 3n])
  })

  it('is told in $scavenges, as KurrentDB tells it', async () => {
    const client = connect()
    await client.appendToStream('told', [text(1), text(2)])
    await client.setStreamMetadata('told', { maxCount: 1 })
    const id = await scavenge()
    expect(id).toMatch(UUID)

    const events = (await all(client.readStream(`$scavenges-${id}`))).map(({ event }) => event!)
    expect(events.map(({ type }) => type)).toEqual(['$scavengeStarted', '$scavengeChunksCompleted', '$scavengeCompleted'])
    const [started, chunks, completed] = events.map(({ data }) => data as Record<string, unknown>)
    const nodeEndpoint = `127.0.0.1:${server.port}`
    const timeTaken = expect.stringMatching(/^00:00:\d\d\.\d{7}$/) as unknown
    expect(started).toEqual({ scavengeId: id, nodeEndpoint })
    expect(chunks).toMatchObject({ scavengeId: id, chunkStartNumber: 0, chunkEndNumber: 0, wasScavenged: true, errorMessage: '', timeTaken })
    expect(completed).toEqual({
      scavengeId: id, nodeEndpoint, result: 'Success', error: null, timeTaken, spaceSaved: chunks!.spaceSaved, maxChunkScavenged: 0,
    })

    const links = await all(client.readStream('$scavenges', { resolveLinkTos: true }))
    expect(links.slice(-2).map(({ event }) => event!.id)).toEqual([started, completed].map((_, i) => events[2 * i]!.id))
    expect(links.slice(-2).map(({ link }) => Buffer.from(link!.data as Uint8Array).toString())).toEqual([`0@$scavenges-${id}`, `2@$scavenges-${id}`])
    const [point] = await all(client.readStream('$scavengePoints', { direction: 'backwards', fromRevision: END, maxCount: 1 }))
    expect(point!.event).toMatchObject({ type: '$scavengePoint', data: {} })
    for (const stream of ['$scavenges', `$scavenges-${id}`]) {
      const { metadata } = await client.getStreamMetadata(stream)
      expect(metadata).toMatchObject({ maxAge: 2_592_000, acl: { readRoles: '$ops' } })
    }

    const types = (await all(client.readAll({ fromPosition: events[0]!.position! }))).map(({ event }) => event!.type)
    expect(types).toEqual(['$scavengeStarted', '$>', '$scavengePoint', '$scavengeChunksCompleted', '$scavengeCompleted', '$>'])
  })

  it('that finds nothing tells of no chunk', async () => {
    await scavenge()
    const id = await scavenge()
    const events = (await all(connect().readStream(`$scavenges-${id}`))).map(({ event }) => event!.type)
    expect(events).toEqual(['$scavengeStarted', '$scavengeCompleted'])
  })

  it.each(['current', '7d3f1c52-0a54-4c1e-9d2a-6b8c8f2f9e01', ''])('%j cannot be stopped: none is under way', async (id) => {
    const answer = await connectRaw(server.port).call(operations.stopScavenge, field(1, field(1, id)))
    expect(answer).toMatchObject({ code: status.NOT_FOUND, details: 'Scavenge id was invalid.' })
    expect(answer.trailers).toMatchObject({ 'exception': 'scavenge-not-found', 'scavenge-id': '' })
  })
})

const accepted = ['mergeIndexes', 'resignNode', 'setNodePriority', 'restartPersistentSubscriptions'] as const

describe('what there is nothing to do for', () => {
  beforeAll(async () => void (server = await RunningServer.start()))
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0 }))

  it.each(accepted)('%s is accepted', async (method) => {
    const { code, messages } = await connectRaw(server.port).call(operations[method], method === 'setNodePriority' ? field(1, 7) : NOTHING)
    expect({ code, messages }).toEqual({ code: status.OK, messages: [NOTHING] })
  })

  it('is among the methods that the server tells', async () => {
    const { messages } = await connectRaw(server.port).call(paths.features, NOTHING)
    const told = messages[0]!.toString('latin1')
    for (const method of ['startscavenge', 'stopscavenge', 'shutdown', 'stats', ...accepted]) expect(told).toContain(method.toLowerCase())
  })
})

describe('over TLS', () => {
  const authority = new Authority()
  const call = (method: keyof typeof operations, user?: string, ...body: Buffer[]): Promise<Answer> =>
    connectRaw(server.port, { authority: authority.certificate, user }).call(operations[method], message(...body))

  beforeAll(async () => {
    server = await RunningServer.start(serving(authority.sign('node')))
    const client = connect(`kurrentdb://admin:changeit@127.0.0.1:${server.port}?tls=true&tlsCAFile=${authority.certificate}`)
    // A user of no group, who has the password of ops.
    const [ops] = await all(client.readStream('$user-ops'))
    const account = { ...(ops!.event!.data as Record<string, unknown>), loginName: 'jane', fullName: 'Jane', groups: [] }
    await client.appendToStream('$user-jane', jsonEvent({ type: '$UserCreated', data: account }))
  })
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0 }))

  it.each(['startScavenge', 'stopScavenge', 'shutdown', ...accepted] as const)('%s is for operators and administrators', async (method) => {
    for (const user of ['jane:changeit', undefined]) {
      const answer = await call(method, user)
      expect(answer).toMatchObject({ code: status.PERMISSION_DENIED, messages: [] })
      expect(answer.trailers).toMatchObject({ exception: 'access-denied' })
    }
    for (const user of ['ops:wrong', 'nobody:changeit']) expect(await call(method, user)).toMatchObject({ code: status.UNAUTHENTICATED })
    if (method === 'shutdown') return expect(server.isAlive).toBe(true)
    const done = method === 'stopScavenge' ? status.NOT_FOUND : status.OK
    for (const user of ['ops:changeit', 'admin:changeit']) expect(await call(method, user)).toMatchObject({ code: done })
  })

  it('operators may read what scavenges tell', async () => {
    const id = textAt((await call('startScavenge', 'ops:changeit')).messages[0]!, 1)
    const client = connect(`kurrentdb://ops:changeit@127.0.0.1:${server.port}?tls=true&tlsCAFile=${authority.certificate}`)
    expect(await revisionsOf(client, `$scavenges-${id}`)).not.toEqual([])
    await expect(client.appendToStream(`$scavenges-${id}`, text(1))).rejects.toBeInstanceOf(AccessDeniedError)
  })
})

describe('Shutdown', () => {
  it('answers, then ends open calls and the server, with 0', async () => {
    server = await RunningServer.start()
    const client = connect()
    await client.appendToStream('s', text(1))
    const subscriptions = [client.subscribeToStream('s'), client.subscribeToAll(), client.subscribeToStream('none')]
    const heard = (name: 'caughtUp' | 'error') =>
      Promise.all(subscriptions.map((each) => new Promise<void>((resolve) => void each.on(name, () => resolve()))))
    const ended = heard('error')
    for (const each of subscriptions) each.on('data', () => undefined)
    await heard('caughtUp')
    const raw = connectRaw(server.port)
    const stats = raw.open(operations.stats).on('error', () => undefined)
    stats.end(field(4, 60_000))
    await new Promise((resolve) => stats.once('data', resolve))

    const began = performance.now()
    expect(await raw.call(operations.shutdown, NOTHING)).toMatchObject({ code: status.OK, messages: [NOTHING] })
    expect(await server.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(performance.now() - began).toBeLessThan(1000)
    await ended
  })

  it('twice ends it once', async () => {
    server = await RunningServer.start()
    const raw = connectRaw(server.port)
    await Promise.all([1, 2, 3].map(() => raw.call(operations.shutdown, NOTHING)))
    expect(await server.ended).toMatchObject({ code: 0, signal: null })
  })
})
