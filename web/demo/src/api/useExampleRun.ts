import { messageOf } from 'kurrentlite/vue'
import { ref, shallowRef } from 'vue'
import type { StoredEvent } from '@/features/kurrentDB'
import { useDatabase } from '../app/database'
import { runExample, type Example } from '../app/examples'

export interface RecordedCall {
  readonly name: string
  readonly args: readonly unknown[]
  readonly result?: unknown
  readonly failure?: string
}

/** Runs an example and tells what it did: the store's actions with their results, and the events that came of it. */
export function useExampleRun(example: Example) {
  const { store, head, eventsSince } = useDatabase()
  const busy = ref(false)
  const outcome = ref<'succeeded' | 'failed'>()
  const failure = ref<string>()
  const calls = shallowRef<readonly RecordedCall[]>([])
  const events = shallowRef<readonly StoredEvent[]>([])

  async function run(): Promise<void> {
    if (busy.value) return
    busy.value = true
    outcome.value = undefined
    failure.value = undefined
    calls.value = []
    events.value = []
    const before = await head()
    const shown = new RegExp(`\\b(${[...example.text.matchAll(/\.(\w+)\(/g)].map(([, name]) => name).join('|')})\\b`)
    const stop = store.$onAction(({ name, args, after, onError }) => {
      if (!shown.test(name)) return
      after((result: unknown) => (calls.value = [...calls.value, { name, args, result }]))
      onError((error) => (calls.value = [...calls.value, { name, args, failure: messageOf(error) }]))
    })
    try {
      await runExample(example.id)
      outcome.value = 'succeeded'
    } catch (error) {
      outcome.value = 'failed'
      failure.value = messageOf(error)
    } finally {
      stop()
      events.value = await eventsSince(before)
      busy.value = false
    }
  }

  return { busy, outcome, failure, calls, events, run }
}
