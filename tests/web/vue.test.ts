// @vitest-environment jsdom
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, type Pinia, setActivePinia, storeToRefs } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp, defineComponent, h, nextTick } from 'vue'
import { useKurrentDBStore, useUserStreamService } from '../../web/src/pinia'
import type { Session } from '../../web/src/services'
import { createTestingKurrentLite } from '../../web/src/testing'
import { createKurrentLite, KurrentDBStatus, useConnection, useHealth, useKurrentDB } from '../../web/src/vue'
import { eventually, failureOf } from './support'

const options = { env: {}, environment: 'test', sync: false } as const
let wrapper: VueWrapper | undefined
afterEach(() => {
  wrapper?.unmount()
  wrapper = undefined
  setActivePinia(undefined)
})

/** Runs `use` in the setup of a component of a new app. */
function inApp<T>(plugins: unknown[], use: () => T): T {
  let result: T | undefined
  const component = defineComponent({
    setup() {
      result = use()
      return () => h('div')
    },
  })
  wrapper = mount(component, { global: { plugins: plugins as [] } })
  return result as T
}

describe('the plugin', () => {
  it.each([
    [
      'after Pinia',
      (pinia: Pinia) => [pinia, createKurrentLite({ ...options, environment: 'staging', simulation: 'instant' })],
    ],
    [
      'before Pinia',
      (pinia: Pinia) => [createKurrentLite({ ...options, environment: 'staging', simulation: 'instant' }), pinia],
    ],
  ])('gives store and composables the same session (%s)', async (_order, plugins) => {
    const pinia = createPinia()
    const { store, session, users } = inApp(plugins(pinia), () => ({
      store: useKurrentDBStore(),
      session: useKurrentDB(),
      users: useUserStreamService(),
    }))
    expect(store.connection.environment).toBe('staging')
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    expect(await session.streams.get('a')).toMatchObject({ id: 'a' })
    await users.storeUserData('ann', { a: 1 })
    expect((await session.users.get('ann'))?.data).toEqual({ a: 1 })
    expect(session.environment).toBe('staging')
  })

  it('takes over a store that was used before it', async () => {
    const pinia = createPinia()
    setActivePinia(pinia)
    const store = useKurrentDBStore()
    await store.createStream({ id: 'early', name: 'E', data: 1 })
    const app = createApp({ render: () => h('div') })
    app.use(pinia).use(createKurrentLite({ ...options, environment: 'mainnet', simulation: 'instant' }))
    expect(await store.getStream('early')).toBeNull()
    expect(store.connection.environment).toBe('mainnet')
    expect(store.streams).toEqual([])
    expect(app.runWithContext(() => useKurrentDB()).environment).toBe('mainnet')
  })

  it('is not needed', async () => {
    const { store, session } = inApp([createPinia()], () => ({ store: useKurrentDBStore(), session: useKurrentDB() }))
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    expect(await session.streams.get('a')).toMatchObject({ id: 'a' })
    session.dispose()
  })

  it('is not needed without Pinia, either: components of one app share a session', async () => {
    const sessions: Session[] = []
    const child = defineComponent({ setup: () => (sessions.push(useKurrentDB()), () => h('i')) })
    wrapper = mount(defineComponent({ setup: () => (sessions.push(useKurrentDB()), () => [h(child), h(child)]) }))
    expect(sessions).toHaveLength(3)
    expect(new Set(sessions).size).toBe(1)
    const other = inApp([], () => useKurrentDB())
    expect(other).not.toBe(sessions[0])
  })

  it('ends its session with the app', async () => {
    const session = inApp([createKurrentLite(options)], () => useKurrentDB())
    await session.kurrentdb.connect()
    wrapper?.unmount()
    wrapper = undefined
    expect(await failureOf(session.streams.list())).toMatchObject({ type: 'operation-cancelled' })
  })

  it('serves several apps, each by a session of its own', () => {
    const plugin = createKurrentLite(options)
    const first = inApp([plugin], () => useKurrentDB())
    const second = inApp([plugin], () => useKurrentDB())
    expect(second).not.toBe(first)
  })
})

