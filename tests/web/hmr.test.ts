// @vitest-environment jsdom
import { acceptHMRUpdate, createPinia, type StoreGeneric } from 'pinia'
import { afterEach, describe, expect, it } from 'vitest'
import { createApp, h } from 'vue'
import { useKurrentDBStore } from '../../web/src/pinia'
import { createTestingKurrentLite } from '../../web/src/testing'
import { eventually } from './support'

const kurrentLite = createTestingKurrentLite({ sync: true, config: { syncInterval: 20 } })
afterEach(() => kurrentLite.dispose())

describe('hot module replacement', () => {
  it('keeps state and session, and the replaced store goes on', async () => {
    const pinia = createPinia()
    createApp({ render: () => h('div') })
      .use(pinia)
      .use(kurrentLite)
    const store = useKurrentDBStore(pinia)
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    await store.checkHealth()
    await store.loadStreams({ sort: 'name' })
    const { health } = store

    const hot = { data: { pinia }, invalidate: () => expect.unreachable('the page would be reloaded') }
    acceptHMRUpdate(useKurrentDBStore as never, hot)({ useKurrentDBStore })

    const replaced: StoreGeneric = useKurrentDBStore(pinia)
    expect(replaced).toBe(store)
    expect(store.streams.map(({ id }) => id)).toEqual(['a'])
    expect(store.totalStreams).toBe(1)
    expect(store.health).toBe(health)
    expect(store.connectionStatus).toBe('connected')
    await store.createStream({ id: 'b', name: '0', data: 1 })
    expect(store.streams.map(({ id }) => id)).toEqual(['b', 'a'])
    await kurrentLite.session.streams.create({ id: 'c', name: 'Z', data: 1 })
    await eventually(() => store.streams.length === 3, 'a change from outside')
    const before = store.health
    await eventually(() => store.health !== before, 'the refresh of the replaced store')
    store.$reset()
    expect(store.streams).toEqual([])
    store.$dispose()
  })
})
