// Documents, user data and health over a client: what they are with the official one in Node, in production.
import { describe, expect, it } from 'vitest'
import { KurrentDBClient } from '../../web/src/client'
import { describeServicesOverClient } from './support_client_services'
import { failureOf, openSession } from './support'

let last = 0
const newClient = () => KurrentDBClient.connectionString`kurrentdb://services-over-client-${++last}:2113?tls=false`

describeServicesOverClient(newClient)

describe('a session over a client', () => {
  it('has no database in this process, and no simulated network', async () => {
    const session = openSession({ client: newClient() })
    for (const attempt of [session.openDatabase(), session.reset()]) {
      expect(await failureOf(attempt)).toMatchObject({ type: 'invalid-config', violations: [{ field: 'client' }] })
    }
    expect(await failureOf(session.setSimulation('wan'))).toMatchObject({ type: 'validation-failed' })
    expect(await failureOf(session.simulation())).toMatchObject({ type: 'validation-failed' })
  })

  it('says so when its client cannot be reached, and goes on when it can', async () => {
    const client = newClient()
    const read = client.readStream.bind(client)
    const session = openSession({ client, config: { maxRetries: 0 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const unreachable = Object.assign(new Error('No connection established'), { type: 'unavailable' })
    client.readStream = (() => {
      throw unreachable
    }) as typeof client.readStream
    expect(await failureOf(session.streams.get('a'))).toMatchObject({ type: 'connection-failed' })
    client.readStream = read
    expect((await session.streams.get('a'))?.name).toBe('A')
  })
})
