// @vitest-environment jsdom
import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { ErrorType } from '../../web/src/client'
import { useKurrentDBStore } from '../../web/src/pinia'
import { useCart } from './cart'
import { failureOf } from './support'
import { useStreamQuery } from '../../web/src/vue'
import { inApp, testing } from './vue_app'

describe('createTestingKurrentLite', () => {
  it('prepares documents, user data and events, whoever acts and however slow the network is', async () => {
    const kurrentLite = testing({ user: 'ann', simulation: 'mobile' })
    const data = { total: 1 }
    await kurrentLite.given({
      streams: [
        { id: 'mine', name: 'Mine', data, owner: 'ann' },
        { id: 'theirs', name: 'Theirs', data, owner: 'bob', permissions: { read: ['bob'] } },
      ],
      users: [{ userId: 'ann', data: { theme: 'dark' } }],
      events: { 'cart-ann': [{ type: 'item-added', data: { sku: 'apple', quantity: 2 } }] },
    })
    await kurrentLite.session.setSimulation('instant')
    const store = useKurrentDBStore(kurrentLite.attachTo(createPinia()))
    await store.initialize()
    expect(store.streams.map(({ id }) => id)).toEqual(['mine'])
    expect(await store.getUserData('ann')).toEqual({ theme: 'dark' })
    const cart = useCart('ann', kurrentLite.attachTo(createPinia()))
    await cart.load()
    expect(cart.state.items).toEqual({ apple: 2 })
    kurrentLite.actAs('bob')
    expect((await kurrentLite.session.streams.list()).items.map(({ id }) => id)).toEqual(['mine', 'theirs'])
    const refused = kurrentLite.given({ streams: [{ id: 'mine', name: 'Again', data }] })
    expect(await failureOf(refused)).toMatchObject({ type: 'stream-conflict' })
  })

  it('takes a ref or a getter as the user, and lets what is shown follow it', async () => {
    const user = ref<string | null>('ann')
    const kurrentLite = testing({ user })
    const read = (name: string) => ({ owner: name, permissions: { read: [name] } })
    await kurrentLite.given({
      streams: [
        { id: 'a', name: 'of Ann', data: 1, ...read('ann') },
        { id: 'b', name: 'of Bob', data: 1, ...read('bob') },
      ],
    })
    expect(await kurrentLite.session.streams.get('a')).not.toBeNull()
    const { data } = inApp([kurrentLite], () => useStreamQuery({}))
    await vi.waitFor(() => expect(data.value.map(({ id }) => id)).toEqual(['a']))
    user.value = 'bob'
    await vi.waitFor(() => expect(data.value.map(({ id }) => id)).toEqual(['b']))
    user.value = null
    await vi.waitFor(() => expect(data.value).toEqual([]))
    expect(kurrentLite.session.user).toBe('anonymous')
    const getting = testing({ user: () => user.value ?? 'eve' })
    expect((await getting.session.streams.create({ name: 'C', data: 1 })).metadata.owner).toBe('eve')
  })

  it('checks what is given as the app would', async () => {
    const schema = { type: 'object', required: ['total'] }
    const kurrentLite = testing({ kinds: { order: { schema } } })
    const given = kurrentLite.given({ streams: [{ name: 'O', kind: 'order', data: {} }] })
    expect(await failureOf(given)).toMatchObject({ type: 'validation-failed' })
  })

  it('has the clock of the database, and faults of calls', async () => {
    const { session, clock, faults, database } = testing()
    await clock.freeze(new Date('2030-01-01T00:00:00Z'))
    await clock.advance(60_000)
    const created = await session.streams.create({ name: 'A', data: 1 })
    expect(created.metadata.createdAt).toEqual(new Date('2030-01-01T00:01:00Z'))
    expect(await clock.now()).toEqual(created.metadata.createdAt)
    await clock.resume()
    const fault = await faults.fail('append', { error: ErrorType.ACCESS_DENIED })
    expect(await failureOf(session.streams.create({ name: 'B', data: 1 }))).toMatchObject({ type: 'permission-denied' })
    await fault.remove()
    const before = await (await database()).snapshot()
    await session.streams.create({ name: 'B', data: 1 })
    await (await database()).restore(before)
    expect((await session.streams.list()).total).toBe(1)
  })
})
