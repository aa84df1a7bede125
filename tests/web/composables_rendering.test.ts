import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { jsonEvent } from '../../web/src/client'
import { createTestingKurrentLite } from '../../web/src/testing'
import { useEventQuery, useStream, useStreamQuery, useSubscription } from '../../web/src/vue'

const kurrentLite = createTestingKurrentLite()
const { session } = kurrentLite
afterEach(() => kurrentLite.dispose())

describe('composables on a server', () => {
  it('render what they read, and leave no subscription, listener or timer behind', async () => {
    await session.streams.create({ id: 'a', name: 'The document', data: 1 })
    await session.client.appendToStream('order-1', jsonEvent({ type: 'placed', data: { total: 1 } }))
    const handled = vi.fn()
    const listening = vi.spyOn(session, 'on')
    const subscribing = vi.spyOn(await session.openClient(), 'subscribeToStream')
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const Page = defineComponent({
      setup() {
        const { data: document } = useStream('a')
        const { data: found, total } = useStreamQuery({ search: 'document' })
        const { data: events } = useEventQuery('order-1', {}, { live: true })
        const { status } = useSubscription('order-1', handled)
        const missing = useStream('unknown')
        return () =>
          h('main', [
            h('h1', document.value?.name),
            h('p', `${found.value.map(({ id }) => id).join()} of ${total.value}`),
            h('p', events.value.map(({ event }) => event!.type).join()),
            h('p', `${status.value} ${missing.isLoading.value}`),
          ])
      },
    })
    const html = await renderToString(createSSRApp(Page).use(kurrentLite))
    expect(html).toBe('<main><h1>The document</h1><p>a of 1</p><p>placed</p><p>idle false</p></main>')
    expect(handled).not.toHaveBeenCalled()
    expect(listening).not.toHaveBeenCalled()
    expect(subscribing).not.toHaveBeenCalled()
    expect(timers()).toBeLessThanOrEqual(before)
  })
})
