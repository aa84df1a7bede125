/** Timers of the host, taken at import: test runners replace the global ones by fake ones that stand still. */
const { setTimeout: setTimer, clearTimeout: clearTimer } = globalThis

/** Runs `run` once after `ms`, unless the returned function is called before. Never keeps a Node process alive. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimer(run, ms) as unknown
  if (typeof timer === 'object') (timer as { unref?: () => void }).unref?.()
  return () => clearTimer(timer as Parameters<typeof clearTimer>[0])
}