describe('composables', () => {
  it('follow connection and health until their scope ends', async () => {
    const kurrentLite = createTestingKurrentLite()
    const { connection, health } = inApp([kurrentLite], () => ({ connection: useConnection(), health: useHealth() }))
    expect([connection.value.status, health.value]).toEqual(['disconnected', null])
    await kurrentLite.session.kurrentdb.connect()
    await eventually(() => connection.value.status === 'connected')
    const checked = await kurrentLite.session.kurrentdb.checkHealth()
    expect(health.value).toBe(checked)
    wrapper?.unmount()
    wrapper = undefined
    await kurrentLite.session.kurrentdb.checkHealth()
    expect(health.value).toBe(checked)
    kurrentLite.dispose()
  })
})

describe('KurrentDBStatus', () => {
  it('shows status and environment, and each probe on demand', async () => {
    const kurrentLite = createTestingKurrentLite()
    wrapper = mount(KurrentDBStatus, { global: { plugins: [kurrentLite] } })
    const status = wrapper.get('[role=status]')
    expect(status.text()).toContain('Disconnected')
    expect(status.text()).toContain('test')
    const button = wrapper.get('button')
    const panel = wrapper.get(`[id="${button.attributes('aria-controls')}"]`)
    expect([button.attributes('aria-expanded'), panel.isVisible()]).toEqual(['false', false])
    await button.trigger('click')
    await eventually(() => wrapper!.text().includes('Health: healthy'))
    await nextTick()
    expect(button.attributes('aria-expanded')).toBe('true')
    for (const probe of ['connection', 'authentication', 'read', 'write', 'sync'])
      expect(panel.text()).toContain(`${probe}: passed`)
    await eventually(() => status.text().includes('Connected'))
    expect(status.text()).toMatch(/\d+\.\d ms/)
    expect(wrapper.get('.kurrentdb-status').attributes('data-status')).toBe('connected')
    await button.trigger('click')
    expect(button.attributes('aria-expanded')).toBe('false')
    kurrentLite.dispose()
  })

  it('tells why the health cannot be checked', async () => {
    const kurrentLite = createTestingKurrentLite({ env: { VITE_KURRENT_DB_ENABLED: 'false' } })
    wrapper = mount(KurrentDBStatus, { global: { plugins: [kurrentLite] } })
    await wrapper.get('button').trigger('click')
    await eventually(() => wrapper!.find('[role=alert]').exists())
    expect(wrapper.get('[role=alert]').text()).toContain('VITE_KURRENT_DB_ENABLED')
  })

  it('may be compact, and show a session that it is given', async () => {
    const { session } = createTestingKurrentLite({ environment: 'mainnet' })
    wrapper = mount(KurrentDBStatus, { props: { session, compact: true } })
    expect(wrapper.find('button').exists()).toBe(false)
    expect(wrapper.text()).toContain('mainnet')
  })
})

describe('a component', () => {
  it('renders what the store shows', async () => {
    const component = defineComponent({
      setup() {
        const store = useKurrentDBStore()
        const { streams, isLoading } = storeToRefs(store)
        return () =>
          h(
            'ul',
            { 'aria-busy': String(isLoading.value) },
            streams.value.map(({ id, name }) => h('li', { key: id }, name)),
          )
      },
    })
    const pinia = createPinia()
    wrapper = mount(component, { global: { plugins: [pinia, createKurrentLite(options)] } })
    const store = useKurrentDBStore(pinia)
    await store.createStream({ id: 'a', name: 'First', data: 1 })
    await store.createStream({ id: 'b', name: 'Second', data: 1 })
    await nextTick()
    expect(wrapper.findAll('li').map((item) => item.text())).toEqual(['First', 'Second'])
    await store.deleteStream('a')
    await nextTick()
    expect(wrapper.findAll('li').map((item) => item.text())).toEqual(['Second'])
    expect(wrapper.get('ul').attributes('aria-busy')).toBe('false')
  })

  it('keeps the database when fake timers stand still', async () => {
    vi.useFakeTimers()
    const store = inApp([createPinia(), createKurrentLite({ ...options, simulation: 'lan' })], () =>
      useKurrentDBStore(),
    )
    await store.createStream({ id: 'a', name: 'A', data: 1 })
    expect(store.streams).toHaveLength(1)
    vi.useRealTimers()
  })
})
