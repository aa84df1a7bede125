import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h, onServerPrefetch } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { useKurrentDBStore } from '../../web/src/pinia'
import type { Session } from '../../web/src/services'
import { createKurrentLite, KurrentDBStatus, useKurrentDB } from '../../web/src/vue'

afterEach(() => setActivePinia(undefined))

const Documents = defineComponent({
  props: { name: { type: String, required: true } },
  setup(props) {
    const store = useKurrentDBStore()
    onServerPrefetch(async () => {
      await store.createStream({ id: 'a', name: props.name, data: 1 })
      await store.initialize()
    })
    return () =>
      h('main', [
        h(KurrentDBStatus),
        h(
          'ul',
          store.streams.map(({ id, name }) => h('li', { key: id }, name)),
        ),
      ])
  },
})

function render(name: string, withPlugin: boolean) {
  const pinia = createPinia()
  let session: Session | undefined
  const Root = defineComponent({ setup: () => ((session = useKurrentDB()), () => h(Documents, { name })) })
  const app = createSSRApp(Root).use(pinia)
  if (withPlugin) app.use(createKurrentLite({ env: {}, config: { syncInterval: 1 } }))
  return renderToString(app).then((html) => ({ html, session: session!, pinia }))
}

/** Timers that keep or do not keep the process alive. */
const activeTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

describe('on a server', () => {
  it('nothing touches a window or starts a timer at import', async () => {
    vi.resetModules()
    const before = activeTimers()
    for (const name of ['window', 'document', 'navigator', 'indexedDB', 'localStorage']) {
      vi.stubGlobal(name, undefined)
    }
    await import('../../web/src/vue')
    await import('../../web/src/pinia')
    await import('../../web/src/services')
    await import('../../web/src/testing')
    vi.unstubAllGlobals()
    expect(activeTimers()).toBeLessThanOrEqual(before) // one of the runner may have ended
  })

  it.each([true, false])(
    'each app has a database of its own and leaves no timer behind (with the plugin: %s)',
    async (withPlugin) => {
      const before = activeTimers()
      const [one, two] = await Promise.all([render('one', withPlugin), render('two', withPlugin)])
      expect(one.html).toContain('<li>one</li>')
      expect(two.html).toContain('<li>two</li>')
      expect(one.html).not.toContain('two')
      expect(one.html).toContain('Connected')
      expect(one.session).not.toBe(two.session)
      expect(await one.session.streams.get('a')).toMatchObject({ name: 'one' })
      const { connection, health } = one.pinia.state.value.kurrentdb!
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(one.pinia.state.value.kurrentdb).toMatchObject({ connection, health })
      expect(one.pinia.state.value.kurrentdb!.health).toBe(health)
      expect(activeTimers()).toBeLessThanOrEqual(before)
      one.session.dispose()
      two.session.dispose()
    },
  )

  it('state can be sent to the browser, and the store there begins with it', async () => {
    const { pinia, session } = await render('sent', true)
    const sent = JSON.parse(JSON.stringify(pinia.state.value))
    const browser = createPinia()
    browser.state.value = sent
    setActivePinia(browser)
    const store = useKurrentDBStore()
    expect(store.streams).toMatchObject([{ id: 'a', name: 'sent' }])
    expect(store.connection.status).toBe('connected')
    session.dispose()
  })

  it('a request that forgets its session leaves no memory behind', async () => {
    const gc = (globalThis as { gc?: () => void }).gc
    if (!gc) throw new Error('run with --expose-gc')
    const closed = vi.fn()
    const forget = async () => {
      const { session } = await render('forgotten', true)
      const database = await session.openDatabase()
      const close = database.close.bind(database)
      database.close = () => (closed(), close())
    }
    for (let index = 0; index < 5; index += 1) await forget()
    setActivePinia(undefined)
    for (let round = 0; round < 50 && closed.mock.calls.length < 4; round += 1) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(closed.mock.calls.length).toBeGreaterThanOrEqual(4)
  })
})
