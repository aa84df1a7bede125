import type { App } from 'vue'
import type { Session } from '../../services/session'
import type { StoredEvent } from '../../wasm/core'
import { announce, type DevtoolsApi, type InspectorNode, type InspectorState } from './api'
import { StreamIndex } from './stream_index'
import { tap, type TappedCall } from './tap'

const EVENTS = 'kurrentdb:events'
const CALLS = 'kurrentdb:calls'
const INSPECTOR = 'kurrentdb'
/** Streams in the tree: those appended to last. */
const STREAMS_SHOWN = 200

/**
 * Shows a session in the Vue Devtools: two timelines, of events that are appended and of calls with their failures, and an
 * inspector of the session (connection, health, user) and of its streams. Loads nothing: it looks at the database once the
 * app has connected. Returns the function that ends it.
 */
export function addDevtools(app: App, session: Session): () => void {
  let stop = (): void => undefined
  let isOver = false
  announce(
    { id: 'io.kurrent.kurrentlite', label: 'KurrentDB', packageName: 'kurrentlite', app },
    (api) => {
      if (!isOver) stop = show(api, app, session)
    },
  )
  return () => {
    isOver = true
    stop()
  }
}

function show(api: DevtoolsApi, app: App, session: Session): () => void {
  const now = (): number => (typeof api.now === 'function' ? api.now() : Date.now())
  const log = (layerId: string, title: string, subtitle: string, data: Record<string, unknown>, failed = false): void =>
    api.addTimelineEvent({ layerId, event: { time: now(), title, subtitle, data, logType: failed ? 'error' : 'default' } })
  api.addTimelineLayer({ id: EVENTS, label: 'KurrentDB events', color: 0x6d28d9 })
  api.addTimelineLayer({ id: CALLS, label: 'KurrentDB calls', color: 0x0d9488 })
  api.addInspector({ id: INSPECTOR, label: 'KurrentDB', icon: 'storage', treeFilterPlaceholder: 'Find streams' })

  let index: StreamIndex | undefined
  let environment: string | undefined
  const refresh = soon(() => {
    api.sendInspectorTree(INSPECTOR)
    api.sendInspectorState(INSPECTOR)
  })
  const follow = async (): Promise<void> => {
    if (session.environment === environment || !session.connection.isConnected) return
    environment = session.environment
    index?.stop()
    const tellAppended = (events: readonly StoredEvent[]): void => {
      for (const event of events) log(EVENTS, event.type, `${event.streamId} @ ${event.revision}`, contentOf(event))
    }
    index = new StreamIndex(await session.openDatabase(), tellAppended, refresh)
  }

  const stops = [
    tap(session, ({ title, subtitle, durationMs, error }: TappedCall) =>
      log(CALLS, title, error ? error.message : subtitle, { durationMs, ...(error && { error }) }, error !== undefined),
    ),
    session.on('connection', () => {
      const { status, isConnected, environment: name } = session.connection
      log(CALLS, status, name, { ...session.connection }, !isConnected && status === 'error')
      void follow().catch(() => undefined)
      refresh()
    }),
    session.on('problem', () => log(CALLS, 'problem', session.problem?.message ?? '', { error: session.problem }, true)),
    session.on('health', refresh),
    session.on('user', refresh),
    () => index?.stop(),
  ]
  void follow().catch(() => undefined)

  api.on.getInspectorTree((payload) => {
    if (payload.app !== app || payload.inspectorId !== INSPECTOR) return
    payload.rootNodes = [sessionNode(session), ...streamNodes(index, payload.filter ?? '')]
  })
  api.on.getInspectorState((payload) => {
    if (payload.app !== app || payload.inspectorId !== INSPECTOR) return
    payload.state = payload.nodeId === 'session' ? sessionState(session) : streamState(index, payload.nodeId)
  })
  return () => {
    for (const stop of stops) stop()
  }
}

/** Runs `act` once for what happens in one go. */
function soon(act: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      act()
    })
  }
}

const tag = (label: string, backgroundColor: number) => ({ label, textColor: 0xffffff, backgroundColor })

function sessionNode(session: Session): InspectorNode {
  const { status, isConnected } = session.connection
  return {
    id: 'session',
    label: 'Session',
    tags: [tag(status, isConnected ? 0x15803d : 0x57534e), tag(session.environment, 0x1d4ed8)],
  }
}

function streamNodes(index: StreamIndex | undefined, filter: string): InspectorNode[] {
  const wanted = filter.toLowerCase()
  return [...(index?.streams.values() ?? [])]
    .reverse()
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .slice(0, STREAMS_SHOWN)
    .map(({ name, version, latest }) => ({
      id: `stream:${name}`,
      label: name,
      tags: [tag(String(version), 0x6d28d9)],
      children: [...latest].reverse().map(({ revision, type }) => ({
        id: `event:${revision}@${name}`,
        label: `${revision} ${type}`,
      })),
    }))
}

const entries = (content: object): InspectorState[string] =>
  Object.entries(content).map(([key, value]) => ({ key, value, editable: false }))

function sessionState(session: Session): InspectorState {
  return {
    connection: entries(session.connection),
    user: entries({ user: session.user ?? '(the program itself)' }),
    ...(session.health && { health: entries(session.health) }),
    ...(session.problem && { problem: entries({ message: session.problem.message }) }),
  }
}

function streamState(index: StreamIndex | undefined, nodeId: string): InspectorState {
  const [, revision, name] = /^(?:stream:|event:(\d+)@)(.*)$/s.exec(nodeId) ?? []
  const stream = name === undefined ? undefined : index?.streams.get(name)
  if (!index || !stream) return {}
  try {
    if (revision === undefined) {
      const events = index.events(stream.name, stream.version).map((event) => [`${event.revision} ${event.type}`, event.data])
      return { stream: entries({ name: stream.name, version: stream.version }), events: entries(Object.fromEntries(events)) }
    }
    const [event] = index.events(stream.name, Number(revision) + 1).slice(-1)
    return event ? { event: entries(contentOf(event)) } : {}
  } catch (thrown) {
    return { problem: entries({ message: String(thrown) }) }
  }
}

/** As the Devtools can show it: they know no bigint. */
const contentOf = ({ streamId, id, revision, type, data, metadata, created, position }: StoredEvent) => ({
  stream: streamId, revision: Number(revision), type, data, metadata, id, created, position: String(position.commit),
})
