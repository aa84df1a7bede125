// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp, h } from 'vue'
import { databaseOf } from '../../web/src'
import { jsonEvent } from '../../web/src/client'
import { createKurrentLite, useKurrentDB } from '../../web/src/vue'
import type { DevtoolsApi, InspectorNode, InspectorState, PluginDescriptor, TimelineEvent } from '../../web/src/vue/devtools/api'
import { failureOf } from './support'

type Host = { __VUE_DEVTOOLS_GLOBAL_HOOK__?: unknown; __VUE_DEVTOOLS_PLUGINS__?: unknown[] }
const host = globalThis as Host
const opened: (() => void)[] = []
afterEach(() => {
  for (const close of opened.splice(0)) close()
  delete host.__VUE_DEVTOOLS_GLOBAL_HOOK__
  delete host.__VUE_DEVTOOLS_PLUGINS__
})

/** The Devtools, as far as plugins see them. */
class FakeDevtools {
  readonly descriptors: PluginDescriptor[] = []
  readonly layers: string[] = []
  readonly timeline: { layerId: string; event: TimelineEvent }[] = []
  readonly sent = vi.fn()
  private answerTree: Parameters<DevtoolsApi['on']['getInspectorTree']>[0] | undefined
  private answerState: Parameters<DevtoolsApi['on']['getInspectorState']>[0] | undefined

  readonly hook = {
    // Vue itself emits others.
    emit: (event: string, descriptor: PluginDescriptor, setup: (api: DevtoolsApi) => void) => {
      if (event !== 'devtools-plugin:setup') return
      this.descriptors.push(descriptor)
      setup(this.api)
    },
  }

  readonly api: DevtoolsApi = {
    now: () => 7,
    addTimelineLayer: ({ id }) => this.layers.push(id),
    addTimelineEvent: (event) => this.timeline.push(event),
    addInspector: ({ id }) => this.layers.push(id),
    sendInspectorTree: this.sent,
    sendInspectorState: () => undefined,
    on: {
      getInspectorTree: (answer) => (this.answerTree = answer),
      getInspectorState: (answer) => (this.answerState = answer),
    },
  }

  tree(filter = ''): InspectorNode[] {
    const payload = { app: this.descriptors[0]!.app, inspectorId: 'kurrentdb', filter, rootNodes: [] as InspectorNode[] }
    this.answerTree!(payload)
    return payload.rootNodes
  }

  state(nodeId: string): Record<string, Record<string, unknown>> {
    const payload = { app: this.descriptors[0]!.app, inspectorId: 'kurrentdb', nodeId, state: {} as InspectorState }
    this.answerState!(payload)
    const plain = (rows: InspectorState[string]) => Object.fromEntries(rows.map(({ key, value }) => [key, value]))
    return Object.fromEntries(Object.entries(payload.state).map(([section, rows]) => [section, plain(rows)]))
  }

  titles(layer: string): string[] {
    return this.timeline.filter(({ layerId }) => layerId === layer).map(({ event }) => event.title)
  }
}

async function openApp() {
  const devtools = new FakeDevtools()
  host.__VUE_DEVTOOLS_GLOBAL_HOOK__ = devtools.hook
  const app = createApp({ render: () => h('div') })
  app.use(createKurrentLite({ env: {}, environment: 'test', sync: false }))
  app.mount(document.createElement('div'))
  opened.push(() => app.unmount())
  const session = app.runWithContext(() => useKurrentDB())
  await vi.waitFor(() => expect(devtools.descriptors).toHaveLength(1))
  return { devtools, app, session }
}

const placed = (total: number) => jsonEvent({ type: 'placed', data: { total } })

