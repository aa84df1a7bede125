/** Users: by the gRPC service and by `--users-file`; who can log in, what they may do, and how refusals are told. */

import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { AccessDeniedError, jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Authority, serving } from './support/certificates'
import { run, RunningServer } from './support/server'
import {
  type Answer, answerOf, appendEvent, appendOptions, field, fieldsOf, identifier, message, NOTHING, paths, proposed, RawClient, uuid,
} from './support/wire'

const authority = new Authority()
const node = authority.sign('node')
const folder = mkdtempSync(join(tmpdir(), 'kurrentlite-users-'))
const ADMIN = 'admin:changeit'
const OPS = 'ops:changeit'

let server: RunningServer
let logins = 0
/** A login of its own for each test. */
const newLogin = () => `user-${++logins}`
const raws = new Set<RawClient>()
const clients = new Set<KurrentDBClient>()

function as(user?: string, at = server): RawClient {
  const raw = new RawClient(at.port, { user, authority: at.uri.endsWith('true') ? authority.certificate : undefined })
  raws.add(raw)
  return raw
}

function official(user: string): KurrentDBClient {
  const client = KurrentDBClient.connectionString(`kurrentdb://${user}@127.0.0.1:${server.port}?tls=true&tlsCAFile=${authority.certificate}`)
  clients.add(client)
  return client
}

afterEach(async () => {
  for (const raw of raws) raw.close()
  raws.clear()
  await Promise.all([...clients].map((client) => client.dispose()))
  clients.clear()
})

const path = (method: string) => `/event_store.client.users.Users/${method}`
const named = (login: string) => field(1, field(1, login))
interface NewUser {
  readonly password?: string
  readonly fullName?: string
  readonly groups?: readonly string[]
}
const account = (login: string, { password = 'secret', fullName = '', groups = [] }: NewUser = {}) =>
  field(1, message(field(1, login), field(2, password), field(3, fullName), ...groups.map((group) => field(4, group))))
const passwords = (login: string, ...texts: string[]) => field(1, message(field(1, login), ...texts.map((text, i) => field(i + 2, text))))

const manage = (method: string, request: Buffer, user = ADMIN) => as(user).call(path(method), request)

async function done(call: Promise<Answer>): Promise<void> {
  const { code, details } = await call
  expect({ code, details }).toMatchObject({ code: grpc.status.OK })
}

async function created(user: NewUser = {}): Promise<string> {
  const login = newLogin()
  await done(manage('Create', account(login, user)))
  return login
}

interface Details {
  readonly login: string
  readonly fullName: string
  readonly groups: string[]
  readonly disabled: boolean
  readonly updatedTicks: bigint
}

function detailsIn(answer: Answer): Details[] {
  expect(answer).toMatchObject({ code: grpc.status.OK })
  return answer.messages.map((bytes) => {
    const user = fieldsOf(fieldsOf(bytes)[0]![1] as Buffer)
    const texts = (number: number) => user.filter(([each]) => each === number).map(([, text]) => (text as Buffer).toString())
    const updated = user.find(([number]) => number === 4)?.[1] as Buffer
    return {
      login: texts(1)[0] ?? '',
      fullName: texts(2)[0] ?? '',
      groups: texts(3),
      disabled: user.some(([number]) => number === 5),
      updatedTicks: fieldsOf(updated)[0]![1] as bigint,
    }
  })
}
const details = async (login: string, user = ADMIN) => detailsIn(await manage('Details', named(login), user))

/** OK, or the code with which a call of that user ends that anybody known may make. */
async function entry(user: string, at = server): Promise<string> {
  const { code } = await as(user, at).call(path('Details'), named('admin'))
  return grpc.status[code]
}

/** A whole append of a BatchAppend. */
const batchOf = (stream: string, correlation: bigint) =>
  message(
    field(1, uuid(correlation, correlation)), field(2, message(field(1, identifier(stream)), field(4, NOTHING))), field(3, proposed()),
    field(4, 1),
  )

