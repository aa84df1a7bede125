import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refresh } from '../../web/src/services/refresh'

const clock = vi.hoisted(() => ({ now: 0, timers: [] as { at: number; run: () => void }[] }))
vi.mock('../../web/src/wasm/environment', async (original) => ({
  ...(await original<object>()),
  monotonic: () => clock.now,
  startTimer: (run: () => void, ms: number) => {
    const timer = { at: clock.now + ms, run }
    clock.timers.push(timer)
    return timer
  },
  stopTimer: (timer: (typeof clock.timers)[number]) => (clock.timers = clock.timers.filter((other) => other !== timer)),
}))

/** Lets `ms` pass; what is due runs at its time. */
async function pass(ms: number): Promise<void> {
  const end = clock.now + ms
  for (;;) {
    const next = clock.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
    if (!next) break
    clock.timers = clock.timers.filter((timer) => timer !== next)
    clock.now = Math.max(clock.now, next.at)
    next.run()
    await settled()
  }
  clock.now = Math.max(clock.now, end)
}
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

describe('refreshing in the background', () => {
  let runs = 0
  const work = async () => {
    runs += 1
    clock.now += 100
  }
  beforeEach(() => {
    runs = 0
    clock.now = 1000
  })
  afterEach(() => {
    clock.timers = []
  })

  it.each([[undefined, 6], [20, 21]])('with a rest of %s takes a share of the time, however many changes come', async (rest, parts) => {
    const refresh = new Refresh(work, { mayWait: true, ...(rest !== undefined && { rest }) })
    const changing = 100_000
    for (const end = clock.now + changing; clock.now < end; await pass(10)) {
      refresh.runInBackground()
      await settled()
    }
    expect(runs).toBeGreaterThan(0.9 * (changing / 100 / parts))
    expect(runs).toBeLessThanOrEqual(changing / 100 / parts + 2)
  })

  it('shows the last of many changes, and a change after a pause at once', async () => {
    const refresh = new Refresh(work, { mayWait: true, rest: 20 })
    await refresh.run()
    refresh.runInBackground()
    refresh.runInBackground()
    await settled()
    expect(runs).toBe(1)
    await pass(2000)
    expect(runs).toBe(2)
    await pass(5000)
    expect(runs).toBe(2)
    refresh.runInBackground()
    expect(runs).toBe(3)
  })
})
