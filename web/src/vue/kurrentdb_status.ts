import { computed, defineComponent, h, type PropType, shallowRef, useId, type VNode } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../services/errors'
import type { ConnectionStatus, DatabaseHealth } from '../services/models'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { useConnection, useHealth } from './composables'

const statusText: Readonly<Record<ConnectionStatus, string>> = {
  connected: 'Connected',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  disconnected: 'Disconnected',
  error: 'Connection failed',
}

/**
 * Shows the connection: status, environment and how long the last health check took. A button checks the health and
 * shows each probe. Needs `kurrentlite/style.css`; colours are CSS variables (`--kurrentdb-…`) and follow the colour
 * scheme.
 */
export const KurrentDBStatus = defineComponent({
  name: 'KurrentDBStatus',
  props: {
    /** The session to show. @defaultValue the one of the app */
    session: { type: Object as PropType<Session>, default: undefined },
    /** Leaves out the health check. */
    compact: { type: Boolean, default: false },
  },
  setup(props) {
    const session = props.session ?? currentSession()
    const connection = useConnection(session)
    const health = useHealth(session)
    const { open, busy, error, toggle } = useHealthPanel(session)
    const panelId = useId()
    const latency = computed(() => (health.value ? `${health.value.responseTime.toFixed(1)} ms` : ''))

    const summary = (): VNode =>
      h('p', { class: 'kurrentdb-status__summary', role: 'status' }, [
        h('span', { class: 'kurrentdb-status__light', 'aria-hidden': 'true' }),
        h('span', { class: 'kurrentdb-status__text' }, statusText[connection.value.status]),
        h('span', { class: 'kurrentdb-status__environment' }, connection.value.environment),
        latency.value &&
          h('span', { class: 'kurrentdb-status__latency', title: 'Duration of the last health check' }, latency.value),
      ])
    const button = (): VNode =>
      h(
        'button',
        {
          type: 'button',
          class: 'kurrentdb-status__button',
          'aria-expanded': String(open.value),
          'aria-controls': panelId,
          'aria-busy': String(busy.value),
          onClick: toggle,
        },
        'Health',
      )
    const panel = (): VNode =>
      h('div', { class: 'kurrentdb-status__panel', id: panelId, hidden: !open.value }, [
        error.value ? h('p', { class: 'kurrentdb-status__error', role: 'alert' }, error.value.message) : undefined,
        ...(health.value ? healthList(health.value) : []),
      ])
    return () =>
      h('div', { class: 'kurrentdb-status', 'data-status': connection.value.status }, [
        summary(),
        ...(props.compact ? [] : [button(), panel()]),
      ])
  },
})

/** Opening the panel checks the health. */
function useHealthPanel(session: Session) {
  const open = shallowRef(false)
  const busy = shallowRef(false)
  const error = shallowRef<KurrentLiteError | null>(null)
  async function toggle(): Promise<void> {
    open.value = !open.value
    if (!open.value) return
    busy.value = true
    error.value = null
    try {
      await session.kurrentdb.checkHealth()
    } catch (thrown) {
      error.value = toKurrentLiteError(thrown)
    } finally {
      busy.value = false
    }
  }
  return { open, busy, error, toggle }
}

function healthList({ status, checks, errors }: DatabaseHealth): VNode[] {
  const rows = Object.entries(checks).map(([name, passed]) =>
    h(
      'li',
      { key: name, class: 'kurrentdb-status__check', 'data-passed': String(passed) },
      `${name}: ${passed ? 'passed' : 'failed'}`,
    ),
  )
  const problems = errors.map((text, index) =>
    h('li', { key: `error-${index}`, class: 'kurrentdb-status__problem' }, text),
  )
  return [h('p', { class: 'kurrentdb-status__health' }, `Health: ${status}`), h('ul', [...rows, ...problems])]
}
