/** Several copies of the package in one realm, as runners make them that reset modules between tests. */
import { expect, it, vi } from 'vitest'
import { failureOf } from './support'

async function copy(): Promise<typeof import('../../web/src')> {
  vi.resetModules()
  return import('../../web/src')
}

it('copies share databases, and know errors of each other for what they are', async () => {
  const [first, second] = [await copy(), await copy()]
  expect(first.KurrentDBClient).not.toBe(second.KurrentDBClient)
  const connectionString = 'kurrentdb://copies?tls=false'
  const happened = () => first.jsonEvent({ type: 'happened', data: {} })
  await first.KurrentDBClient.connectionString(connectionString).appendToStream('a', happened())

  const client = second.KurrentDBClient.connectionString(connectionString)
  const append = (options = {}) => failureOf(client.appendToStream('a', happened(), options))
  expect(await append({ streamState: second.NO_STREAM })).toBeInstanceOf(second.WrongExpectedVersionError)
  const wrong = await append({ credentials: { username: 'admin', password: 'wrong' } })
  expect(wrong).toBeInstanceOf(second.AccessDeniedError)
  expect(wrong).toBeInstanceOf(first.AccessDeniedError)
  expect(wrong).not.toBeInstanceOf(second.UnavailableError)
  expect(await append({ credentials: { bearerToken: 'unknown' } })).toBeInstanceOf(second.AccessDeniedError)

  const { faults } = second.databaseOf(client)
  expect(second.databaseOf(client)).toBe(first.databaseOf(client))
  const strange = new Error('strange')
  await faults.fail('append', { error: strange })
  expect(await append()).toBe(strange)

  const subscription = client.subscribeToStream('a').on('data', () => undefined)
  const failed = new Promise((resolve) => subscription.on('error', resolve))
  await new Promise((resolve) => subscription.once('confirmation', () => resolve(undefined)))
  await faults.dropConnections()
  expect(await failed).toBeInstanceOf(second.UnavailableError)
})

it('a class of a program is no class of ours that has its name', async () => {
  const ours = await copy()
  class AccessDeniedError extends Error {}
  class Refused extends ours.AccessDeniedError {}
  expect(new AccessDeniedError()).not.toBeInstanceOf(ours.AccessDeniedError)
  expect(new Refused({ message: 'no' })).toBeInstanceOf(ours.AccessDeniedError)
  expect(new ours.AccessDeniedError({ message: 'no' })).not.toBeInstanceOf(Refused)
  for (const value of [null, undefined, 'text', {}]) expect(value instanceof ours.AccessDeniedError).toBe(false)
})