const happened = () => jsonEvent({ type: 'happened', data: {} })
const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'yes',
    (error: unknown) => (error instanceof AccessDeniedError ? 'no' : String(error)),
  )
async function readAllOf(client: KurrentDBClient, stream: string): Promise<number> {
  let count = 0
  for await (const event of client.readStream(stream)) if (event) count++
  return count
}

describe('over TLS', () => {
  beforeAll(async () => void (server = await RunningServer.start(serving(node))))
  afterAll(async () => {
    const { code, stderr } = await server.stop()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('a created user logs in through the official client', async () => {
    const login = await created()
    const client = official(`${login}:secret`)
    expect(await client.appendToStream(`of-${login}`, happened())).toMatchObject({ success: true })
    expect(await readAllOf(client, `of-${login}`)).toBe(1)
    expect(await outcome(official(`${login}:wrong`).appendToStream(`of-${login}`, happened()))).toBe('no')
  })

  it('a login and password may come as a bearer\'s token; a token that is none is nobody\'s', async () => {
    const login = await created()
    const client = official(ADMIN)
    const append = (token: string) =>
      outcome(client.appendToStream(`of-${login}`, happened(), { credentials: { bearerToken: Buffer.from(token).toString('base64') } }))
    expect(await append(`${login}:secret`)).toBe('yes')
    expect(await append(`${login}:wrong`)).toBe('no')
    expect(await append(login)).toBe('no')
  })

  it('access lists hold for logins and groups', async () => {
    const [reader, writer] = [await created({ groups: ['readers'] }), await created()]
    const stream = `listed-${reader}`
    const admin = official(ADMIN)
    await admin.appendToStream(stream, happened())
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['readers'], writeRoles: [writer] } })
    const may = async (login: string) => [
      await outcome(readAllOf(official(`${login}:secret`), stream)),
      await outcome(official(`${login}:secret`).appendToStream(stream, happened())),
    ]
    expect(await may(reader)).toEqual(['yes', 'no'])
    expect(await may(writer)).toEqual(['no', 'yes'])
    await done(manage('Update', account(writer, { groups: ['others', 'readers'] })))
    expect(await may(writer)).toEqual(['yes', 'yes'])
    await done(manage('Update', account(reader)))
    expect(await may(reader)).toEqual(['no', 'no'])
  })

  it('a member of $admins is an administrator', async () => {
    const login = await created({ groups: ['$admins'] })
    await done(manage('Create', account(newLogin()), `${login}:secret`))
  })

  it('an update sets name and groups; its password counts for nothing', async () => {
    const login = await created({ fullName: 'A', groups: ['a'] })
    await done(manage('Update', account(login, { password: 'other', fullName: 'B', groups: ['b', 'c'] })))
    expect(await details(login)).toMatchObject([{ login, fullName: 'B', groups: ['b', 'c'], disabled: false }])
    expect(await entry(`${login}:secret`)).toBe('OK')
    expect(await entry(`${login}:other`)).toBe('UNAUTHENTICATED')
  })

  it('a disabled user is refused until enabled', async () => {
    const login = await created()
    expect(await entry(`${login}:secret`)).toBe('OK')
    await done(manage('Disable', named(login)))
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
    expect(await details(login)).toMatchObject([{ disabled: true }])
    expect(await outcome(official(`${login}:secret`).appendToStream(`of-${login}`, happened()))).toBe('no')
    await done(manage('Enable', named(login)))
    expect(await entry(`${login}:secret`)).toBe('OK')
    expect(await details(login)).toMatchObject([{ disabled: false }])
  })

  it('a password is changed by whoever knows it, and the old one refused', async () => {
    const login = await created()
    const wrong = await manage('ChangePassword', passwords(login, 'wrong', 'next'), `${login}:secret`)
    expect(wrong).toMatchObject({ code: grpc.status.PERMISSION_DENIED, details: 'Access Denied', trailers: { exception: 'access-denied' } })
    expect(await entry(`${login}:secret`)).toBe('OK')
    await done(manage('ChangePassword', passwords(login, 'secret', 'next'), `${login}:secret`))
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
    expect(await entry(`${login}:next`)).toBe('OK')
    // Of anybody, as on KurrentDB, which compares the caller with himself.
    await done(manage('ChangePassword', passwords(login, 'next', 'third'), OPS))
    expect(await entry(`${login}:third`)).toBe('OK')
  })

  it('a password is reset by administrators', async () => {
    const login = await created()
    await done(manage('ResetPassword', passwords(login, 'next')))
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
    expect(await entry(`${login}:next`)).toBe('OK')
  })

  it('passwords and logins may be any text', async () => {
    const login = `Zoë ${newLogin()} 🦆`
    const password = 'pass:word:é🔑'.padEnd(500, 'x')
    await done(manage('Create', account(login, { password })))
    expect(await entry(`${login}:${password}`)).toBe('OK')
    expect(await entry(`${login}:${password.slice(0, -1)}`)).toBe('UNAUTHENTICATED')
    expect(await details(login)).toMatchObject([{ login }])
  })

  it('a deleted user is gone and may be created again', async () => {
    const login = await created({ groups: ['a'] })
    await done(manage('Delete', named(login)))
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
    expect((await manage('Details', named(login))).code).toBe(grpc.status.NOT_FOUND)
    expect((await details('')).map((each) => each.login)).not.toContain(login)
    await done(manage('Create', account(login, { password: 'again' })))
    expect(await entry(`${login}:again`)).toBe('OK')
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
    expect(await details(login)).toMatchObject([{ groups: [] }])
  })

  it('details of nobody in particular are those of everybody, by login', async () => {
    const before = BigInt(Date.now()) * 10_000n
    const login = await created({ fullName: 'Full Name', groups: ['x', 'y'] })
    const all = await details('')
    expect(all.map((each) => each.login)).toEqual(all.map((each) => each.login).sort())
    expect(all).toContainEqual(expect.objectContaining({ login: 'admin', fullName: 'KurrentDB Administrator', groups: ['$admins'] }))
    expect(all).toContainEqual(expect.objectContaining({ login: 'ops', fullName: 'KurrentDB Operations', groups: ['$ops'] }))
    const mine = all.find((each) => each.login === login)!
    expect(mine).toMatchObject({ fullName: 'Full Name', groups: ['x', 'y'], disabled: false })
    expect(mine.updatedTicks).toBeGreaterThanOrEqual(before)
    expect(mine.updatedTicks).toBeLessThanOrEqual(BigInt(Date.now() + 1) * 10_000n)
    expect(detailsIn(await as(ADMIN).call(path('Details'), NOTHING))).toHaveLength(all.length)
    expect(await details('  ')).toHaveLength(all.length)
  })

  describe('errors', () => {
    it.each(['Update', 'Delete', 'Disable', 'Enable', 'Details', 'ChangePassword', 'ResetPassword'])('%s of nobody', async (method) => {
      const answer = await manage(method, passwords('stranger', 'a', 'b'))
      expect(answer).toMatchObject({
        code: grpc.status.NOT_FOUND,
        details: "User 'stranger' is not found.",
        trailers: { exception: 'user-not-found', 'login-name': 'stranger' },
      })
    })

    it('Create of a login that is taken, unless the password is the same', async () => {
      const login = await created({ groups: ['first'] })
      expect(await manage('Create', account(login, { password: 'other' }))).toMatchObject({
        code: grpc.status.FAILED_PRECONDITION,
        details: 'Conflict.',
        trailers: { exception: 'user-conflict', 'login-name': login },
      })
      await done(manage('Create', account(login, { groups: ['second'] })))
      expect(await details(login)).toMatchObject([{ groups: ['first'] }])
    })

    it.each(['Create', 'Update', 'Delete', 'Disable', 'Enable', 'ChangePassword', 'ResetPassword'])('%s without options', async (method) => {
      expect(await manage(method, NOTHING)).toMatchObject({ code: grpc.status.UNKNOWN })
    })

    it('names that no header may hold are told escaped', async () => {
      const { code, trailers } = await manage('Details', named('Zoë\n'))
      expect(code).toBe(grpc.status.NOT_FOUND)
      expect(trailers['login-name']).toBe('Zo%C3%AB%0A')
      expect((await manage('Details', named('x'.repeat(100_000)))).code).toBe(grpc.status.NOT_FOUND)
    })
  })

  describe('rights', () => {
    const methods = ['Create', 'Update', 'Delete', 'Disable', 'Enable', 'Details', 'ChangePassword', 'ResetPassword'] as const
    const forAdministrators = methods.filter((method) => method !== 'Details' && method !== 'ChangePassword')
    const denied = { code: grpc.status.PERMISSION_DENIED, details: 'Access Denied', trailers: { exception: 'access-denied' } }
    let login: string
    beforeEach(async () => void (login = await created()))

    it.each(forAdministrators)('%s takes an administrator', async (method) => {
      const request = passwords(method === 'Create' ? newLogin() : login, 'a', 'b')
      for (const user of [OPS, `${login}:secret`]) expect(await manage(method, request, user)).toMatchObject(denied)
      expect(await details(login)).toMatchObject([{ login, disabled: false }])
      expect(await entry(`${login}:secret`)).toBe('OK')
      await done(manage(method, request))
    })

    it('anybody known may ask for details of anybody', async () => {
      expect(await details('admin', `${login}:secret`)).toMatchObject([{ login: 'admin' }])
      expect((await details('', OPS)).length).toBeGreaterThan(2)
    })

    it.each(methods)('%s: nobody may, and strangers are unknown', async (method) => {
      const request = passwords(login, 'secret', 'b')
      expect(await as().call(path(method), request)).toMatchObject(denied)
      for (const user of ['admin:wrong', 'stranger:changeit', ':', `${login}:`]) {
        expect(await manage(method, request, user)).toMatchObject({ code: grpc.status.UNAUTHENTICATED, details: 'Unauthenticated' })
      }
    })
  })

  describe('calls that bring many messages', () => {
    const streaming = ['append', 'batchAppend', 'appendSession'] as const

    it.each(streaming)('%s of a stranger ends although nothing has come', async (name) => {
      const call = as('admin:wrong').open(paths[name])
      expect(await answerOf(call)).toMatchObject({ code: grpc.status.UNAUTHENTICATED, messages: [] })
    })

    it('nothing of a stranger is written, however fast it comes', async () => {
      const stream = `strangers-${newLogin()}`
      const batch = batchOf(stream, 1n)
      for (let attempt = 0; attempt < 20; attempt++) {
        const [append, batched] = await Promise.all([
          as('admin:wrong').call(paths.append, appendOptions(stream), appendEvent()),
          as('admin:wrong').call(paths.batchAppend, batch),
        ])
        expect([append.code, batched.code]).toEqual([grpc.status.UNAUTHENTICATED, grpc.status.UNAUTHENTICATED])
      }
      await expect(readAllOf(official(ADMIN), stream)).rejects.toThrow()
      const known = await as(ADMIN).call(paths.batchAppend, batch)
      expect(known).toMatchObject({ code: grpc.status.OK })
      expect(await readAllOf(official(ADMIN), stream)).toBe(1)
    })

    it('who was known when the call began stays known to it', async () => {
      const login = await created()
      const stream = `of-${login}`
      const call = as(`${login}:secret`).open(paths.batchAppend)
      const answer = answerOf(call)
      call.write(batchOf(stream, 1n))
      await once(call, 'data')
      await done(manage('Disable', named(login)))
      expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
      call.end(batchOf(stream, 2n))
      expect(await answer).toMatchObject({ code: grpc.status.OK, messages: [expect.anything(), expect.anything()] })
      expect(await readAllOf(official(ADMIN), stream)).toBe(2)
    })
  })

  it('accounts are the system\'s: others neither read nor write them', async () => {
    const login = await created()
    const [own, admin] = [official(`${login}:secret`), official(ADMIN)]
    expect(await outcome(readAllOf(own, `$user-${login}`))).toBe('no')
    expect(await outcome(own.appendToStream(`$user-${login}`, happened()))).toBe('no')
    expect(await readAllOf(admin, `$user-${login}`)).toBe(1)
  })

  it('an account that an administrator overwrites by hand counts at once', async () => {
    const login = await created()
    expect(await entry(`${login}:secret`)).toBe('OK')
    await official(ADMIN).appendToStream(`$user-${login}`, jsonEvent({ type: '$UserUpdated', data: { loginName: login, hash: '', salt: '' } }))
    expect(await entry(`${login}:secret`)).toBe('UNAUTHENTICATED')
  })

  it('the methods are among the server\'s features', async () => {
    const [features] = (await as().call(paths.features, NOTHING)).messages
    const methods = fieldsOf(features!).filter(([number]) => number === 1).map(([, method]) => fieldsOf(method as Buffer).map(([, text]) => String(text)))
    const ofUsers = methods.filter((texts) => texts.includes('event_store.client.users.users')).map(([name]) => name)
    expect(ofUsers.sort()).toEqual(['changepassword', 'create', 'delete', 'details', 'disable', 'enable', 'resetpassword', 'update'])
  })
})

