// Tests by somebody who knows of kurrentlite: the database behind the official client's name, its clock and its faults.
import { DeadlineExceededError, jsonEvent, KurrentDBClient, UnavailableError } from '@kurrent/kurrentdb-client'
import { databaseOf } from 'kurrentlite'

const placed = () => jsonEvent({ type: 'OrderPlaced', data: {} })
const client = KurrentDBClient.connectionString('kurrentdb://clock?tls=false')
const { clock, simulation, faults } = databaseOf(client)

// Fake timers that were on before the first import must not have been taken for the host's own.
const timersAre = setTimeout.clock ? 'fake' : 'real'
const host = typeof window === 'undefined' ? 'node' : 'jsdom'

beforeEach(() => databaseOf(client).reset())
afterEach(async () => {
  await simulation.set('instant')
  await faults.clear()
  await clock.resume()
})

it(`runs in ${host}, timers at import ${timersAre}`, async () => {
  expect(databaseOf(client).authority).toBe('clock:2113')
  expect(databaseOf(KurrentDBClient.connectionString('kurrentdb://CLOCK'))).toBe(databaseOf(client))
})

it('deadlines follow the clock of the database', async () => {
  await clock.freeze(new Date('2030-01-01T00:00:00Z'))
  await faults.delay('append', 60_000)
  let outcome = 'waiting'
  const appending = client.appendToStream('a', placed(), { deadline: 30_000 }).catch((error) => (outcome = error))
  await clock.advance(29_000)
  expect(outcome).toBe('waiting')
  await clock.advance(1_000)
  expect(outcome).toBeInstanceOf(DeadlineExceededError)
  await appending
  await clock.advance(30_000) // the delayed request is no longer in the way of others
})

it('calls under way finish when time moves on', async () => {
  await clock.freeze(new Date('2030-01-01T00:00:00Z'))
  await simulation.set('wan')
  const appending = client.appendToStream('a', placed())
  await clock.advance(10_000)
  expect(await appending).toMatchObject({ success: true })
  await simulation.set('instant')
  for await (const { event } of client.readStream('a')) {
    expect(event.created.getTime()).toBeGreaterThanOrEqual(Date.UTC(2030, 0, 1))
    expect(event.created.getTime()).toBeLessThan(Date.UTC(2030, 0, 1, 0, 0, 10))
  }
})

it('simulated networks work without anybody moving time', async () => {
  await simulation.set('lan')
  expect(await client.appendToStream('a', placed())).toMatchObject({ success: true })
})

it('the very next append fails when told to', async () => {
  await faults.fail('append')
  await expect(client.appendToStream('a', placed())).rejects.toBeInstanceOf(UnavailableError)
  await client.appendToStream('a', placed())
})

it('everything is delivered when the database is settled', async () => {
  const seen = []
  const subscription = client.subscribeToStream('a').on('data', ({ event }) => seen.push(event.type))
  await client.appendToStream('a', [placed(), placed()])
  await databaseOf(client).settled()
  expect(seen).toEqual(['OrderPlaced', 'OrderPlaced'])
  await subscription.unsubscribe()
})
