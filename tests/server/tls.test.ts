/** Over TLS the server knows its users, and access lists hold. */

import {
  AccessDeniedError, type Credentials, jsonEvent, KurrentDBClient, type StreamSubscription,
} from '@kurrent/kurrentdb-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Authority, type KeyPair, serving } from './support/certificates'
import { RunningServer } from './support/server'

const authority = new Authority()
const node = authority.sign('node')
const happened = () => jsonEvent({ type: 'happened', data: {} })
const ops: Credentials = { username: 'ops', password: 'changeit' }

let server: RunningServer
const clients = new Set<KurrentDBClient>()

interface Who {
  readonly user?: string
  readonly certificate?: KeyPair
  readonly authority?: Authority
}

function connect({ user = 'admin:changeit', certificate, authority: trusted = authority }: Who = {}): KurrentDBClient {
  const files = certificate ? `&userCertFile=${certificate.certificate}&userKeyFile=${certificate.privateKey}` : ''
  const login = user === '' ? '' : `${user}@`
  const uri = `kurrentdb://${login}127.0.0.1:${server.port}?tls=true&tlsCAFile=${trusted.certificate}${files}`
  const client = KurrentDBClient.connectionString(uri)
  clients.add(client)
  return client
}

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.dispose()))
  clients.clear()
})

async function typesIn(client: KurrentDBClient, stream: string, credentials?: Credentials): Promise<string[]> {
  const types: string[] = []
  for await (const { event } of client.readStream(stream, { credentials })) types.push(event!.type)
  return types
}

/** Resolves with the error that ends the subscription. */
const failure = (subscription: StreamSubscription) =>
  new Promise<Error>((resolve) => void subscription.on('data', () => undefined).on('error', resolve))

/** How a promise ended, in a word. */
const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'yes',
    // The official client knows no class for what the second protocol denies.
    (error: unknown) => (error instanceof AccessDeniedError || /PERMISSION_DENIED/.test(String(error)) ? 'no' : String(error)),
  )

describe('a server with a certificate', () => {
  beforeAll(async () => void (server = await RunningServer.start(serving(node))))
  afterAll(async () => {
    const { code, tookMs, stderr } = await server.stop()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(tookMs).toBeLessThan(1000)
  })

  it('says so in its first line', () => {
    expect(server.uri).toMatch(/^kurrentdb:\/\/127\.0\.0\.1:\d+\?tls=true$/)
  })

  it('serves the official client', async () => {
    const client = connect()
    await client.appendToStream('served', [happened(), happened()])
    expect(await typesIn(client, 'served')).toEqual(['happened', 'happened'])
    const subscription = client.subscribeToStream('served')
    const revisions: bigint[] = []
    for await (const { event } of subscription) if (revisions.push(event!.revision) === 2) break
    expect(revisions).toEqual([0n, 1n])
  })

  it.each([
    ['a wrong password', 'admin:wrong'],
    ['an unknown user', 'nobody:changeit'],
    ['nobody', ''],
  ])('%s is refused everywhere', async (_what, user) => {
    await connect().appendToStream('guarded', happened())
    const client = connect({ user })
    const outcomes = {
      append: await outcome(client.appendToStream('guarded', happened())),
      read: await outcome(typesIn(client, 'guarded')),
      delete: await outcome(client.deleteStream('guarded')),
      tombstone: await outcome(client.tombstoneStream('guarded')),
      multi: await outcome(client.multiStreamAppend([{ streamName: 'guarded', expectedState: 'any', events: [happened()] }])),
      subscribe: await outcome(failure(client.subscribeToStream('guarded')).then((error) => Promise.reject(error))),
    }
    expect(outcomes).toEqual({ append: 'no', read: 'no', delete: 'no', tombstone: 'no', multi: 'no', subscribe: 'no' })
    expect(await typesIn(connect(), 'guarded')).not.toEqual([])
  })

  it('access lists hold for ops, for each action of its own', async () => {
    const client = connect()
    const stream = 'listed'
    await client.appendToStream(stream, happened())
    await client.setStreamMetadata(stream, { acl: { readRoles: ['$admins'], writeRoles: ['$ops'], deleteRoles: ['$admins'] } })
    expect(await outcome(typesIn(client, stream, ops))).toBe('no')
    expect(await outcome(client.appendToStream(stream, happened(), { credentials: ops }))).toBe('yes')
    expect(await outcome(client.deleteStream(stream, { credentials: ops }))).toBe('no')
    expect(await typesIn(client, stream)).toHaveLength(2)
  })

  it('ops may not read what is the system\'s own, admin may', async () => {
    const client = connect()
    expect(await outcome(typesIn(client, '$users', ops))).toBe('no')
    expect(await typesIn(client, '$users')).not.toEqual([])
  })

  it('a live subscription ends when its reader loses the right to read', async () => {
    const client = connect()
    const stream = 'lost'
    await client.appendToStream(stream, happened())
    const subscription = client.subscribeToStream(stream, { credentials: ops })
    const caughtUp = new Promise<void>((resolve) => void subscription.on('caughtUp', () => resolve()))
    const failed = failure(subscription)
    await caughtUp
    await client.setStreamMetadata(stream, { acl: { readRoles: ['$admins'] } })
    await client.appendToStream(stream, happened())
    expect(await failed).toBeInstanceOf(AccessDeniedError)
  })

  it('a client that trusts another authority does not connect', async () => {
    const client = connect({ authority: new Authority('somebody else') })
    await expect(client.appendToStream('trusted', happened())).rejects.toThrow(/UNAVAILABLE/)
  })
})

describe('a server that knows who signs client certificates', () => {
  beforeAll(async () => void (server = await RunningServer.start([...serving(node), '--trusted-roots', authority.certificate])))
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0 }))

  it('lets in who shows one of theirs, and who shows none', async () => {
    for (const client of [connect({ certificate: authority.sign('admin') }), connect()]) {
      expect(await client.appendToStream('shown', happened())).toMatchObject({ success: true })
    }
    expect(await typesIn(connect(), 'shown')).toHaveLength(2)
  })

  it('refuses who shows one of another authority', async () => {
    const client = connect({ certificate: new Authority('somebody else').sign('admin') })
    await expect(client.appendToStream('refused', happened())).rejects.toThrow(/UNAVAILABLE/)
    await expect(typesIn(connect(), 'refused')).rejects.toThrow()
  })

  it('a certificate alone makes nobody admin', async () => {
    const client = connect({ user: '', certificate: authority.sign('admin') })
    expect(await outcome(client.appendToStream('shown', happened()))).toBe('no')
  })
})
