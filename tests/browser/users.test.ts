import { describe, expect, test } from './support/demo'

describe('user data', () => {
  test('store, merge, replace and delete', async ({ demo }) => {
    await demo.goTo('User data')
    await demo.button('Store user data').click()
    const form = demo.dialog()
    await form.getByLabel('User', { exact: true }).fill('noor')
    await form.getByLabel('Category').fill('work-2026')
    await demo.fillJson(form, '{"theme": "dark", "size": 3}')
    await demo.button('Store', form).click()
    await form.waitFor({ state: 'detached' })

    const user = demo.page.locator('[data-user="noor"]')
    await user.locator('summary').click()
    const shown = async () => JSON.parse(await user.locator('pre').innerText()) as unknown
    expect(await shown()).toEqual({ theme: 'dark', size: 3 })

    await demo.button('Change', user).click()
    await form.getByLabel('Merge these keys into it').check()
    await demo.fillJson(form, '{"size": 4}')
    await demo.button('Merge', form).click()
    await form.waitFor({ state: 'detached' })
    await expect.poll(shown).toEqual({ theme: 'dark', size: 4 })

    await demo.button('Change', user).click()
    await demo.fillJson(form, '{"size": 5}')
    await demo.button('Store', form).click()
    await form.waitFor({ state: 'detached' })
    await expect.poll(shown).toEqual({ size: 5 })

    await demo.button('Delete', user).click()
    await demo.button('Delete', demo.dialog()).click()
    await user.waitFor({ state: 'detached' })
  })

  test('looking up answers with the data, or with null', async ({ demo }) => {
    await demo.goTo('User data')
    await demo.page.getByLabel('User', { exact: true }).fill('maya')
    await demo.button('Get').click()
    await demo.sees('"Maya Lindholm"')
    await demo.page.getByLabel('Type', { exact: true }).fill('nothing-here')
    await demo.button('Get').click()
    await demo.sees('nothing is stored there')
  })

  test('an empty user is refused at its field', async ({ demo }) => {
    await demo.goTo('User data')
    await demo.button('Store user data').click()
    const form = demo.dialog()
    await demo.button('Store', form).click()
    await expect.poll(() => form.getByLabel('User', { exact: true }).getAttribute('aria-invalid')).toBe('true')
  })
})
