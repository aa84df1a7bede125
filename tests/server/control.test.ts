/** `kurrentlite.Control`: what tests in any language want of a database, by raw calls, and what official clients see of it. */

import * as grpc from '@grpc/grpc-js'
import {
  AccessDeniedError, AppendConsistencyViolationError, jsonEvent, KurrentDBClient, StreamDeletedError, UnavailableError,
  WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Authority, serving } from './support/certificates'
import { run, RunningServer } from './support/server'
import { field, identifier, message, NOTHING, numberAt, paths, proposed, RawClient, uuid } from './support/wire'

const control = (method: string) => `/kurrentlite.Control/${method}`
const event = (type = 'happened') => jsonEvent({ type, data: {} })

let server: RunningServer
let client: KurrentDBClient
let raw: RawClient
beforeAll(async () => {
  server = await RunningServer.start()
  client = KurrentDBClient.connectionString(server.uri)
  raw = new RawClient(server.port)
})
afterAll(async () => {
  await client.dispose()
  raw.close()
  expect(await server.stop()).toMatchObject({ code: 0, signal: null })
})

async function done(method: string, request: Buffer = NOTHING): Promise<bigint> {
  const { code, details, messages } = await raw.call(control(method), request)
  expect({ code, details }).toEqual({ code: grpc.status.OK, details: '' })
  return numberAt(messages[0]!, 1)
}

async function typesIn(stream: string): Promise<string[]> {
  const types: string[] = []
  for await (const { event: each } of client.readStream(stream)) types.push(each!.type)
  return types
}

const failure = (call: Promise<unknown>) => call.then(() => undefined, (error: unknown) => error)

beforeEach(async () => {
  await done('ClearFaults')
  await done('Reset')
})

describe('the content', () => {
  it('reset empties it; subscriptions follow what comes then', async () => {
    await client.appendToStream('s', [event('old'), event('older')])
    const subscription = client.subscribeToStream('s')
    const next = subscription[Symbol.asyncIterator]()
    expect((await next.next()).value.event.type).toBe('old')
    expect((await next.next()).value.event.type).toBe('older')
    await done('Reset')
    expect(await failure(typesIn('s'))).toMatchObject({ type: 'stream-not-found' })
    expect(await client.appendToStream('s', event('new'), { streamState: 'no_stream' })).toMatchObject({ nextExpectedRevision: 0n })
    expect((await next.next()).value.event).toMatchObject({ type: 'new', revision: 0n })
    await subscription.unsubscribe()
  })

  it('goes back to a snapshot, as often as wanted, until it is dropped', async () => {
    await client.appendToStream('s', event('before'))
    const id = field(1, await done('Snapshot'))
    for (const type of ['once', 'twice']) {
      await client.appendToStream('s', event(type))
      expect(await typesIn('s')).toEqual(['before', type])
      await done('Restore', id)
      expect(await typesIn('s')).toEqual(['before'])
    }
    await done('DropSnapshot', id)
    for (const method of ['Restore', 'DropSnapshot']) {
      expect(await raw.call(control(method), id)).toMatchObject({ code: grpc.status.NOT_FOUND, details: /no snapshot/ })
    }
    expect(await typesIn('s')).toEqual(['before'])
  })

  it('grows old as its clock is moved', async () => {
    await client.setStreamMetadata('s', { maxAge: 3600 })
    await client.appendToStream('s', event('old'))
    await done('AdvanceClock', field(1, 3_601_000))
    expect(await typesIn('s')).toEqual([])
    await client.appendToStream('s', event('new'))
    const times: Date[] = []
    for await (const { event: each } of client.readStream('s')) times.push(each!.created)
    expect(times).toHaveLength(1)
    expect(times[0]!.getTime()).toBeGreaterThan(Date.now() + 3_590_000)
  })

  it('`kurrentlite ctl reset` empties it too', async () => {
    await client.appendToStream('s', event())
    expect(await run(['ctl', 'reset', '--address', `127.0.0.1:${server.port}`])).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(await failure(typesIn('s'))).toMatchObject({ type: 'stream-not-found' })
  })
})

const [APPEND, READ, DELETE, SUBSCRIBE] = [0, 1, 2, 3]
const [REFUSE, LOSE_REPLY, DELAY] = [0, 1, 2]
interface FaultFields {
  readonly operation?: number
  readonly effect?: number
  readonly nth?: number
  readonly times?: number
  readonly delayMs?: number
  readonly code?: string
  readonly message?: string
  readonly texts?: Record<string, string>
  readonly numbers?: Record<string, number>
}
function fault({ operation = APPEND, effect = REFUSE, nth = 0, times, delayMs = 0, code, message: text = '', texts = {}, numbers = {} }: FaultFields) {
  const fields = [field(1, operation), field(2, effect), field(3, nth), field(5, delayMs)]
  if (times !== undefined) fields.push(field(4, times))
  if (code !== undefined) {
    const entries = [
      ...Object.entries(texts).map(([key, value]) => field(3, message(field(1, key), field(2, value)))),
      ...Object.entries(numbers).map(([key, value]) => field(4, message(field(1, key), field(2, value)))),
    ]
    fields.push(field(6, message(field(1, code), field(2, text), ...entries)))
  }
  return message(...fields)
}
const inject = (fields: FaultFields) => done('InjectFault', fault(fields))

