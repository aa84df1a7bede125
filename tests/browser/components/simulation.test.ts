import { describe, expect, looksRight, onStage, type Stage } from './stage'

const profile = ({ page }: Stage) => page.evaluate(() => window.stage.session.simulation())
const isReady = ({ page }: Stage) => expect.poll(() => page.getByLabel('Latency').isEnabled()).toBe(true)

describe('KurrentDBSimulation', () => {
  looksRight('simulation', async (stage) => {
    await isReady(stage)
    await stage.page.getByLabel('Flaky').check()
    await stage.page.getByLabel('Calls refused').fill('20')
    await stage.page.getByText('adjusted').waitFor()
    await stage.page.getByRole('switch', { name: 'Offline' }).click()
  })

  onStage('simulation', 'by keyboard alone: preset, latency, errors, seed and offline hold for the session', async (stage) => {
    const { keyboard } = stage.page
    await isReady(stage)
    await stage.tabTo(/^Instant/)
    for (const _ of ['lan', 'wan']) await keyboard.press('ArrowDown')
    await expect.poll(async () => (await profile(stage)).name).toBe('wan')
    await stage.tabTo(/^Latency/)
    await keyboard.press('End')
    await expect.poll(async () => (await profile(stage)).latency.append.medianMs).toBe(2000)
    await stage.tabTo(/^Calls refused/)
    await keyboard.press('ArrowRight')
    await expect.poll(async () => (await profile(stage)).errorRate).toBe(0.01)
    await stage.tabTo(/^Connections broken/)
    await keyboard.press('ArrowRight')
    await expect.poll(async () => (await profile(stage)).disconnectRate).toBeGreaterThan(0)
    await stage.page.getByText('adjusted').waitFor()
    await stage.tabTo(/^Seed of the faults/)
    await keyboard.press('Control+A')
    await keyboard.type('4242')
    await keyboard.press('Enter')
    await expect.poll(async () => (await profile(stage)).seed).toBe(4242)
    await stage.tabTo(/^Offline/)
    await keyboard.press('Space')
    await expect.poll(() => profile(stage)).toMatchObject({ offline: true, seed: 4242, errorRate: 0.01, name: 'wan' })
    expect((await stage.emitted()).map(([, change]) => Object.keys(change as object)[0])).toEqual([
      'preset', 'preset', 'latencyMs', 'errorRate', 'disconnectRate', 'seed', 'offline',
    ])
  })

  onStage('simulation', 'shows what a program changes, and a preset keeps the switch', async (stage) => {
    const { page } = stage
    await isReady(stage)
    await page.evaluate(() => window.stage.session.setSimulation({ preset: 'mobile', offline: true }))
    await expect.poll(() => page.getByLabel('Mobile').isChecked()).toBe(true)
    expect(await page.getByRole('switch', { name: 'Offline' }).isChecked()).toBe(true)
    await page.getByLabel('Instant').check()
    await expect.poll(() => profile(stage)).toMatchObject({ name: 'instant', offline: true })
  })
})
