// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { type ComponentOptions, defineComponent, h } from 'vue'
import { jsonEvent } from '../../web/src/client'
import { useStream, useSubscription } from '../../web/src/vue'
import { testing } from './vue_app'

declare const __VUE_HMR_RUNTIME__: {
  createRecord(id: string, component: ComponentOptions): boolean
  reload(id: string, component: ComponentOptions): void
}

describe('composables in a component that is replaced', () => {
  it('go on once, not twice', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const calls: string[] = []
    const version = (label: string): ComponentOptions =>
      Object.assign(
        defineComponent({
          setup() {
            const { data } = useStream('a')
            useSubscription('order-1', ({ event }) => calls.push(`${label} ${event!.type}`), { from: 'end' })
            return () => h('p', `${label}: ${data.value?.data}`)
          },
        }) as ComponentOptions,
        { __hmrId: 'page' },
      )
    const first = version('first')
    __VUE_HMR_RUNTIME__.createRecord('page', first)
    const wrapper = mount({ render: () => h(first) }, { global: { plugins: [kurrentLite] } })
    await vi.waitFor(() => expect(wrapper.text()).toBe('first: 1'))
    __VUE_HMR_RUNTIME__.reload('page', version('second'))
    await vi.waitFor(() => expect(wrapper.text()).toBe('second: 1'))
    await vi.waitFor(async () => {
      await session.client.appendToStream('order-1', jsonEvent({ type: 'placed', data: {} }))
      expect(calls.length).toBeGreaterThan(0)
    })
    expect(new Set(calls)).toEqual(new Set(['second placed']))
    wrapper.unmount()
  })
})