function usersFile(content: unknown): string {
  const file = join(folder, `users-${newLogin()}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const people = [
  { login: 'anna', password: 'secret', fullName: 'Anna A.', groups: ['readers'] },
  { login: 'admin', password: 'root' },
  { login: 'ops', password: 'changed', groups: ['$ops', 'readers'] },
]

describe('--users-file over TLS', () => {
  beforeAll(async () => void (server = await RunningServer.start([...serving(node), '--users-file', usersFile(people)])))
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0, stderr: '' }))

  const asInTheFile = async () => {
    expect(await entry('anna:secret')).toBe('OK')
    expect(await entry('admin:root')).toBe('OK')
    expect(await entry(ADMIN)).toBe('UNAUTHENTICATED')
    expect(await entry('ops:changed')).toBe('OK')
    expect(await entry(OPS)).toBe('UNAUTHENTICATED')
    expect(await details('', 'admin:root')).toMatchObject([
      { login: 'admin', fullName: 'KurrentDB Administrator', groups: ['$admins'], disabled: false },
      { login: 'anna', fullName: 'Anna A.', groups: ['readers'], disabled: false },
      { login: 'ops', fullName: 'KurrentDB Operations', groups: ['$ops', 'readers'], disabled: false },
    ])
  }

  it('those in the file log in with its passwords', asInTheFile)

  it('access lists hold for them', async () => {
    const admin = official('admin:root')
    await admin.appendToStream('for-readers', happened())
    await admin.setStreamMetadata('for-readers', { acl: { readRoles: ['readers'], writeRoles: ['anna'] } })
    expect(await readAllOf(official('anna:secret'), 'for-readers')).toBe(1)
    expect(await outcome(official('anna:secret').appendToStream('for-readers', happened()))).toBe('yes')
    expect(await outcome(official('ops:changed').appendToStream('for-readers', happened()))).toBe('no')
  })

  it('a reset brings them back as they were, and nobody else', async () => {
    await done(manage('Delete', named('anna'), 'admin:root'))
    await done(manage('Create', account('eve'), 'admin:root'))
    await done(manage('ResetPassword', passwords('ops', 'another'), 'admin:root'))
    await done(manage('ResetPassword', passwords('admin', 'another'), 'admin:root'))
    expect(await entry('eve:secret')).toBe('OK')
    expect(await entry('anna:secret')).toBe('UNAUTHENTICATED')
    const reset = ['ctl', 'reset', '--address', `127.0.0.1:${server.port}`, '--trusted-roots', authority.certificate, '--login', 'admin']
    expect(await run([...reset, '--password', 'root'])).toMatchObject({ code: 1 })
    expect(await run([...reset, '--password', 'another'])).toMatchObject({ code: 0, stderr: '' })
    await asInTheFile()
    expect(await entry('eve:secret')).toBe('UNAUTHENTICATED')
  })
})

describe('--users-file without security', () => {
  beforeAll(async () => void (server = await RunningServer.start(['--insecure', '--users-file', usersFile(people)])))
  afterAll(async () => expect(await server.stop()).toMatchObject({ code: 0, stderr: '' }))

  it('the accounts are there, but nobody has to be one of them', async () => {
    const anybody = as()
    expect(detailsIn(await anybody.call(path('Details'), NOTHING)).map((each) => each.login)).toEqual(['admin', 'anna', 'ops'])
    await done(anybody.call(path('Create'), account('bob')))
    await done(anybody.call(path('Disable'), named('bob')))
    await done(as('bob:wrong').call(path('Enable'), named('bob')))
    expect(await anybody.call(path('ChangePassword'), passwords('bob', 'wrong', 'next'))).toMatchObject({ code: grpc.status.PERMISSION_DENIED })
    await done(anybody.call(path('ChangePassword'), passwords('bob', 'secret', 'next')))
    await done(anybody.call('/kurrentlite.Control/Reset', NOTHING))
    expect(detailsIn(await anybody.call(path('Details'), NOTHING)).map((each) => each.login)).toEqual(['admin', 'anna', 'ops'])
  })
})

describe('a bad users file ends the server before it listens, with one line', () => {
  const entries = (...more: unknown[]) => [{ login: 'anna', password: 'secret' }, ...more]
  it.each([
    ['no JSON', '[\n  {"login": "anna"\n', /: line 3: /],
    ['an empty file', '', /: line 1: /],
    ['no array', { login: 'anna', password: 'secret' }, /: must be an array/],
    ['an entry that is no object', entries('bob'), /: entry 2: must be an object/],
    ['a login that is missing', entries({ password: 'secret' }), /: entry 2: "login" is missing/],
    ['a login that is no text', entries({ login: 7, password: 'secret' }), /: entry 2: "login" must be/],
    ['a login that is empty', entries({ login: '', password: 'secret' }), /: entry 2: "login" must/],
    ['a login with a colon', entries({ login: 'a:b', password: 'secret' }), /: entry 2: "login" .*colon/],
    ['a password that is missing', [{ login: 'anna' }], /: entry 1: "password" is missing/],
    ['a password that is no text', entries({ login: 'bob', password: null }), /: entry 2: "password" must be/],
    ['a name that is no text', entries({ login: 'bob', password: 'p', fullName: ['B'] }), /: entry 2: "fullName" must be/],
    ['groups that are no array', entries({ login: 'bob', password: 'p', groups: 'g' }), /: entry 2: "groups" must be/],
    ['a group that is no text', entries({ login: 'bob', password: 'p', groups: ['g', 1] }), /: entry 2: "groups" must be/],
    ['a field there is not', entries({ login: 'bob', passwort: 'p' }), /: entry 2: "passwort" is none of/],
    ['a login that stands there twice', entries({ login: 'anna', password: 'p' }), /: entry 2: "login" "anna" is that of entry 1/],
  ])('%s', async (_what, content, words) => {
    const file = usersFile(content)
    for (const mode of [['--insecure'], serving(node)]) {
      const outcome = await run(['serve', '--port', '0', ...mode, '--users-file', file])
      expect(outcome).toMatchObject({ code: 1, stdout: '' })
      expect(outcome.stderr).toMatch(/^kurrentlite: [^\n]+\n$/)
      expect(outcome.stderr).toContain(file)
      expect(outcome.stderr).toMatch(words)
      expect(outcome.stderr).not.toContain('secret')
    }
  })

  it('that cannot be read', async () => {
    const missing = join(folder, 'missing.json')
    const outcome = await run(['serve', '--port', '0', '--insecure', '--users-file', missing])
    expect(outcome).toMatchObject({ code: 1, stdout: '', stderr: `kurrentlite: cannot read ${missing}\n` })
  })

  it('an empty array is none', async () => {
    const alone = await RunningServer.start([...serving(node), '--users-file', usersFile([])])
    expect(await entry(ADMIN, alone)).toBe('OK')
    await alone.stop()
  })
})
