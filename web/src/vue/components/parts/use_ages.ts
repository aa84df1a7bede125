import { getCurrentScope, onScopeDispose, ref } from 'vue'
import { formatAge } from './format'

/** The present, to the nearest ten seconds, while anything shows ages. */
const now = ref(0)
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** Words ages, e.g. "5 min ago". What renders them is rendered again as they grow, while the caller's scope lives. */
export function useAges(): (date: Date) => string {
  now.value = Date.now()
  // On a server, and outside of scopes, nothing would stop a timer.
  if (getCurrentScope() && typeof document !== 'undefined') {
    users++
    timer ??= setInterval(() => (now.value = Date.now()), 10_000)
    onScopeDispose(() => {
      if (--users > 0) return
      clearInterval(timer)
      timer = undefined
    })
  }
  return (date) => formatAge(date, Math.max(now.value, Date.now()))
}
