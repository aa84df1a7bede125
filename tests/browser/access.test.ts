import { inject } from 'vitest'
import { violations } from './support/axe'
import { describe, expect, test, Visitor, type Demo } from './support/demo'

const titles = ['Overview', 'Streams', 'Events', 'User data', 'Network', 'Your data', 'Try the API'] as const

const phone = { viewport: { width: 390, height: 740 }, hasTouch: true, isMobile: true }
const looks = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { colorScheme: 'light', ...phone }],
  ['on a dark phone', { colorScheme: 'dark', ...phone }],
] as const

describe('for everybody', () => {
  test.for(looks)('axe finds nothing to complain about on any page, %s', async ([, preferences], { browser }) => {
    const visitor = await Visitor.arrive(browser, preferences)
    const demo = await visitor.open()
    for (const title of titles) {
      await demo.goTo(title)
      expect(await violations(demo.page), title).toEqual([])
    }
    await visitor.leave()
  })

  test.for(looks)('nor behind the tabs of a page, %s', async ([, preferences], { browser }) => {
    const visitor = await Visitor.arrive(browser, preferences)
    const demo = await visitor.open('#/streams')
    const { page } = demo
    await page.getByRole('tab', { name: 'Query' }).click()
    await demo.sees('3 documents')
    for (const summary of await page.locator('.kurrentdb-query summary').all()) await summary.click()
    expect(await violations(page), 'Query').toEqual([])
    expect(await overflow(demo), 'Query').toBe(0)
    await demo.openDocument('order-1042')
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByRole('slider').first().waitFor()
    expect(await violations(page), 'History').toEqual([])
    expect(await overflow(demo), 'History').toBe(0)
    await demo.goTo('Overview')
    await page.getByRole('tab', { name: 'Operations' }).click()
    await page.getByRole('rowheader', { name: 'health' }).first().waitFor()
    expect(await violations(page), 'Operations').toEqual([])
    await visitor.leave()
  })

  test.for(looks)('nor in results, documents, forms and other environments, %s', async ([, preferences], { browser }) => {
    const visitor = await Visitor.arrive(browser, preferences)
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
    const tabTo = (name: RegExp) => demo.tabTo(name)

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
    expect(await demo.focused()).toBe('By hand')

    await tabTo(/^Edit$/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await keyboard.press('Escape')
    await demo.dialog().waitFor({ state: 'detached' })
    expect(await demo.focused()).toBe('Edit')

    await tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await tabTo(/^Delete$/)
    await keyboard.press('Enter')
    await demo.sees('This document was deleted.')
    await demo.count('12 documents')
  })

  test('by keyboard alone: a query finds a document, and its history brings back an older version', async ({ demo }) => {
    const { keyboard } = demo.page
    await demo.tabTo(/^Streams/)
    await keyboard.press('Enter')
    await demo.page.getByRole('heading', { level: 1, name: 'Streams' }).waitFor()
    await demo.tabTo(/^List$/)
    await keyboard.press('ArrowRight')
    expect(await demo.focused()).toBe('Query')
    await demo.tabTo(/^Value$/)
    await keyboard.press('Control+A')
    await keyboard.type('418.5')
    await demo.sees('2 documents')
    await demo.tabTo(/^Order 1042$/)
    await keyboard.press('Enter')
    await demo.page.getByRole('heading', { level: 2, name: 'Order 1042' }).waitFor()
    expect(await demo.focused()).toBe('Order 1042')

    await demo.tabTo(/^Events behind it$/)
    await keyboard.press('ArrowRight')
    expect(await demo.focused()).toBe('History')
    await demo.page.getByRole('slider').first().waitFor()
    await demo.tabTo(/^Version/)
    await keyboard.press('Home')
    await demo.tabTo(/^Bring version 1 back/)
    await keyboard.press('Enter')
    await demo.dialog().waitFor()
    await demo.tabTo(/^Bring it back$/)
    await keyboard.press('Enter')
    await demo.sees('The older version is back.')
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