describe('the Devtools plugin', () => {
  it('has timelines and an inspector, and loads nothing by itself', async () => {
    const { devtools, session, app } = await openApp()
    expect(devtools.descriptors[0]).toMatchObject({ label: 'KurrentDB', packageName: 'kurrentlite', app })
    expect(devtools.layers).toEqual(['kurrentdb:events', 'kurrentdb:calls', 'kurrentdb'])
    expect(devtools.tree()).toMatchObject([{ id: 'session', tags: [{ label: 'disconnected' }, { label: 'test' }] }])
    expect(devtools.timeline).toEqual([])
    expect(session.connection.status).toBe('disconnected')
  })

  it('shows calls, their failures, the connection, and every event that is appended', async () => {
    const { devtools, session } = await openApp()
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await vi.waitFor(() => expect(devtools.titles('kurrentdb:calls')).toContain('connected'))
    await vi.waitFor(() => expect(devtools.tree().map(({ id }) => id)).toContain('stream:document-a'))
    await session.client.appendToStream('order-1', [placed(1), placed(2)])
    await vi.waitFor(() => expect(devtools.titles('kurrentdb:events').filter((title) => title === 'placed')).toHaveLength(2))
    const { event } = devtools.timeline.filter(({ layerId, event: { title } }) => layerId === 'kurrentdb:events' && title === 'placed')[1]!
    expect(event).toMatchObject({
      time: 7, subtitle: 'order-1 @ 1', data: { stream: 'order-1', revision: 1, type: 'placed', data: { total: 2 } },
    })
    await failureOf(session.streams.create({ name: '', data: 1 }))
    await databaseOf(session.client).faults.fail('append')
    await failureOf(session.client.appendToStream('order-1', placed(3)))
    for await (const _event of session.client.readStream('order-1'));
    const calls = devtools.timeline.filter(({ layerId }) => layerId === 'kurrentdb:calls').map(({ event: { title, logType } }) => `${title} ${logType}`)
    expect(calls).toEqual(
      expect.arrayContaining([
        'createStream default', 'createStream error', 'appendToStream default', 'appendToStream error', 'readStream default',
      ]),
    )
    expect(() => JSON.stringify(devtools.timeline)).not.toThrow()
  })

  it('inspects the session, streams and events', async () => {
    const { devtools, session } = await openApp()
    await session.kurrentdb.connect()
    await session.client.appendToStream('order-1', [placed(1), placed(2)])
    await session.client.appendToStream('order-2', placed(3))
    await vi.waitFor(() => expect(devtools.tree()).toHaveLength(3))
    expect(devtools.sent).toHaveBeenCalledWith('kurrentdb')
    expect(devtools.tree().slice(1)).toMatchObject([
      { label: 'order-2', tags: [{ label: '1' }], children: [{ label: '0 placed' }] },
      { label: 'order-1', tags: [{ label: '2' }], children: [{ label: '1 placed' }, { label: '0 placed' }] },
    ])
    expect(devtools.tree('ORDER-1').map(({ label }) => label)).toEqual(['Session', 'order-1'])
    expect(devtools.state('stream:order-1')).toEqual({
      stream: { name: 'order-1', version: 2 },
      events: { '0 placed': { total: 1 }, '1 placed': { total: 2 } },
    })
    expect(devtools.state('event:1@order-1').event).toMatchObject({ revision: 1, type: 'placed', data: { total: 2 } })
    await session.kurrentdb.checkHealth()
    expect(devtools.state('session')).toMatchObject({
      connection: { status: 'connected', environment: 'test' },
      health: { status: 'healthy' },
    })
    expect(devtools.state('stream:unknown')).toEqual({})
  })

  it('goes with the environment, and ends with the app', async () => {
    const { devtools, session, app } = await openApp()
    await session.client.appendToStream('order-1', placed(1))
    await session.kurrentdb.connect()
    await vi.waitFor(() => expect(devtools.tree()).toHaveLength(2))
    await session.switchEnvironment('staging')
    await vi.waitFor(() => expect(devtools.tree()).toMatchObject([{ id: 'session', tags: [{}, { label: 'staging' }] }]))
    const { call } = session
    app.unmount()
    opened.length = 0
    expect(session.call).not.toBe(call)
    const before = devtools.timeline.length
    await failureOf(session.streams.list())
    expect(devtools.timeline).toHaveLength(before)
  })

  it('waits for Devtools that come later', async () => {
    const app = createApp({ render: () => h('div') })
    app.use(createKurrentLite({ env: {}, environment: 'test' }))
    await vi.waitFor(() => expect(host.__VUE_DEVTOOLS_PLUGINS__).toMatchObject([{ pluginDescriptor: { label: 'KurrentDB' } }]))
  })
})
