import { messageOf } from 'kurrentlite/vue'
import { computed, reactive } from 'vue'
import { useDatabase } from '../app/database'

/** The user whose data the test writes are. */
const trafficUser = 'network-test'
/** Writes under way at the same time, each lane on a stream of its own. */
const lanes = 4
/** How often a write is sent before the test gives up; each time the services repeat it by themselves too. */
const attempts = 4

const state = reactive({
  running: false,
  planned: 0,
  landed: 0,
  /** Writes that failed for good at first, and were sent again after a look into the log. */
  repeated: 0,
  /** Test writes of the last run found in the log, and how many of them more than once. */
  found: 0,
  doubled: 0,
  failure: '',
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
    Object.assign(state, { running: true, planned: count, landed: 0, repeated: 0, found: 0, doubled: 0, failure: '', finished: false })
    try {
      const run = { name: Math.random().toString(36).slice(2), since: await head() }
      const waiting = Array.from({ length: count }, (_, index) => index)
      const lane = async (_: unknown, number: number) => {
        for (let index = waiting.shift(); index !== undefined && state.failure === ''; index = waiting.shift()) await write(run, number, index)
      }
      await Promise.all(Array.from({ length: lanes }, lane))
      const seen = await marksInLog(run)
      state.found = seen.size
      state.doubled = [...seen.values()].filter((times) => times > 1).length
      state.finished = true
    } catch (error) {
      state.failure = messageOf(error)
    } finally {
      state.running = false
    }
  }

  async function write(run: Run, lane: number, index: number): Promise<void> {
    const mark = `${run.name}#${index};`
    for (let attempt = 1; ; attempt++) {
      try {
        await store.storeUserData({ userId: trafficUser, type: `lane-${lane + 1}`, data: { mark } })
        break
      } catch (error) {
        // The reply may have been lost on a write that happened: sending it again blindly would make it twice.
        if ((await marksInLog(run)).has(mark)) break
        if (attempt === attempts || state.failure !== '') {
          state.failure = messageOf(error)
          return
        }
        state.repeated++
      }
    }
    state.landed++
  }

  async function marksInLog(run: Run): Promise<Map<string, number>> {
    const seen = new Map<string, number>()
    for (const event of await eventsSince(run.since)) {
      const mark = new RegExp(`${run.name}#\\d+;`).exec(JSON.stringify(event.data))?.[0]
      if (mark !== undefined) seen.set(mark, (seen.get(mark) ?? 0) + 1)
    }
    return seen
  }

  const verdict = computed(() => {
    if (!state.finished) return undefined
    if (state.doubled > 0) return { tone: 'bad', text: `${state.doubled} writes are in the log more than once.` } as const
    if (state.found === state.planned) return { tone: 'good', text: `All ${state.planned} writes landed, each exactly once.` } as const
    return { tone: 'warn', text: `Stopped: ${state.found} of ${state.planned} writes are in the log, none of them twice.` } as const
  })

  return { state, send, verdict }
}

interface Run {
  readonly name: string
  /** Position of the log when it began. */
  readonly since: bigint
}
