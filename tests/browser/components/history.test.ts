import { describe, expect, looksRight, onStage, type Stage } from './stage'

const changes = ({ page }: Stage) =>
  page.getByRole('list', { name: 'Changes' }).locator('> li').evaluateAll((rows) =>
    rows.map((row) => [row.getAttribute('data-kind'), row.querySelector('code')?.textContent]),
  )
const goToVersion = async (stage: Stage, version: number) => {
  await stage.page.getByLabel('Version', { exact: true }).fill(String(version))
  await stage.page.getByText(`${version} of`).waitFor()
}

describe('KurrentDBStreamHistory', () => {
  looksRight('stream-history', async (stage) => {
    await goToVersion(stage, 3)
    await stage.page.getByLabel('Data at version 3').waitFor()
  })

  onStage('stream-history', 'begins at the latest version, and lists all of them', async ({ page }) => {
    await page.getByText('5 of 5').waitFor()
    const versions = page.getByRole('list', { name: 'Versions' }).locator('b')
    expect(await versions.allInnerTexts()).toEqual(['Restored', 'Archived', 'Updated', 'Updated', 'Created'])
  })

  onStage('stream-history', 'shows what a version changed, what is different now, and the data then', async (stage) => {
    const { page } = stage
    await goToVersion(stage, 3)
    await expect.poll(() => changes(stage)).toEqual([
      ['replaced', 'data.state'],
      ['added', 'data.parcel'],
      ['added', 'tags.1'],
    ])
    await page.getByRole('button', { name: 'One version older' }).click()
    await page.getByLabel('Data at version 2').getByText('"paid"').waitFor()
    await page.getByLabel('Show').selectOption('latest')
    await expect.poll(() => changes(stage)).toHaveLength(3)
    await goToVersion(stage, 1)
    await page.getByLabel('Show').selectOption('before')
    await expect.poll(async () => (await changes(stage)).every(([kind]) => kind === 'added')).toBe(true)
  })

  onStage('stream-history', 'by keyboard alone: the slider moves version by version and says where it is', async (stage) => {
    await stage.page.getByText('5 of 5').waitFor()
    await stage.tabTo(/^Version$/)
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowRight']) await stage.page.keyboard.press(key)
    const slider = stage.page.getByLabel('Version', { exact: true })
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^Version 3 of 5, updated, /)
    await stage.page.keyboard.press('Home')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^Version 1 of 5, created, /)
  })

  onStage('stream-history', 'stays at the latest while things are written, and elsewhere where it is', async (stage) => {
    const { page } = stage
    const write = () => page.evaluate(() => window.stage.session.streams.update('order-1042', { description: String(Math.random()) }))
    await page.getByText('5 of 5').waitFor()
    await write()
    await page.getByText('6 of 6').waitFor()
    await goToVersion(stage, 2)
    await write()
    await page.getByText('2 of 7').waitFor()
  })

  onStage('stream-history', 'goes to a time', async ({ page }) => {
    await page.getByText('5 of 5').waitFor()
    await page.getByLabel('As it was on').fill('2001-01-01T00:00')
    await page.getByLabel('As it was on').dispatchEvent('change')
    await page.getByText('The document did not exist yet.').waitFor()
    await page.getByLabel('As it was on').fill('2999-01-01T00:00')
    await page.getByLabel('As it was on').dispatchEvent('change')
    await page.getByText('The document did not exist yet.').waitFor({ state: 'detached' })
    await page.getByText('5 of 5').waitFor()
  })

  onStage('stream-history', 'brings a version back as a new one', async (stage) => {
    const { page } = stage
    await goToVersion(stage, 1)
    await page.getByRole('button', { name: 'Bring version 1 back' }).click()
    await page.getByRole('button', { name: 'Bring it back' }).click()
    await page.getByText('6 of 6').waitFor()
    await expect.poll(() => stage.emitted()).toMatchObject([['restored', { metadata: { version: 6, tags: ['order'] } }]])
    const now = await page.evaluate(() => window.stage.session.streams.get('order-1042'))
    expect(now?.data).toEqual({ customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }], total: 418.5, state: 'placed' })
    expect(await stage.focused()).toBe('Version')
  })
})
