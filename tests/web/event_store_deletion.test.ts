import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { databaseOf } from '../../web/src'
import { jsonEvent } from '../../web/src/client'
import { useCart } from './cart'
import { failureOf } from './support'
import { testing } from './vue_app'

const added = (sku: string) => jsonEvent({ type: 'item-added', data: { sku, quantity: 1 } })

async function cartWith(...skus: string[]) {
  const kurrentLite = testing()
  const { client } = kurrentLite.session
  const cart = useCart('ann', kurrentLite.attachTo(createPinia()))
  await cart.load()
  for (const sku of skus) await cart.add(sku)
  return { kurrentLite, client, cart }
}

describe('an event store whose stream is deleted by others', () => {
  it('shows the initial state, and makes the stream anew', async () => {
    const { cart, client } = await cartWith('apple', 'pear')
    expect(cart.canUndo).toBe(true)
    await client.deleteStream('cart-ann')
    await vi.waitFor(() => expect([cart.state, cart.version]).toEqual([{ items: {}, note: '' }, 0]))
    expect([cart.canUndo, cart.error]).toEqual([false, null])
    await Promise.all([cart.add('plum'), cart.add('fig'), cart.add('kiwi')])
    expect([cart.state.items, cart.version, cart.error]).toEqual([{ plum: 1, fig: 1, kiwi: 1 }, 5, null])
    expect(await cart.undo()).toBe(true)
    expect(cart.skus).toEqual(['plum', 'fig'])
    await client.appendToStream('cart-ann', added('lime'))
    await vi.waitFor(() => expect(cart.skus).toEqual(['plum', 'fig', 'lime']))
    await client.deleteStream('cart-ann')
    await vi.waitFor(() => expect([cart.skus, cart.version]).toEqual([[], 0]))
  })

  it('shows what was written after the deletion alone', async () => {
    const { cart, client } = await cartWith('apple', 'pear')
    await client.deleteStream('cart-ann')
    await client.appendToStream('cart-ann', [added('plum'), added('fig')])
    await vi.waitFor(() => expect([cart.skus, cart.version]).toEqual([['plum', 'fig'], 4]))
    await client.setStreamMetadata('cart-ann', { truncateBefore: 3 })
    await vi.waitFor(() => expect([cart.skus, cart.version]).toEqual([['fig'], 4]))
  })

  it('begins anew with a commit that was decided before, which the database accepts', async () => {
    const { cart, client } = await cartWith('apple')
    await client.deleteStream('cart-ann')
    expect(cart.skus).toEqual(['apple']) // not told yet
    await cart.add('pear')
    await vi.waitFor(() => expect([cart.skus, cart.version, cart.isSaving]).toEqual([['pear'], 2, false]))
  })

  it('tells that the stream is tombstoned', async () => {
    const { cart, client } = await cartWith('apple')
    await client.tombstoneStream('cart-ann')
    await vi.waitFor(() => expect([cart.skus, cart.version]).toEqual([[], 0]))
    expect(cart.error).toMatchObject({ type: 'stream-deleted' })
    expect(await failureOf(cart.add('pear'))).toMatchObject({ type: 'stream-deleted' })
    expect(cart.skus).toEqual([])
  })

  it('leaves what it shows when the stream cannot be read, and tells when it can', async () => {
    const { cart, client } = await cartWith('apple')
    await databaseOf(client).faults.fail('read')
    await client.deleteStream('cart-ann')
    await vi.waitFor(() => expect(cart.skus).toEqual([]))
    await cart.add('pear')
    expect(cart.skus).toEqual(['pear'])
  })

  it('reads once more for other metadata of no interest', async () => {
    const { cart, client } = await cartWith('apple')
    const reading = vi.spyOn(client, 'readStream')
    await client.setStreamMetadata('cart-ann', { owner: 'ann' })
    await client.appendToStream('cart-ann', added('pear'))
    await vi.waitFor(() => expect(cart.skus).toEqual(['apple', 'pear']))
    expect(reading).not.toHaveBeenCalled()
  })
})
