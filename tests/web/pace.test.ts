import { describe, expect, it } from 'vitest'
import { givePageItsTurn } from '../../web/src/services/pace'
import { monotonic, turn } from '../../web/src/wasm/environment'

describe('giving the page its turn', () => {
  it('lets timers run in the midst of calls that are answered at once', async () => {
    let timers = 0
    const timer = setInterval(() => (timers += 1), 1)
    let waited = 0
    while (waited < 3) {
      const rest = givePageItsTurn()
      if (!rest) {
        const until = monotonic() + 1
        while (monotonic() < until);
        await Promise.resolve()
        continue
      }
      const before = timers
      await rest
      await turn()
      expect(timers).toBeGreaterThan(before)
      waited += 1
    }
    clearInterval(timer)
  })

  it('keeps nobody waiting who holds the thread for a moment only', async () => {
    await turn()
    await turn()
    for (let call = 0; call < 100; call++) {
      await turn()
      expect(givePageItsTurn()).toBeUndefined()
    }
  })
})
