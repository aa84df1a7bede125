import { describe, expect, it, vi } from 'vitest'
import { markRaw, reactive } from 'vue'
import { api, connect, connectionStringFor, isOfficial, itInProcess, streamName } from './clients'
import { collect, failureOf, happened, numbersIn } from './support'

const { KurrentDBClient } = api

describe('KurrentDBClient (node 3)', () => {
  it('is made from text and by a template tag', async () => {
    const text = connectionStringFor()
    const [scheme, rest] = [text.slice(0, 12), text.slice(12)]
    const stream = streamName()
    for (const client of [KurrentDBClient.connectionString(text), KurrentDBClient.connectionString`${scheme}${rest}`]) {
      expect(client).toBeInstanceOf(KurrentDBClient)
      await client.appendToStream(stream, happened())
      await client.dispose()
    }
    expect(await numbersIn(connect(), stream)).toEqual([0, 0])
  })

  it('connects with the first operation only', () => {
    expect(() => KurrentDBClient.connectionString('kurrentdb://nowhere.invalid:1?tls=false')).not.toThrow()
  })

  it('has the name of the connection string, or a random one', () => {
    expect(connect({ parameters: { connectionName: 'my app' } }).connectionName).toBe('my app')
    const [one, two] = [connect().connectionName, connect().connectionName]
    expect(one).toMatch(/^[0-9a-f]{8}-/)
    expect(one).not.toBe(two)
  })

  it('two clients of one database see the same', async () => {
    const [one, two] = [connect(), connect({ parameters: { connectionName: 'two' } })]
    const stream = streamName()
    await one.appendToStream(stream, happened(1))
    expect(await numbersIn(two, stream)).toEqual([1])
    const error = await failureOf(two.appendToStream(stream, happened(), { streamState: api.NO_STREAM }))
    expect(error).toBeInstanceOf(api.WrongExpectedVersionError)
  })

  itInProcess('databases are told apart by host and port, in any letters', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {}) // of the old protocol
    const host = streamName('host')
    const stream = streamName()
    await KurrentDBClient.connectionString(`kurrentdb://${host}`).appendToStream(stream, happened(1))
    for (const same of [`kurrentdb://${host}:2113`, `esdb://${host.toUpperCase()}?tls=false`, `kdb://admin:changeit@${host}`]) {
      expect(await numbersIn(KurrentDBClient.connectionString(same), stream), same).toEqual([1])
    }
    for (const other of [`kurrentdb://${host}:2114`, `kurrentdb://${host}x`]) {
      expect(await numbersIn(KurrentDBClient.connectionString(other), stream), other).toEqual([])
    }
  })

  it('takes requiresLeader: a single node leads', async () => {
    const client = connect()
    const stream = streamName()
    await client.appendToStream(stream, happened(), { requiresLeader: true })
    expect(await collect(client.readStream(stream, { requiresLeader: true }))).toHaveLength(1)
    await client.deleteStream(stream, { requiresLeader: true })
  })

  it.skipIf(isOfficial)('works within reactive state', async () => {
    const state = reactive({ client: connect(), raw: markRaw(connect()) })
    const stream = streamName()
    await state.client.appendToStream(stream, happened(1))
    expect(await numbersIn(state.client as never, stream)).toEqual([1])
    expect(await numbersIn(state.raw as never, stream)).toEqual([1])
    const subscription = state.client.subscribeToStream(stream)
    expect(await collect(subscription, 1)).toHaveLength(1)
  })
})
