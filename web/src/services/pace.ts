import { monotonic, startTimer, turn } from '../wasm/environment'

/** How long calls may hold the thread together before the page gets a turn. */
const LONGEST_MS = 12

let began: number | undefined

/**
 * Resolves at once while the page had a turn lately, and otherwise after it had one. Calls that are answered at once leave
 * the thread to nobody, however many of them are awaited one after the other: a loop over many pages would stand still.
 */
export function givePageItsTurn(): Promise<void> | undefined {
  const now = monotonic()
  if (began === undefined) {
    began = now
    void turn().then(() => (began = undefined))
    return undefined
  }
  if (now - began < LONGEST_MS) return undefined
  // A timer, since browsers let messages go before what is due for timers and for drawing.
  return new Promise((resolve) => startTimer(resolve, 0, true))
}
