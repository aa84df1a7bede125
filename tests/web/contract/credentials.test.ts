import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { describe, expect, vi } from 'vitest'
import type { Credentials, KurrentDBClient, StreamACL } from '../../../web/src/client/index'
import { api, connect, isOfficial, itInProcess, itSecured, streamName } from './clients'
import { collect, failureOf, happened, turns, watch } from './support'

const { AccessDeniedError, binaryEvent, UnknownError } = api
const client = connect()

const admin: Credentials = { username: 'admin', password: 'changeit' }
const ops: Credentials = { username: 'ops', password: 'changeit' }
const strangers: [string, Credentials][] = [
  ['a wrong password', { username: 'admin', password: 'wrong' }],
  ['a password in other letters', { username: 'admin', password: 'CHANGEIT' }],
  ['an unknown user', { username: 'nobody', password: 'changeit' }],
  ['a user in other letters', { username: 'Admin', password: 'changeit' }],
  ['an empty user', { username: '', password: '' }],
  ['a bearer token', { bearerToken: 'token' }],
]

/** Everything that a client can do to a stream, with the credentials given per call. */
const operations: Record<string, (by: KurrentDBClient, stream: string, credentials?: Credentials) => Promise<unknown>> = {
  appendToStream: (by, stream, credentials) => by.appendToStream(stream, happened(), { credentials }),
  readStream: (by, stream, credentials) => collect(by.readStream(stream, { credentials })),
  readAll: (by, _stream, credentials) => collect(by.readAll({ credentials, maxCount: 1 })),
  getStreamMetadata: (by, stream, credentials) => by.getStreamMetadata(stream, { credentials }),
  setStreamMetadata: (by, stream, credentials) => by.setStreamMetadata(stream, {}, { credentials }),
  subscribeToStream: (by, stream, credentials) => confirmed(by.subscribeToStream(stream, { credentials })),
  subscribeToAll: (by, _stream, credentials) => confirmed(by.subscribeToAll({ credentials })),
  deleteStream: (by, stream, credentials) => by.deleteStream(stream, { credentials }),
  tombstoneStream: (by, stream, credentials) => by.tombstoneStream(stream, { credentials }),
}

async function confirmed(subscription: Parameters<typeof watch>[0]): Promise<void> {
  const watched = watch(subscription)
  await watched.until(() => watched.log.length > 0)
  if (watched.error) throw watched.error
}

async function existing(): Promise<string> {
  const stream = streamName()
  await client.appendToStream(stream, happened())
  return stream
}

describe('who is who (streams 3.13, node 3)', () => {
  describe.each(strangers)('%s is refused', (_what, credentials) => {
    for (const [name, operation] of Object.entries(operations)) {
      itSecured(name, async () => {
        const error = await failureOf(operation(client, await existing(), credentials))
        expect(error).toBeInstanceOf(AccessDeniedError)
        expect(error).toMatchObject({ type: 'access-denied' })
      })
    }
  })

  for (const [name, operation] of Object.entries(operations)) {
    itSecured(`${name}: admin may, with credentials per call, of the connection string and from a provider`, async () => {
      await operation(client, await existing(), admin)
      await operation(connect({ username: 'admin', password: 'changeit' }), await existing())
      const provided = connect()
      provided.setCredentialsProvider(() => admin)
      await operation(provided, await existing())
    })

    itSecured(`${name}: the wrong password of a connection string is refused`, async () => {
      const error = await failureOf(operation(connect({ username: 'admin', password: 'wrong' }), await existing()))
      expect(error).toBeInstanceOf(AccessDeniedError)
    })
  }

  itSecured('appends to several streams know users too', async () => {
    const wrong = connect({ username: 'admin', password: 'wrong' })
    const stream = streamName()
    const records = [{ streamName: stream, record: happened() }]
    const requests = [{ streamName: stream, events: [happened()], expectedState: api.ANY as typeof api.ANY }]
    expect(await failureOf(wrong.appendRecords(records))).toBeInstanceOf(AccessDeniedError)
    expect(await failureOf(wrong.multiStreamAppend(requests))).toBeInstanceOf(AccessDeniedError)
    const right = connect({ username: 'ops', password: 'changeit' })
    await right.appendRecords(records)
    await client.setStreamMetadata(stream, { acl: { writeRoles: ['$admins'] } })
    // The official client does not know the details of this refusal (streams 2.5).
    for (const refused of [
      () => right.appendRecords([{ streamName: stream, record: happened() }]),
      () => right.multiStreamAppend(requests),
    ]) {
      const error = await failureOf(refused())
      expect(error).toBeInstanceOf(UnknownError)
      expect(error).toMatchObject({ code: 7 })
    }
  })

  itSecured('users and passwords of any kind in connection strings are decoded', async () => {
    const error = await failureOf(connect({ username: 'us%40er', password: 'p%3Aw%20ä' }).readStream(streamName()).next())
    expect(error).toBeInstanceOf(AccessDeniedError)
  })
})

