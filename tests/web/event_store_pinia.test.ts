// @vitest-environment jsdom
import { createTestingPinia } from '@pinia/testing'
import { acceptHMRUpdate, createPinia, setActivePinia, storeToRefs } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp, h } from 'vue'
import { jsonEvent } from '../../web/src/client'
import { defineEventStore } from '../../web/src/pinia'
import { cartDefinition, useCart, withItem } from './cart'
import { inApp, testing } from './vue_app'

afterEach(() => setActivePinia(undefined))

describe('event stores with createTestingPinia', () => {
  it('load nothing when actions are stubbed, and begin with the given state', async () => {
    const state = { items: { apple: 2 }, note: '' }
    createTestingPinia({ createSpy: vi.fn, initialState: { 'cart/ann': { state, version: 4, ready: true } } })
    const cart = useCart('ann')
    await cart.add('pear')
    expect(cart.add).toHaveBeenCalledWith('pear')
    expect(cart.load).toHaveBeenCalledTimes(1)
    expect([cart.state, cart.version, cart.total, cart.isLoading]).toEqual([state, 4, 2, false])
    ;(cart as { total: number }).total = 99
    expect(cart.total).toBe(99)
  })

  it('run real actions under spies when asked to', async () => {
    testing().attachTo(createTestingPinia({ createSpy: vi.fn, stubActions: false }))
    const cart = useCart('ann')
    await cart.add('pear')
    expect(cart.add).toHaveBeenCalledTimes(1)
    expect(cart.state.items).toEqual({ pear: 1 })
  })
})

describe('event stores in components', () => {
  it('belong to the app, and give refs', async () => {
    const kurrentLite = testing()
    const pinia = createPinia()
    const { cart, refs } = inApp([pinia, kurrentLite], () => {
      const store = useCart('ann')
      return { cart: store, refs: storeToRefs(store) }
    })
    await cart.add('apple')
    expect([refs.state.value.items, refs.total.value, refs.canUndo.value]).toEqual([{ apple: 1 }, 1, true])
    expect((await kurrentLite.session.openDatabase()).readEvents('cart-ann')).toHaveLength(1)
  })
})

describe('hot module replacement of an event store', () => {
  it('folds every instance anew by the new definition, and adds and removes commands', async () => {
    const kurrentLite = testing()
    const pinia = createPinia()
    createApp({ render: () => h('div') })
      .use(pinia)
      .use(kurrentLite)
    const [ann, bob] = [useCart('ann', pinia), useCart('bob', pinia)]
    await Promise.all([ann.add('apple'), bob.add('pear', 2)])

    const changed = defineEventStore('cart', {
      ...cartDefinition,
      evolve: (cart, event) => (event.type === 'item-added' ? withItem(cart, event.data.sku, 10 * event.data.quantity) : cart),
      getters: { first: (cart) => Object.keys(cart.items)[0] },
      commands: { double: (cart, sku: string) => ({ type: 'item-added', data: { sku, quantity: (cart.items[sku] ?? 0) / 10 } }) },
    })
    const hot = { data: { pinia }, invalidate: () => expect.unreachable('the page would be reloaded') }
    acceptHMRUpdate(useCart, hot)({ useCart: changed })

    const replaced = changed('ann', pinia)
    expect(replaced).toBe(ann)
    await vi.waitFor(() => expect([ann.state.items, bob.state.items]).toEqual([{ apple: 10 }, { pear: 20 }]))
    await replaced.double('apple')
    expect([replaced.state.items, replaced.first, replaced.version]).toEqual([{ apple: 20 }, 'apple', 2])
    expect('add' in replaced).toBe(false)
    await kurrentLite.session.client.appendToStream(
      'cart-bob', jsonEvent({ type: 'item-added', data: { sku: 'plum', quantity: 1 } }),
    )
    await vi.waitFor(() => expect(bob.state.items).toEqual({ pear: 20, plum: 10 }))
  })
})
