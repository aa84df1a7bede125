import { describe, expect, it } from 'vitest'
import { type CallOptions, OperationCancelledError, type Session, ValidationError } from '../../web/src/services'
import { createTestingKurrentLite } from '../../web/src/testing'
import { failureOf, openSession } from './support'

const slow = { medianMs: 60_000, spread: 0, minMs: 60_000, maxMs: 60_000 }
const instant = { medianMs: 0, spread: 0, minMs: 0, maxMs: 0 }
const slowNetwork = {
  preset: 'instant',
  latency: { connect: instant, append: slow, read: slow, delete: slow, subscribe: slow, statistics: slow },
} as const
const kinds = { customer: { unique: [{ name: 'email', path: 'data.email' }] } }

/** Every method of the services that talks to the database. */
const methods: Record<string, (session: Session, options?: CallOptions) => Promise<unknown>> = {
  'streams.create': ({ streams }, options) => streams.create({ name: 'A', data: 1 }, options),
  'streams.get': ({ streams }, options) => streams.get('a', options),
  'streams.update': ({ streams }, options) => streams.update('a', { data: 2 }, options),
  'streams.delete': ({ streams }, options) => streams.delete('a', options),
  'streams.archive': ({ streams }, options) => streams.archive('a', options),
  'streams.restore': ({ streams }, options) => streams.restore('a', options),
  'streams.list': ({ streams }, options) => streams.list({}, options),
  'streams.patch': ({ streams }, options) => streams.patch('a', { x: 1 }, options),
  'streams.tag': ({ streams }, options) => streams.tag('a', { add: ['x'] }, options),
  'streams.setPermissions': ({ streams }, options) => streams.setPermissions('a', { read: [] }, options),
  'streams.transferOwner': ({ streams }, options) => streams.transferOwner('a', 'bob', options),
  'streams.transaction': ({ streams }, options) => streams.transaction([{ create: { name: 'A', data: 1 } }], options),
  'streams.query': ({ streams }, options) => streams.query({ where: { name: 'A' } }, options),
  'streams.explain': ({ streams }, options) => streams.explain({ where: { name: 'A' } }, options),
  'streams.claimUnique': ({ streams }, options) => streams.claimUnique('customer', options),
  'events.query': ({ events }, options) => events.query({ stream: 'a' }, options),
  'streams.history': ({ streams }, options) => streams.history('a', {}, options),
  'streams.at': ({ streams }, options) => streams.at('a', { version: 1 }, options),
  'streams.diff': ({ streams }, options) => streams.diff('a', 0, 1, options),
  'users.store (all)': ({ users }, options) => users.store('u', { a: 1 }, options),
  'users.store (by type)': ({ users }, options) => users.store('u', 't', null, 1, true, options),
  'users.store (request)': ({ users }, options) => users.store({ userId: 'u', data: 1 }, options),
  'users.get': ({ users }, options) => users.get('u', undefined, null, options),
  'users.update (all)': ({ users }, options) => users.update('u', { a: 1 }, options),
  'users.update (by type)': ({ users }, options) => users.update('u', 't', { a: 1 }, options),
  'users.update (by category)': ({ users }, options) => users.update('u', 't', null, { a: 1 }, options),
  'users.delete': ({ users }, options) => users.delete('u', undefined, undefined, options),
  'users.list': ({ users }, options) => users.list(undefined, options),
  'kurrentdb.metrics': ({ kurrentdb }, options) => kurrentdb.metrics(options),
}

describe.each(Object.entries(methods))('%s', (_name, call) => {
  it('rejects when its own timeout is over', async () => {
    const session = openSession({ simulation: slowNetwork, kinds })
    await session.kurrentdb.connect()
    expect(await failureOf(call(session, { timeout: 20 }))).toMatchObject({ type: 'operation-timeout', timeoutMs: 20 })
  })

  it('is cancelled by a signal', async () => {
    const session = openSession({ simulation: slowNetwork, kinds })
    await session.kurrentdb.connect()
    const abort = new AbortController()
    const calling = failureOf(call(session, { signal: abort.signal }))
    abort.abort('the user went away')
    const error = await calling
    expect(error).toBeInstanceOf(OperationCancelledError)
    expect(error).toMatchObject({ type: 'operation-cancelled', cause: 'the user went away' })
    expect(error.message).toContain('the user went away')
  })

  it('sends nothing when the signal is aborted already', async () => {
    const session = openSession()
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const before = (await session.kurrentdb.metrics()).operations
    expect(await failureOf(call(session, { signal: AbortSignal.abort() }))).toBeInstanceOf(OperationCancelledError)
    const { statistics: _, ...after } = (await session.kurrentdb.metrics()).operations
    expect(before).toMatchObject(after)
  })
})

