import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { databaseOf } from '../../web/src'
import { END, ErrorType, jsonEvent, KurrentDBClient } from '../../web/src/client'
import type * as official from '@kurrent/kurrentdb-client'
import type { EventClient } from '../../web/src/services'
import { failureOf, openSession } from './support'

const placed = (total = 1) => jsonEvent({ type: 'placed', data: { total } })

async function typesIn(client: EventClient, stream: string): Promise<string[]> {
  const types: string[] = []
  for await (const { event } of client.readStream(stream)) types.push(event!.type)
  return types
}

describe('session.client', () => {
  it('works on the database of the services, and is there before anything is loaded', async () => {
    const { client, streams } = openSession()
    const reading = typesIn(client, 'document-a')
    await expect(reading).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND })
    await streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await typesIn(client, 'document-a')).toHaveLength(1)
    await client.appendToStream('order-1', [placed(), placed()])
    expect(await typesIn(client, 'order-1')).toEqual(['placed', 'placed'])
    await expect(client.appendToStream('order-1', placed(), { streamState: 7n })).rejects.toMatchObject({
      type: ErrorType.WRONG_EXPECTED_VERSION,
      actualState: 1n,
    })
  })

  it('subscribes before it is loaded as afterwards', async () => {
    const { client } = openSession()
    const seen: string[] = []
    const subscription = client.subscribeToStream('order-1')
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve))
    subscription.on('data', ({ event }) => seen.push(event!.type)).on('error', (error) => seen.push(error.message))
    await caughtUp
    await client.appendToStream('order-1', placed())
    await vi.waitFor(() => expect(seen).toEqual(['placed']))
    const ended = new Promise((resolve) => subscription.once('end', () => resolve('ended')))
    await subscription.unsubscribe()
    expect(await ended).toBe('ended')
  })

  it('can be iterated before it is loaded', async () => {
    const { client } = openSession()
    const appended = client.appendToStream('order-1', [placed(1), placed(2)])
    const totals: unknown[] = []
    for await (const { event } of client.subscribeToStream('order-1')) {
      totals.push((event!.data as { total: number }).total)
      if (totals.length === 2) break
    }
    await appended
    expect(totals).toEqual([1, 2])
  })

  it('tells a subscription that cannot be opened why', async () => {
    const session = openSession({ config: { enabled: false } })
    const error = await new Promise((resolve) => session.client.subscribeToAll().on('error', resolve))
    expect(error).toMatchObject({ type: 'kurrentdb-disabled' })
    const subscription = session.client.subscribeToStream('order-1')
    await subscription.unsubscribe()
    await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject({ type: 'kurrentdb-disabled' })
  })

  it('goes with the environment; subscriptions to the one left end', async () => {
    const session = openSession()
    await session.client.appendToStream('order-1', placed())
    const subscription = session.client.subscribeToStream('order-1', { fromRevision: END })
    const ended = new Promise((resolve) => subscription.on('data', () => undefined).once('end', () => resolve('ended')))
    await session.switchEnvironment('staging')
    expect(await ended).toBe('ended')
    await expect(typesIn(session.client, 'order-1')).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND })
    await session.switchEnvironment('test')
    expect(await typesIn(session.client, 'order-1')).toEqual(['placed'])
  })

  it('is on the simulated network of the session', async () => {
    const session = openSession({ simulation: { preset: 'instant', errorRate: 1, seed: 1 } })
    await expect(session.client.appendToStream('order-1', placed())).rejects.toMatchObject({ type: ErrorType.UNAVAILABLE })
    await session.setSimulation('instant')
    await session.client.appendToStream('order-1', placed())
    await session.setSimulation({ preset: 'instant', offline: true })
    await expect(typesIn(session.client, 'order-1')).rejects.toMatchObject({ type: ErrorType.UNAVAILABLE })
  })

  it('has a database that databaseOf knows, for other clients too', async () => {
    const session = openSession()
    const client = await session.openClient()
    expect(client).toBeInstanceOf(KurrentDBClient)
    const database = databaseOf(session.client)
    expect(database).toBe(databaseOf(client))
    await database.clock.freeze(new Date('2030-01-01T00:00:00Z'))
    await KurrentDBClient.connectionString(database.connectionString).appendToStream('order-1', placed())
    expect((await session.openDatabase()).readEvents('order-1')[0]!.created).toEqual(new Date('2030-01-01T00:00:00Z'))
    session.dispose()
    await expect(client.appendToStream('order-1', placed())).rejects.toMatchObject({ type: ErrorType.CANCELLED })
    expect(await failureOf(session.client.appendToStream('order-1', placed()))).toMatchObject({
      type: 'operation-cancelled',
    })
  })

  it('keeps a credentials provider when the environment is switched', async () => {
    const session = openSession()
    const wrong = () => ({ username: 'admin', password: 'wrong' })
    session.client.setCredentialsProvider(wrong)
    for (const environment of ['staging', 'test'] as const) {
      await expect(session.client.appendToStream('order-1', placed())).rejects.toMatchObject({
        type: ErrorType.ACCESS_DENIED,
      })
      await session.switchEnvironment(environment)
    }
    session.client.setCredentialsProvider(undefined)
    await session.client.appendToStream('order-1', placed())
  })

  it('can be given', async () => {
    const client = KurrentDBClient.connectionString`kurrentdb://given.test:2113?tls=false`
    const session = openSession({ client })
    expect(session.client).toBe(client)
    await session.client.appendToStream('order-1', placed())
    await expect(session.openDatabase()).rejects.toMatchObject({ type: 'invalid-config' })
    expect((await databaseOf(client).statistics()).totalEvents).toBe(1)
    await databaseOf(client).reset()
    expectTypeOf<official.KurrentDBClient>().toExtend<EventClient>()
  })
})