describe('faults', () => {
  it('the next append is refused, nothing is written, and the one after it goes well', async () => {
    await inject({})
    expect(await failure(client.appendToStream('s', event('lost')))).toBeInstanceOf(UnavailableError)
    await client.appendToStream('s', event('kept'))
    expect(await typesIn('s')).toEqual(['kept'])
  })

  it('who is not there fails all that is under way on one connection', async () => {
    await inject({ nth: 2 })
    const outcomes = await Promise.all([1, 2, 3].map((n) => failure(client.appendToStream('s', event(String(n))))))
    expect(outcomes[1]).toBeInstanceOf(UnavailableError)
    await client.appendToStream('s', event('later'))
    const types = await typesIn('s')
    expect(types).not.toContain('2')
    expect(types.at(-1)).toBe('later')
  })

  it('the reply alone is lost', async () => {
    await inject({ effect: LOSE_REPLY })
    expect(await failure(client.appendToStream('s', event('written')))).toBeInstanceOf(UnavailableError)
    expect(await typesIn('s')).toEqual(['written'])
  })

  it('strikes from the nth call on, as often as asked', async () => {
    await inject({ nth: 2, times: 2 })
    const outcomes: boolean[] = []
    for (let n = 0; n < 5; n++) outcomes.push((await failure(client.appendToStream('s', event(String(n))))) === undefined)
    expect(outcomes).toEqual([true, false, false, true, true])
    expect(await typesIn('s')).toEqual(['0', '3', '4'])
  })

  it('strikes for ever until it is taken back', async () => {
    const id = await inject({ operation: READ, times: 0 })
    await client.appendToStream('s', event())
    for (let n = 0; n < 3; n++) expect(await failure(typesIn('s'))).toBeInstanceOf(UnavailableError)
    await done('RemoveFault', field(1, id))
    expect(await typesIn('s')).toEqual(['happened'])
    expect(await raw.call(control('RemoveFault'), field(1, id))).toMatchObject({ code: grpc.status.NOT_FOUND, details: /no fault/ })
  })

  it('reads, deletes and subscriptions are struck each by their own', async () => {
    await client.appendToStream('s', event())
    await inject({ operation: DELETE })
    await inject({ operation: SUBSCRIBE })
    expect(await typesIn('s')).toEqual(['happened'])
    expect(await failure(client.deleteStream('s'))).toBeInstanceOf(UnavailableError)
    const subscription = client.subscribeToStream('s')
    const error = await new Promise((resolve) => void subscription.on('error', resolve).on('data', resolve))
    expect(error).toBeInstanceOf(UnavailableError)
    expect(await client.deleteStream('s')).toHaveProperty('position')
  })

  it.each([
    ['WrongExpectedVersion', { texts: { stream: 's', expected: 'no_stream' }, numbers: { actual: 7 } }, WrongExpectedVersionError,
      { streamName: 's', expectedState: 'no_stream', actualState: 7n }],
    ['StreamDeleted', { texts: { stream: 's' } }, StreamDeletedError, { streamName: 's' }],
    ['AccessDenied', {}, AccessDeniedError, {}],
  ] as const)('fails with %s, in the words of the protocol', async (code, details, type, facts) => {
    // Once as one of a batch, once alone: the official client appends alone for who has credentials.
    await inject({ code, times: 2, ...details })
    for (const options of [{}, { credentials: { username: 'admin', password: 'changeit' } }]) {
      const error = await failure(client.appendToStream('s', event(), options))
      expect(error).toBeInstanceOf(type)
      expect(error).toMatchObject(facts)
    }
  })

  it('fails appends to several streams, in the words of their protocol', async () => {
    await inject({ code: 'ConsistencyViolation', message: 'A fault.' })
    const records = [{ streamName: 'a', record: event() }, { streamName: 'b', record: event() }]
    expect(await failure(client.appendRecords(records))).toBeInstanceOf(AppendConsistencyViolationError)
    await inject({ code: 'Unavailable' })
    expect(await failure(client.multiStreamAppend([{ streamName: 'a', expectedState: 'any', events: [event()] }]))).toBeInstanceOf(Error)
    expect(await failure(typesIn('a'))).toMatchObject({ type: 'stream-not-found' })
  })

  it('a call that is kept waiting is overtaken by others, and carried out', async () => {
    await inject({ effect: DELAY, delayMs: 300 })
    const append = (id: bigint, type: string) =>
      message(field(1, uuid(0n, id)), field(2, message(field(1, identifier('s')), field(4, NOTHING))), field(3, proposed({ type })), field(4, 1))
    const { messages } = await raw.call(paths.batchAppend, append(1n, 'slow'), append(2n, 'quick'))
    expect(messages.map((answer) => numberAt(answer, 1, 1, 2))).toEqual([2n, 1n])
    expect(await typesIn('s')).toEqual(['quick', 'slow'])
  })

  it.each([
    ['a code that there is not', fault({ code: 'Tired' }), /failure\.code "Tired" is no error/],
    ['an operation that there is not', fault({ operation: 9 }), /operation is none/],
    ['an effect that there is not', fault({ effect: 9 }), /effect is none/],
  ] as const)('%s is refused', async (_what, request, words) => {
    expect(await raw.call(control('InjectFault'), request)).toMatchObject({ code: grpc.status.INVALID_ARGUMENT, details: expect.stringMatching(words) as string })
    await client.appendToStream('s', event())
  })
})

it('over TLS it takes an administrator', async () => {
  const authority = new Authority()
  const secure = await RunningServer.start(serving(authority.sign('node')))
  const target = ['--address', `localhost:${secure.port}`, '--trusted-roots', authority.certificate]
  for (const [login, password] of [['ops', 'changeit'], ['admin', 'wrong']] as const) {
    const outcome = await run(['ctl', 'reset', ...target, '--login', login, '--password', password])
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toMatch(/^kurrentlite: [^\n]+\n$/)
  }
  expect(await run(['ctl', 'reset', ...target])).toMatchObject({ code: 1 })
  expect(await run(['ctl', 'reset', ...target, '--login', 'admin', '--password', 'changeit'])).toMatchObject({ code: 0, stderr: '' })
  await secure.stop()
})
