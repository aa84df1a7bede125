import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { jsonEvent } from '../../web/src/client'
import { useCart } from './cart'
import { testing } from './vue_app'

afterEach(() => setActivePinia(undefined))

describe('event stores on a server', () => {
  it('are read before rendering, follow nothing, and go on in the browser where they stand', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    const added = (sku: string) => jsonEvent({ type: 'item-added', data: { sku, quantity: 1 } })
    await session.client.appendToStream('cart-ann', [added('apple'), added('pear')])
    const client = await session.openClient()
    const subscribing = vi.spyOn(client, 'subscribeToStream')
    const listening = vi.spyOn(session, 'on')
    const pinia = createPinia()
    const Page = defineComponent({
      setup() {
        const cart = useCart('ann')
        return () => h('p', `${cart.skus.join()} ${cart.version} ${cart.ready}`)
      },
    })
    const html = await renderToString(createSSRApp(Page).use(pinia).use(kurrentLite))
    expect(html).toBe('<p>apple,pear 2 true</p>')
    expect([subscribing.mock.calls, listening.mock.calls]).toEqual([[], []])

    const browser = kurrentLite.attachTo(createPinia())
    browser.state.value = JSON.parse(JSON.stringify(pinia.state.value))
    const reading = vi.spyOn(client, 'readStream')
    const cart = useCart('ann', browser)
    expect([cart.skus, cart.version, cart.ready]).toEqual([['apple', 'pear'], 2, true])
    await cart.add('plum')
    expect([cart.skus, cart.version]).toEqual([['apple', 'pear', 'plum'], 3])
    expect(reading).toHaveBeenCalledWith('cart-ann', { fromRevision: 2n })
    await session.client.appendToStream('cart-ann', added('fig'))
    await vi.waitFor(() => expect(cart.skus).toContain('fig'))
  })
})