describe('users are what the streams of the database say (admin 3)', () => {
  /** The data of an account's event, as a server keeps it. */
  const account = (login: string, password: string, more: object = {}) => {
    const salt = randomBytes(16)
    const hash = pbkdf2Sync(password, salt, 1000, 20, 'sha1').toString('base64')
    return { loginName: login, fullName: '', groups: ['readers'], hash, salt: salt.toString('base64'), ...more }
  }
  const write = (login: string, data: object) =>
    client.appendToStream(`$user-${login}`, api.jsonEvent({ type: '$UserUpdated', data: data as Record<string, string> }))

  itSecured('an account counts from the moment it is written, and so does each change', async () => {
    const login = `anna-${streamName()}`
    const [first, second] = [{ username: login, password: 'first' }, { username: login, password: 'second' }] as const
    const stream = await existing()
    await client.setStreamMetadata(stream, { acl: { readRoles: ['readers'] } })
    const outcome = (credentials: Credentials) =>
      collect(client.readStream(stream, { credentials })).then(
        () => 'yes',
        (error: unknown) => (error instanceof AccessDeniedError ? 'no' : String(error)),
      )
    expect(await outcome(first)).toBe('no')
    await write(login, account(login, 'first'))
    expect([await outcome(first), await outcome(second)]).toEqual(['yes', 'no'])
    await write(login, account(login, 'second'))
    expect([await outcome(first), await outcome(second)]).toEqual(['no', 'yes'])
    await write(login, account(login, 'second', { groups: [] }))
    expect(await outcome(second)).toBe('no')
    await client.setStreamMetadata(stream, { acl: { readRoles: [login] } })
    expect(await outcome(second)).toBe('yes')
    await write(login, account(login, 'second', { disabled: true }))
    expect(await outcome(second)).toBe('no')
    await write(login, account(login, 'first'))
    expect(await outcome(first)).toBe('yes')
    await client.deleteStream(`$user-${login}`)
    expect(await outcome(first)).toBe('no')
  })
})

