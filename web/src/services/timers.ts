import { startTimer, stopTimer } from '../wasm/environment'

/** Runs `run` once after `ms`, unless the returned function is called before. Never keeps a Node process alive. */
export function after(ms: number, run: () => void): () => void {
  const timer = startTimer(run, ms, false)
  return () => stopTimer(timer)
}
