import { describe, expect, looksRight, onStage } from './stage'

describe('small parts', () => {
  looksRight('parts')
  looksRight('parts', async ({ page }) => {
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').waitFor()
  }, 'dialog')

  onStage('parts', 'a dialog keeps the keyboard inside and gives the focus back', async (stage) => {
    await stage.tabTo(/^Delete$/)
    await stage.page.keyboard.press('Enter')
    await stage.page.getByRole('dialog').waitFor()
    expect(await stage.focused()).toBe('Cancel')
    await stage.tabTo(/^Close$/)
    await stage.page.keyboard.press('Escape')
    await stage.page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await stage.focused()).toBe('Delete')
  })

  onStage('parts', 'tags are typed, and taken back by Backspace', async ({ page }) => {
    const chips = () => page.locator('.kurrentdb-tags .kurrentdb-chip').allInnerTexts()
    await page.getByLabel('Tags').fill('a, b')
    await page.keyboard.press('Enter')
    expect(await chips()).toEqual(['order', 'shipped', 'a', 'b'])
    await page.keyboard.press('Backspace')
    expect(await chips()).toEqual(['order', 'shipped', 'a'])
    await page.getByRole('button', { name: 'Remove order' }).click()
    expect(await chips()).toEqual(['shipped', 'a'])
  })

  onStage('parts', 'a theme that is chosen wins over the system, also for a part of the page', async ({ page }) => {
    const ground = (element: string) =>
      page.locator(element).evaluate((found) => getComputedStyle(found).getPropertyValue('--kurrentdb-surface'))
    const light = await ground('.kurrentdb-card')
    await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'))
    const dark = await ground('.kurrentdb-card')
    expect(dark).not.toBe(light)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.evaluate(() => (document.documentElement.dataset['theme'] = 'light'))
    expect(await ground('.kurrentdb-card')).toBe(light)
    await page.evaluate(() => delete document.documentElement.dataset['theme'])
    expect(await ground('.kurrentdb-card')).toBe(dark)
    await page.evaluate(() => (document.querySelector('main')!.dataset['theme'] = 'light'))
    expect(await ground('.kurrentdb-card')).toBe(light)
  })
})
