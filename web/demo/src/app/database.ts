import { storeToRefs } from 'pinia'
import { messageOf } from 'kurrentlite/vue'
import { computed, effectScope, ref, shallowRef, watch } from 'vue'
import {
  useKurrentDB,
  useKurrentDBStore,
  type EnvironmentName,
  type SimulationProfile,
  type StoredEvent,
} from '@/features/kurrentDB'
import { rememberEnvironment } from '@/shared/config/kurrentDB'
import { useEventLog } from './eventLog'
import { announce } from './messages'
import { takeDatabase } from './oneTab'
import { writeSamples } from './transferActions'

export { environments } from '@/shared/config/kurrentDB'
export type { EnvironmentName as Environment } from '@/features/kurrentDB'

/** The demo's one view of the database: the store, the session behind it, and what both do not have. */
function create() {
  const store = useKurrentDBStore()
  const session = useKurrentDB()
  const { connection, health, metrics, streams, userStreams } = storeToRefs(store)
  const environment = computed(() => connection.value.environment)
  const eventLog = useEventLog(session)

  const isReady = ref(false)
  const startFailure = ref<string>()
  const simulation = shallowRef<SimulationProfile>()
  const endpoint = ref('')

  session.on('simulation', async () => (simulation.value = await session.simulation()))
  session.on('problem', () => session.problem && announce(session.problem.message, 'bad'))
  watch(environment, rememberEnvironment)
  watch(eventLog.changes, () => isReady.value && void refreshFigures())

  let figures: Promise<unknown> | undefined
  let figuresAreOld = false
  /** The figures follow the log, one call at a time however fast it grows. */
  async function refreshFigures(): Promise<void> {
    figuresAreOld = true
    if (figures) return
    while (figuresAreOld) {
      figuresAreOld = false
      figures = store.loadMetrics().catch(() => undefined) // what is wrong shows in connection and health
      await figures
    }
    figures = undefined
  }

  /** Unsaved work is saved before another tab gets the database. */
  const owned = takeDatabase(async () => {
    if (isReady.value) await session.save()
    session.dispose()
  })

  /** Opens the database and shows it; on the very first visit it is filled with samples. */
  async function start(): Promise<void> {
    startFailure.value = undefined
    try {
      await owned
      const database = await session.openDatabase()
      if (database.head() === 0n && environment.value === 'dev') await writeSamples(session)
      await store.initialize()
    } catch (error) {
      startFailure.value = messageOf(error)
      return
    }
    await follow()
    isReady.value = true
  }

  /** Turns to the database of the session's present environment. */
  async function follow(): Promise<void> {
    await eventLog.attach()
    simulation.value = await session.simulation()
    endpoint.value = (await session.config()).endpoints.grpc
  }

  async function switchEnvironment(name: EnvironmentName): Promise<void> {
    await store.switchEnvironment(name)
    await follow()
  }

  async function startAfresh(): Promise<void> {
    await store.reset()
    await writeSamples(session)
    eventLog.noteSoon()
  }

  async function addSamples(): Promise<void> {
    await writeSamples(session)
  }

  return {
    store,
    session,
    connection,
    health,
    metrics,
    streams,
    userStreams,
    environment,
    simulation,
    endpoint,
    isReady,
    startFailure,
    changes: eventLog.changes,
    start,
    switchEnvironment,
    startAfresh,
    addSamples,
    noteChange: eventLog.noteSoon,
    documentEvents: (id: string): Promise<StoredEvent[]> => store.loadStreamEvents(id),
    head: async () => (await session.openDatabase()).head(),
    eventsSince: async (position: bigint) => (await session.openDatabase()).readAllEvents({ after: position }),
  }
}

let shared: ReturnType<typeof create> | undefined

/** First called while the root component is set up, where the app's Pinia and session can be found. */
export function useDatabase(): ReturnType<typeof create> {
  return (shared ??= effectScope(true).run(create) as ReturnType<typeof create>)
}
