import { describe, expect, test } from './support/demo'

describe('environments and tabs', () => {
  test('each environment has data of its own, and the choice is kept', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.switchTo('staging')
    await demo.sees('This environment holds no documents yet.')
    await demo.createDocument({ name: 'Only here', id: 'only-here', data: '{}' })
    await demo.count('1 document')

    await demo.switchTo('dev')
    await demo.count('12 documents')
    await demo.switchTo('staging')
    await demo.count('1 document')

    await demo.reload()
    expect(await demo.page.getByLabel('Environment').inputValue()).toBe('staging')
    await demo.count('1 document')
  })

  test('mainnet starts with the latency of a long way, test with none', async ({ demo }) => {
    await demo.goTo('Network')
    await demo.switchTo('mainnet')
    expect(await demo.page.getByLabel('Internet').isChecked()).toBe(true)
    await demo.switchTo('test')
    expect(await demo.page.getByLabel('Instant').isChecked()).toBe(true)
  })

  test('a second tab takes over what the first has saved; neither loses anything', async ({ visitor, demo }) => {
    await demo.goTo('Streams')
    await demo.createDocument({ name: 'From the first', id: 'first', data: '{}' })

    const second = await visitor.open('#/streams')
    await second.count('13 documents')
    await demo.page.getByRole('heading', { name: 'This database is open in another tab' }).waitFor()
    await second.createDocument({ name: 'From the second', id: 'second', data: '{}' })

    await demo.button('Use it here').click()
    await demo.isReady()
    await demo.count('14 documents')
    await second.page.getByRole('heading', { name: 'This database is open in another tab' }).waitFor()
  })

  test('what was written in the moment before the page is left is there again', async ({ demo }) => {
    // The samples are saved first, so that only the farewell can save what follows.
    await demo.isSaved()
    await demo.page.evaluate(`import(new URL('examples/users.js', document.baseURI).href).then(() => void setTimeout(() => location.assign('about:blank')))`)
    await demo.page.waitForURL('about:blank')
    await demo.page.goto('#/events')
    await demo.isReady()
    await demo.page.locator('.kurrentdb-event-table__count').getByText('30 events').waitFor()
  })
})