describe('which credentials count: of the call, else of the provider, else of the connection string (node 3)', () => {
  const wrong: Credentials = { username: 'admin', password: 'wrong' }
  const readBy = (by: KurrentDBClient, credentials?: Credentials) => collect(by.readAll({ maxCount: 1, credentials }))

  itSecured('the call before the provider', async () => {
    const provided = connect()
    const provider = vi.fn(() => wrong)
    provided.setCredentialsProvider(provider)
    await readBy(provided, admin)
    expect(await failureOf(readBy(provided))).toBeInstanceOf(AccessDeniedError)
  })

  itSecured('the provider before the connection string', async () => {
    const provided = connect({ username: 'admin', password: 'wrong' })
    expect(await failureOf(readBy(provided))).toBeInstanceOf(AccessDeniedError)
    provided.setCredentialsProvider(() => admin)
    await readBy(provided)
    provided.setCredentialsProvider(undefined)
    expect(provided.credentialsProvider).toBeUndefined()
    expect(await failureOf(readBy(provided))).toBeInstanceOf(AccessDeniedError)
  })

  itSecured('the call before the connection string', async () => {
    await readBy(connect({ username: 'admin', password: 'wrong' }), admin)
    expect(await failureOf(readBy(connect({ username: 'admin', password: 'changeit' }), wrong))).toBeInstanceOf(AccessDeniedError)
  })

  itSecured('the provider is asked before every operation, and may take its time', async () => {
    const provided = connect()
    const provider = vi.fn(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return admin
    })
    provided.setCredentialsProvider(provider)
    expect(provided.credentialsProvider).toBe(provider)
    const stream = await existing()
    const order = ['appendToStream', 'readStream', 'readAll', 'getStreamMetadata', 'subscribeToStream', 'deleteStream']
    for (const [index, name] of order.entries()) {
      await operations[name]!(provided, stream)
      expect(provider, name).toHaveBeenCalledTimes(index + 1)
    }
  })

  itInProcess('the provider is asked once for a read of many pages', async () => {
    const provided = connect()
    const provider = vi.fn(() => admin)
    provided.setCredentialsProvider(provider)
    const stream = streamName()
    await client.appendToStream(stream, Array.from({ length: 2500 }, (_, n) => happened(n)))
    expect(await collect(provided.readStream(stream))).toHaveLength(2500)
    expect(provider).toHaveBeenCalledTimes(1)
  })

  itInProcess('a subscription may be ended while its provider takes its time', async () => {
    const provided = connect()
    let answer!: (credentials: Credentials) => void
    provided.setCredentialsProvider(() => new Promise((resolve) => (answer = resolve)))
    const stream = await existing()
    const [unsubscribed, disposed] = [watch(provided.subscribeToStream(stream)), watch(provided.subscribeToAll())]
    await unsubscribed.subscription.unsubscribe()
    await provided.dispose()
    await Promise.all([unsubscribed.emitted('close'), disposed.emitted('close')])
    answer(admin)
    await turns()
    expect(unsubscribed.log).toEqual(['end', 'close'])
    expect(disposed.log).toEqual(['end', 'close'])
  })

  const words = new Error('words')
  for (const [name, operation] of Object.entries(operations)) {
    itSecured(`${name}: a provider that fails fails it, and nothing is done`, async () => {
      for (const provider of [() => Promise.reject(words), () => {
        throw words
      }]) {
        const provided = connect()
        provided.setCredentialsProvider(provider)
        const stream = await existing()
        const error = await failureOf(operation(provided, stream))
        // The official client wraps it wherever gRPC for JavaScript does.
        if (isOfficial) expect(error.message).toMatch(/words/)
        else expect(error).toBe(words)
        expect(await collect(client.readStream(stream))).toHaveLength(1)
      }
    })
  }
})

