import { computed, reactive } from 'vue'
import { useDatabase } from '../app/database'
import { messageOf } from '../app/action'

/** The user whose data the test writes are. */
export const trafficUser = 'network-test'

const state = reactive({
  running: false,
  planned: 0,
  landed: 0,
  failed: 0,
  /** Test writes of the last run found in the log, and how many of them more than once. */
  found: 0,
  doubled: 0,
  lastFailure: '',
  finished: false,
})

/**
 * Sends writes at the simulated network and afterwards counts in the log what arrived: each write must be there once,
 * also when replies were lost and calls repeated.
 */
export function useTraffic() {
  const { store, eventsSince, head } = useDatabase()

  async function send(count: number): Promise<void> {
    if (state.running) return
    Object.assign(state, { running: true, planned: count, landed: 0, failed: 0, found: 0, doubled: 0, lastFailure: '', finished: false })
    const run = Math.random().toString(36).slice(2)
    const before = await head()
    try {
      const writes = Array.from({ length: count }, (_, index) => write(run, index))
      await Promise.all(writes)
      const seen = await countInLog(run, before)
      state.found = seen.size
      state.doubled = [...seen.values()].filter((times) => times > 1).length
      state.finished = true
    } catch (error) {
      state.lastFailure = messageOf(error)
    } finally {
      state.running = false
    }
  }

  async function write(run: string, index: number): Promise<void> {
    try {
      await store.storeUserData({ userId: trafficUser, type: `write-${index % 4}`, data: { run, mark: `${run}#${index};` } })
      state.landed++
    } catch (error) {
      state.failed++
      state.lastFailure = messageOf(error)
    }
  }

  async function countInLog(run: string, before: bigint): Promise<Map<string, number>> {
    const seen = new Map<string, number>()
    for (const event of await eventsSince(before)) {
      const mark = new RegExp(`${run}#\\d+;`).exec(JSON.stringify(event.data))?.[0]
      if (mark !== undefined) seen.set(mark, (seen.get(mark) ?? 0) + 1)
    }
    return seen
  }

  const verdict = computed(() => {
    if (!state.finished) return undefined
    if (state.doubled > 0) return { tone: 'bad', text: `${state.doubled} writes are in the log more than once.` } as const
    if (state.failed === 0 && state.found === state.planned) {
      return { tone: 'good', text: `All ${state.planned} writes landed, each exactly once.` } as const
    }
    return {
      tone: 'warn',
      text: `${state.landed} of ${state.planned} writes were confirmed and ${state.found} are in the log, none of them twice.`,
    } as const
  })

  return { state, send, verdict }
}
