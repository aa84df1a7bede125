import { describe, expect, looksRight, onStage } from './stage'

describe('KurrentDBUserData', () => {
  looksRight('user-data', async ({ page }) => {
    await page.getByText('2 users').waitFor()
    await page.locator('summary').first().click()
  })
  looksRight(
    'user-data',
    async ({ page }) => {
      await page.getByRole('button', { name: 'Store user data' }).click()
      await page.getByRole('button', { name: 'Store', exact: true }).click()
      await expect.poll(() => page.getByLabel('User', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    },
    'user-data-form',
  )

  onStage('user-data', 'by keyboard alone: finds a user, stores data and deletes them', async (stage) => {
    const { page } = stage
    const { keyboard } = page
    await stage.tabTo(/^Store user data$/)
    await keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await keyboard.type('noor')
    await stage.tabTo(/^Public: others may read it$/)
    await keyboard.press('Space')
    await stage.tabTo(/^Store$/)
    await keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => stage.emitted()).toMatchObject([['stored', { userId: 'noor', isPublic: true }]])
    expect(await stage.focused()).toBe('Store user data')

    await stage.tabTo(/^Find users$/, 'Shift+Tab')
    await keyboard.type('NOO')
    await page.getByText('1 user', { exact: true }).waitFor()
    await stage.tabTo(/^data public/)
    await keyboard.press('Enter')
    await stage.tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await stage.tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await page.getByText('No such user.').waitFor()
    expect((await stage.emitted()).at(-1)).toMatchObject(['deleted', { userId: 'noor' }])
  })

  onStage('user-data', 'shows what is stored meanwhile', async ({ page }) => {
    await page.getByText('2 users').waitFor()
    await page.evaluate(() => window.stage.session.users.store('ines', { onCall: true }))
    await page.getByText('3 users').waitFor()
  })

  onStage('user-data-of-one', 'shows one user, without a way to change anything', async ({ page }) => {
    await page.locator('[data-user="maya"]').waitFor()
    expect(await page.locator('[data-user]').count()).toBe(1)
    expect(await page.locator('button').count()).toBe(0)
  })
})