describe('access lists (streams 3.13)', () => {
  const allowed = async (operation: Promise<unknown>) => {
    const error = await operation.then(() => undefined, (thrown: unknown) => thrown)
    if (error !== undefined) expect(error).toBeInstanceOf(AccessDeniedError)
    return error === undefined
  }

  /** What `ops` may do to a stream with this list. */
  async function rightsOfOps(acl: StreamACL) {
    const stream = await existing()
    await client.setStreamMetadata(stream, { acl })
    return {
      read: await allowed(operations.readStream!(client, stream, ops)),
      subscribe: await allowed(operations.subscribeToStream!(client, stream, ops)),
      write: await allowed(operations.appendToStream!(client, stream, ops)),
      metaRead: await allowed(operations.getStreamMetadata!(client, stream, ops)),
      metaWrite: await allowed(client.setStreamMetadata(stream, { acl }, { credentials: ops })),
      delete: await allowed(operations.deleteStream!(client, stream, ops)),
    }
  }
  const everything = { read: true, subscribe: true, write: true, metaRead: true, metaWrite: true, delete: true }

  itSecured('each list is for its own operations', async () => {
    expect(await rightsOfOps({ readRoles: ['$admins'] } as StreamACL)).toEqual({ ...everything, read: false, subscribe: false })
    expect(await rightsOfOps({ writeRoles: ['$admins'] } as StreamACL)).toEqual({ ...everything, write: false })
    expect(await rightsOfOps({ deleteRoles: ['$admins'] } as StreamACL)).toEqual({ ...everything, delete: false })
    expect(await rightsOfOps({ metaReadRoles: ['$admins'] } as StreamACL)).toEqual({ ...everything, metaRead: false })
    expect(await rightsOfOps({ metaWriteRoles: ['$admins'] } as StreamACL)).toEqual({ ...everything, metaWrite: false })
  })

  const lists: [string, string | string[], boolean][] = [
    ['everybody', '$all', true],
    ['everybody, in a list', ['$all'], true],
    ['the user', ['somebody', 'ops'], true],
    ['a group of the user', '$ops', true],
    ['other users', ['somebody'], false],
    ['another group', '$admins', false],
    ['nobody', [], false],
  ]
  for (const [what, roles, may] of lists) {
    itSecured(`a list of ${what}`, async () => {
      expect(await rightsOfOps({ readRoles: roles } as StreamACL)).toMatchObject({ read: may, subscribe: may })
      expect(await rightsOfOps({ writeRoles: roles } as StreamACL)).toMatchObject({ write: may })
    })
  }

  itSecured('admin may everything, whatever the lists say', async () => {
    const stream = await existing()
    await client.setStreamMetadata(stream, { acl: { readRoles: [], writeRoles: [], deleteRoles: [], metaReadRoles: [], metaWriteRoles: [] } })
    for (const [name, operation] of Object.entries(operations)) {
      if (name !== 'tombstoneStream' && name !== 'setStreamMetadata') await operation(client, stream, admin)
    }
  })

  itSecured('refused writes change nothing', async () => {
    const stream = await existing()
    await client.setStreamMetadata(stream, { acl: { writeRoles: ['$admins'], deleteRoles: ['$admins'], metaWriteRoles: ['$admins'] } })
    for (const name of ['appendToStream', 'setStreamMetadata', 'deleteStream', 'tombstoneStream']) {
      expect(await failureOf(operations[name]!(client, stream, ops)), name).toBeInstanceOf(AccessDeniedError)
    }
    expect(await collect(client.readStream(stream))).toHaveLength(1)
    expect((await client.getStreamMetadata(stream)).metadata).toHaveProperty('acl.writeRoles')
  })

  itSecured('system streams and $all are for admins unless their lists say otherwise', async () => {
    const system = `$${streamName('system')}`
    await client.appendToStream(system, happened())
    for (const name of ['readStream', 'appendToStream', 'subscribeToStream', 'setStreamMetadata', 'deleteStream']) {
      expect(await failureOf(operations[name]!(client, system, ops)), name).toBeInstanceOf(AccessDeniedError)
    }
    expect(await failureOf(operations.readAll!(client, system, ops))).toBeInstanceOf(AccessDeniedError)
    await client.setStreamMetadata(system, { acl: { readRoles: ['ops'] } })
    await operations.readStream!(client, system, ops)
    expect(await failureOf(operations.appendToStream!(client, system, ops))).toBeInstanceOf(AccessDeniedError)
  })

  itSecured('the target of a link is not checked', async () => {
    const [secret, links] = [await existing(), streamName('links')]
    await client.setStreamMetadata(secret, { acl: { readRoles: ['$admins'] } })
    await client.appendToStream(links, binaryEvent({ type: '$>', data: Buffer.from(`0@${secret}`) }))
    const [resolved] = await collect(client.readStream(links, { resolveLinkTos: true, credentials: ops }))
    expect(resolved!.event!.streamId).toBe(secret)
  })

  itInProcess('$settings has the lists of streams that have none, at once', async () => {
    // In a database of its own: it changes everything there.
    const other = api.KurrentDBClient.connectionString(`kurrentdb://${streamName()}`)
    const stream = streamName()
    await other.appendToStream(stream, happened())
    await operations.readStream!(other, stream, ops)
    await other.appendToStream(api.SETTINGS_STREAM, api.jsonEvent({
      type: 'update-default-acl',
      data: { [api.USER_STREAM_ACL]: { $r: '$admins', $w: '$all', $d: [], $mr: [], $mw: [] }, [api.SYSTEM_STREAM_ACL]: { $r: '$ops' } },
    }))
    expect(await failureOf(operations.readStream!(other, stream, ops))).toBeInstanceOf(AccessDeniedError)
    await operations.appendToStream!(other, stream, ops)
    expect(await failureOf(operations.deleteStream!(other, stream, ops))).toBeInstanceOf(AccessDeniedError)
    await operations.readAll!(other, stream, ops)
    await other.dispose()
  })

  itInProcess('without any credentials everything is allowed', async () => {
    const stream = await existing()
    await client.setStreamMetadata(stream, { acl: { readRoles: [], writeRoles: [], deleteRoles: [] } })
    await client.appendToStream(stream, happened())
    expect(await collect(client.readStream(stream))).toHaveLength(2)
    await client.deleteStream(stream)
  })

  itInProcess('$all cannot be written or deleted, by nobody', async () => {
    for (const credentials of [undefined, admin]) {
      for (const name of ['appendToStream', 'deleteStream', 'tombstoneStream']) {
        expect(await failureOf(operations[name]!(client, '$all', credentials)), name).toBeInstanceOf(AccessDeniedError)
      }
    }
  })
})
