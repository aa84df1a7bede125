import { computed, ref, shallowRef } from 'vue'

/** One finished call of the store. */
export interface Call {
  readonly name: string
  /** When it finished, `Date.now()`. */
  readonly at: number
  readonly ms: number
  readonly ok: boolean
}

/** The part of Pinia's `$onAction` context that is needed here. */
interface ActionContext {
  readonly name: string
  after(callback: () => void): void
  onError(callback: () => void): void
}

const keptCalls = 240
const calls = shallowRef<readonly Call[]>([])
const second = ref(Math.floor(Date.now() / 1000))
setInterval(() => (second.value = Math.floor(Date.now() / 1000)), 1000)

/** What a person does or a program asks for; the store's own refreshing would drown it. */
const background = new Set(['initialize', 'refresh', 'checkHealth', 'loadStreams', 'loadMetrics', 'clearError'])

/** Measures every action of a store, by `store.$onAction(recordAction)`. */
export function recordAction({ name, after, onError }: ActionContext): void {
  if (background.has(name) || name.startsWith('$')) return
  const started = performance.now()
  const finish = (ok: boolean) => () => {
    calls.value = [...calls.value, { name, at: Date.now(), ms: performance.now() - started, ok }].slice(-keptCalls)
  }
  after(finish(true))
  onError(finish(false))
}

/** Calls per second over the last minute, the present second last. */
export function useThroughput(seconds = 60) {
  return computed(() => {
    const counts = Array.from({ length: seconds }, () => ({ ok: 0, failed: 0 }))
    for (const call of calls.value) {
      const slot = counts[seconds - 1 - (second.value - Math.floor(call.at / 1000))]
      if (slot) slot[call.ok ? 'ok' : 'failed']++
    }
    return counts
  })
}

export const useCalls = () => calls
