import { inject } from 'vitest'
import { violations } from './support/axe'
import { describe, expect, test, Visitor, type Demo } from './support/demo'

const titles = ['Overview', 'Streams', 'Events', 'User data', 'Network', 'Your data', 'Try the API'] as const

describe('for everybody', () => {
  test.for(['light', 'dark'] as const)('axe finds nothing to complain about on any page, %s', async (colorScheme, { browser }) => {
    const visitor = await Visitor.arrive(browser, { colorScheme })
    const demo = await visitor.open()
    for (const title of titles) {
      await demo.goTo(title)
      expect(await violations(demo.page), title).toEqual([])
    }
    await visitor.leave()
  })

  test.for(['light', 'dark'] as const)('nor in results, documents, forms and other environments, %s', async (colorScheme, { browser }) => {
    const visitor = await Visitor.arrive(browser, { colorScheme })
    const demo = await visitor.open('#/api')
    await demo.page.locator('[data-example="documents"]').getByRole('button', { name: 'Run' }).click()
    await demo.sees('It ran to its end')
    expect(await violations(demo.page), 'a finished example').toEqual([])

    const detail = await demo.openDocument('order-1042')
    await detail.locator('.kurrentdb-event-timeline summary').first().click()
    expect(await violations(demo.page), 'a document').toEqual([])
    await demo.button('Edit', detail).click()
    await demo.fillJson(demo.dialog(), '{"a": ')
    expect(await violations(demo.page), 'a form with a mistake').toEqual([])
    await demo.page.keyboard.press('Escape')
    await demo.switchTo('mainnet')
    await demo.goTo('Overview')
    expect(await violations(demo.page), 'another environment').toEqual([])
    await visitor.leave()
  })

  test('by keyboard alone: a document is made, changed, found and deleted', async ({ demo }) => {
    const { keyboard } = demo.page
    const focused = () => demo.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '')
    /** Presses Tab until the focus is on what has this name. */
    const tabTo = async (name: RegExp, key = 'Tab') => {
      for (let presses = 0; presses < 80; presses++) {
        await keyboard.press(key)
        if (name.test(await focused())) return
      }
      throw new Error(`Tab never reaches ${name}; the focus is on "${await focused()}"`)
    }

    await tabTo(/^Skip to content$/)
    await tabTo(/^Streams/)
    await keyboard.press('Enter')
    await demo.page.getByRole('heading', { level: 1, name: 'Streams' }).waitFor()
    await tabTo(/^New document$/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await keyboard.type('By hand')
    await keyboard.press('Tab')
    await keyboard.type('by-hand')
    await keyboard.press('Enter')
    await demo.dialog().waitFor({ state: 'detached' })
    await demo.page.getByRole('heading', { level: 2, name: 'By hand' }).waitFor()
    expect(await focused()).toBe('By hand')

    await tabTo(/^Edit$/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await keyboard.press('Escape')
    await demo.dialog().waitFor({ state: 'detached' })
    expect(await focused()).toBe('Edit')

    await tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await demo.sees('This document was deleted.')
    await demo.count('12 documents')
  })

  test.for([320, 390])('on a phone %s pixels wide nothing is cut off sideways', async (width, { browser }) => {
    const visitor = await Visitor.arrive(browser, { viewport: { width, height: 740 }, hasTouch: true, isMobile: true })
    const demo = await visitor.open()
    for (const title of titles) {
      await demo.goTo(title)
      await expect.poll(() => overflow(demo), { message: title }).toBe(0)
    }
    await demo.openDocument('order-1042')
    expect(await overflow(demo), 'a document').toBe(0)
    await demo.button('Edit').click()
    await demo.dialog().waitFor()
    expect(await overflow(demo), 'the form').toBe(0)
    await visitor.leave()
  })

  test('the theme follows the system until it is chosen, and the choice is kept', async ({ browser }) => {
    const visitor = await Visitor.arrive(browser, { colorScheme: 'dark' })
    const demo = await visitor.open()
    const paper = () => demo.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await paper()
    await demo.button('Use the light theme').click()
    await expect.poll(paper).not.toBe(dark)
    const light = await paper()
    await demo.reload()
    expect(await paper()).toBe(light)
    await visitor.leave()
  })

  test('the page is served under a strict content security policy', async () => {
    const policy = (await fetch(inject('demoUrl'))).headers.get('content-security-policy') ?? ''
    const directives = policy.split('; ')
    expect(directives).toContain("script-src 'self' 'wasm-unsafe-eval'")
    expect(directives).toContain("style-src 'self'")
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)/)
  })
})

const overflow = (demo: Demo) => demo.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
