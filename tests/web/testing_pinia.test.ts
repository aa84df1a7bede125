import { createTestingPinia } from '@pinia/testing'
import { setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useKurrentDBStore, useUserStreamService } from '../../web/src/pinia'
import { createTestingKurrentLite, memoryStorage } from '../../web/src/testing'
import { failureOf } from './support'

afterEach(() => setActivePinia(undefined))

describe('createTestingPinia', () => {
  it('stubs actions, so that nothing is loaded, and sets state and getters', async () => {
    createTestingPinia({ createSpy: vi.fn, initialState: { kurrentdb: { streams: [{ id: 'a' }], isLoading: true } } })
    const store = useKurrentDBStore()
    expect(store.streams).toEqual([{ id: 'a' }])
    expect(store.isLoading).toBe(true)
    ;(store as { isConnected: boolean }).isConnected = true
    expect(store.isConnected).toBe(true)
    vi.mocked(store.getStream).mockResolvedValue({ id: 'stubbed' } as never)
    expect(await store.getStream('x')).toEqual({ id: 'stubbed' })
    await store.createStream({ name: '', data: 1 })
    expect(store.createStream).toHaveBeenCalledWith({ name: '', data: 1 })
    expect(store.error).toBeNull()
    const users = useUserStreamService()
    vi.mocked(store.getUserData).mockResolvedValue({ theme: 'dark' })
    expect(await users.getUserData('ann')).toEqual({ theme: 'dark' })
    await users.storeUserData('ann', 'type', 'category', 1, true)
    expect(store.storeUserData).toHaveBeenCalledWith('ann', 'type', 'category', 1, true)
    store.$patch({ isLoading: false })
    expect(store.isLoading).toBe(false)
    store.$reset()
    expect(store.streams).toEqual([])
  })

  it('runs real actions under spies when asked to', async () => {
    const kurrentLite = createTestingKurrentLite()
    kurrentLite.attachTo(createTestingPinia({ createSpy: vi.fn, stubActions: false }))
    const store = useKurrentDBStore()
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    expect(store.createStream).toHaveBeenCalledTimes(1)
    expect(store.streams).toMatchObject([{ id: 'a' }])
    await useUserStreamService().storeUserData('ann', { a: 1 })
    expect(store.storeUserData).toHaveBeenCalledWith('ann', { a: 1 })
    expect(store.totalUserStreams).toBe(1)
    kurrentLite.dispose()
  })
})

describe('createTestingKurrentLite', () => {
  it('is empty, apart from others, and blind to variables of the process', async () => {
    vi.stubEnv('VITE_KURRENT_DB_ENABLED', 'false')
    const [one, two] = [createTestingKurrentLite(), createTestingKurrentLite()]
    await one.session.streams.create({ id: 'a', name: 'A', data: 1 })
    expect(await two.session.streams.get('a')).toBeNull()
    expect(one.session.environment).toBe('test')
    expect((await one.session.simulation()).name).toBe('instant')
    vi.unstubAllEnvs()
    one.dispose()
    two.dispose()
    expect(await failureOf(one.session.streams.list())).toMatchObject({ type: 'operation-cancelled' })
  })

  it('takes options, e.g. a storage that a later one reads', async () => {
    const storage = memoryStorage()
    const first = createTestingKurrentLite({ persist: { storage } })
    await first.session.streams.create({ id: 'a', name: 'A', data: 1 })
    await first.session.save()
    first.dispose()
    const second = createTestingKurrentLite({ persist: { storage } })
    expect(await second.session.streams.get('a')).toMatchObject({ id: 'a' })
    second.dispose()
  })
})
