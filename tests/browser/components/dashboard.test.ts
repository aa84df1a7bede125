import { describe, expect, looksRight, onStage, type Stage } from './stage'

/** Calls of some kinds, two health checks, and columns in the chart. */
async function busy({ page }: Stage): Promise<void> {
  await page.getByText('13 active').or(page.getByText('12 active')).waitFor()
  await page.evaluate(async () => {
    const { session } = window.stage
    await session.setSimulation({ preset: 'lan', seed: 7 })
    for (let number = 0; number < 12; number++) await session.streams.create({ name: `Made ${number}`, data: { number } })
  })
  for (let check = 1; check <= 2; check++) {
    await page.getByRole('button', { name: 'Check now' }).click()
    await expect.poll(() => page.evaluate(() => window.stage.emitted.length)).toBe(check)
  }
  await page.getByRole('img', { name: /^Calls per second: now/ }).waitFor()
}

describe('KurrentDBDashboard', () => {
  looksRight('dashboard', busy)

  onStage('dashboard', 'cuts off no number beside its charts', async (stage) => {
    await busy(stage)
    await stage.page.evaluate(async () => {
      const { session } = window.stage
      const slow = { medianMs: 300, spread: 0, minMs: 300, maxMs: 300 }
      const { latency } = await session.simulation()
      const all = Object.fromEntries(Object.keys(latency).map((operation) => [operation, slow])) as typeof latency
      await session.setSimulation({ preset: 'instant', latency: all })
      await session.streams.create({ name: 'Slow', data: 1 })
    })
    const chart = stage.page.getByRole('img', { name: /^Average latency/ })
    const labels = chart.locator('g').first().locator('text')
    await expect.poll(async () => (await labels.allTextContents()).some((text) => /^\d{3} ms$/.test(text.trim()))).toBe(true)
    const [edge, ...places] = [(await chart.boundingBox())!.x, ...(await labels.evaluateAll((all) => all.map((text) => text.getBoundingClientRect().x)))]
    expect(Math.min(...places)).toBeGreaterThanOrEqual(edge!)
  })

  onStage('dashboard', 'shows figures, calls in a second and their latency, and follows', async (stage) => {
    const { page } = stage
    await busy(stage)
    const figure = (name: string) => page.locator('.kurrentdb-tile', { hasText: name }).locator('strong').innerText()
    await expect.poll(() => figure('Documents')).toBe('25')
    const events = Number(await figure('Events'))
    await page.evaluate(() => window.stage.session.streams.create({ id: 'one-more', name: 'One more', data: 1 }))
    await expect.poll(() => figure('Documents')).toBe('26')
    await expect.poll(async () => Number(await figure('Events'))).toBeGreaterThan(events)
    const row = page.getByRole('row', { name: /^append/ })
    await expect.poll(async () => Number(await row.locator('td').nth(3).innerText())).toBeGreaterThan(12)
    expect(await page.getByRole('link', { name: /^Documents/ }).getAttribute('href')).toBe('#documents')
    const counts = page.getByRole('region', { name: 'Calls per second' }).locator('td')
    await page.getByText('As a table').first().click()
    expect((await counts.allInnerTexts()).map(Number).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(12)
    expect(await page.getByRole('row', { name: /^Documents/ }).innerText()).toMatch(/Documents\s+\d+\s+[\d.]+ kB\s+\d+ %/)
    await page.getByRole('tab', { name: 'Operations' }).click()
    await page.getByRole('row', { name: /^createStream/ }).waitFor()
  })

  onStage('dashboard', 'by keyboard alone: checks the health; charts and history open as tables', async (stage) => {
    const { page } = stage
    await busy(stage)
    await stage.tabTo(/^As a table$/)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByRole('columnheader', { name: 'succeeded' }).count()).toBe(1)
    await page.getByRole('columnheader', { name: 'succeeded' }).waitFor()
    await stage.tabTo(/^Check now$/)
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await stage.emitted()).at(-1)).toMatchObject(['checked', { status: 'healthy' }])
    await stage.tabTo(/3 checks$/)
    await page.keyboard.press('Enter')
    await page.getByRole('columnheader', { name: 'Failed or slow' }).waitFor()
    expect(await page.getByRole('row', { name: /Healthy/ }).count()).toBe(3)
  })

  onStage('dashboard', 'a failed check names its probes; reading the figures never connects what was disconnected', async (stage) => {
    const { page } = stage
    await page.getByText('12 active').or(page.getByText('13 active')).waitFor()
    await page.evaluate(async () => {
      await window.stage.session.setSimulation({ preset: 'instant', offline: true })
    })
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('Unhealthy').first().waitFor()
    await expect.poll(() => page.locator('li[data-outcome="failed"]').count()).toBeGreaterThan(2)
    const readings = await page.evaluate(async () => {
      const { session } = window.stage
      await session.setSimulation('instant')
      await session.kurrentdb.connect()
      await session.kurrentdb.disconnect()
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return session.connection.status
    })
    expect(readings).toBe('disconnected')
  })
})