describe('a cancelled call', () => {
  it('takes no further attempt, and leaves the services usable', async () => {
    const kurrentLite = createTestingKurrentLite({ config: { options: { retryDelay: 60_000 } } })
    const { session } = kurrentLite
    await session.kurrentdb.connect()
    await session.setSimulation({ preset: 'instant', errorRate: 1 })
    const abort = new AbortController()
    const creating = failureOf(session.streams.create({ id: 'a', name: 'A', data: 1 }, { signal: abort.signal }))
    await session.setSimulation('instant')
    abort.abort()
    expect(await creating).toMatchObject({ type: 'operation-cancelled' })
    expect(await session.streams.get('a')).toBeNull()
    expect((await session.streams.create({ id: 'a', name: 'A', data: 1 })).id).toBe('a')
    kurrentLite.dispose()
  })

  it('keeps what it has written', async () => {
    const halfway = { ...slowNetwork, latency: { ...slowNetwork.latency, append: instant, subscribe: instant } }
    const session = openSession({ simulation: halfway })
    await session.kurrentdb.connect()
    const abort = new AbortController()
    // The event is written, and its time is being read.
    const creating = failureOf(session.streams.create({ id: 'a', name: 'A', data: 1 }, { signal: abort.signal }))
    await Promise.resolve()
    abort.abort()
    expect(await creating).toMatchObject({ type: 'operation-cancelled' })
    expect((await session.openDatabase()).readEvents('document-a')).toHaveLength(1)
  })

  it('passes on a reason of ours, and the error of AbortSignal.timeout as the cause', async () => {
    const session = openSession({ simulation: slowNetwork })
    const reason = new ValidationError([{ field: 'a', problem: 'is bad.' }])
    expect(await failureOf(session.streams.get('a', { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const error = await failureOf(session.streams.get('a', { signal: AbortSignal.timeout(10) }))
    expect(error).toMatchObject({ type: 'operation-cancelled', cause: { name: 'TimeoutError' } })
  })

  it('rejects also while the core is being loaded', async () => {
    const session = openSession()
    const abort = new AbortController()
    const getting = failureOf(session.streams.get('a', { signal: abort.signal }))
    abort.abort()
    expect(await getting).toMatchObject({ type: 'operation-cancelled' })
    expect(await session.streams.get('a')).toBeNull()
  })

  it('listens to the signal only while it is under way', async () => {
    const session = openSession()
    const { signal } = new AbortController()
    let listening = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => ((listening += 1), add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listening -= 1), remove(...args))
    for (let i = 0; i < 10; i += 1) await session.streams.create({ name: 'A', data: i }, { signal })
    await failureOf(session.streams.get('', { signal }))
    expect(listening).toBe(0)
  })
})

describe('options that make no sense', () => {
  it.each([{ timeout: 0 }, { timeout: -1 }, { timeout: NaN }, { timeout: '5' }, { timeout: 2 ** 31 }])(
    'such as %o are refused',
    async (options) => {
      const session = openSession()
      const error = await failureOf(session.streams.get('a', options as CallOptions))
      expect(error).toMatchObject({ type: 'validation-failed', field: 'options.timeout' })
    },
  )

  it('such as a signal that is none are refused', async () => {
    const { streams } = openSession()
    expect(await failureOf(streams.get('a', { signal: {} as never }))).toMatchObject({ field: 'options.signal' })
    expect(await failureOf(streams.get('a', null as never))).toMatchObject({ field: 'options' })
  })
})
