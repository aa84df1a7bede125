import { describe, expect, it } from 'vitest'
import { StreamConflictError, ValidationError } from '../../web/src/services'
import type { EventClient } from '../../web/src/services/event_client'
import { eventually, failureOf, openSession } from './support'

/** The services over a client that `newClient` makes, each on an empty database. */
export function describeServicesOverClient(newClient: () => EventClient | Promise<EventClient>): void {
  describe('services over a client', () => {
    it('create, change, list and delete documents', async () => {
      const { streams } = openSession({ client: await newClient() })
      const data = { text: 'ä€😀"\\', list: [1.5, null, true], deep: { x: 1 } }
      const created = await streams.create({ id: 'a', kind: 'thing', name: 'A', data, tags: ['x'] })
      expect(created).toMatchObject({ id: 'a', kind: 'thing', data, metadata: { version: 1, tags: ['x'] } })
      expect(Math.abs(created.metadata.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
      expect(await streams.get('a')).toEqual(created)
      const patched = await streams.patch('a', { deep: { y: 2 }, list: null })
      expect(patched.data).toEqual({ text: data.text, deep: { x: 1, y: 2 } })
      await streams.tag('a', { add: ['y'] })
      // The official client's reads tell times in whole seconds, its subscriptions in milliseconds.
      const { metadata, ...content } = (await streams.get('a'))!
      const { version, tags, owner } = metadata
      expect((await streams.list({ tags: ['y'] })).items).toMatchObject([{ ...content, metadata: { version, tags, owner } }])
      expect((await streams.history('a')).items.map(({ change }) => change)).toEqual(['tagged', 'patched', 'created'])
      expect((await streams.events('a')).map(({ type }) => type)).toEqual([
        'document-created',
        'document-patched',
        'document-tagged',
      ])
      await streams.delete('a')
      expect(await streams.get('a')).toBeNull()
      expect((await streams.list()).total).toBe(0)
      expect(await failureOf(streams.create({ id: 'a', name: 'again', data: 1 }))).toBeInstanceOf(StreamConflictError)
    })

    it('refuse stale changes and taken values, and make transactions', async () => {
      const kinds = { customer: { unique: [{ name: 'email', path: 'data.email' }] } }
      const { streams } = openSession({ client: await newClient(), kinds })
      const customer = (id: string, email: string) => ({ id, kind: 'customer', name: id, data: { email } })
      await streams.create(customer('a', 'a@x'))
      await streams.update('a', { name: 'renamed' })
      const conflict = await failureOf<StreamConflictError>(streams.update('a', { name: 'late', expectedVersion: 1 }))
      expect(conflict).toMatchObject({ base: { name: 'a' }, theirs: { name: 'renamed' } })
      expect(await failureOf(streams.create(customer('b', 'a@x')))).toBeInstanceOf(ValidationError)
      const [a, b] = await streams.transaction([{ patch: 'a', with: { email: 'b@x' } }, { create: customer('b', 'a@x') }])
      expect([a?.data, b?.data]).toEqual([{ email: 'b@x' }, { email: 'a@x' }])
      expect((await streams.list()).total).toBe(2)
      expect(await failureOf(streams.transaction([{ archive: 'a' }, { archive: 'nobody' }]))).toMatchObject({
        type: 'document-not-found',
      })
      expect((await streams.get('a'))?.status).toBe('active')
    })

    it('hold permissions and user data', async () => {
      let user = 'ann'
      const { streams, users } = openSession({ client: await newClient(), user: () => user })
      await streams.create({ id: 'a', name: 'A', data: 1, permissions: { read: [] } })
      await users.store({ userId: 'ann', type: 'open', data: { n: 1 }, isPublic: true })
      await users.update('ann', 'open', { m: 2 })
      user = 'bob'
      expect(await failureOf(streams.get('a'))).toMatchObject({ type: 'permission-denied' })
      expect((await streams.list()).total).toBe(0)
      expect((await users.get('ann', 'open'))?.data).toEqual({ n: 1, m: 2 })
      expect((await users.events('ann', 'open')).length).toBe(2)
    })

    it('follow what others do, and tell their health', async () => {
      const client = await newClient()
      const [one, other] = [openSession({ client }), openSession({ client })]
      await one.streams.list()
      let told = 0
      one.on('streams', () => (told += 1))
      await other.streams.create({ id: 'theirs', name: 'T', data: 1 })
      await eventually(() => told > 0, 'the change')
      expect((await one.streams.list()).items.map(({ id }) => id)).toEqual(['theirs'])
      const health = await one.kurrentdb.checkHealth()
      expect(health).toMatchObject({ status: 'healthy', errors: [] })
      expect(one.connection).toMatchObject({ isConnected: true, status: 'connected' })
      const metrics = await one.kurrentdb.metrics()
      expect(metrics.totalStreams).toBe(1)
      expect(metrics.totalEvents).toBeNull()
      expect(metrics.operations.append.count).toBeGreaterThan(0)
      await one.kurrentdb.disconnect()
      expect(one.connection.status).toBe('disconnected')
      expect((await one.streams.get('theirs'))?.id).toBe('theirs')
    })
  })
}
