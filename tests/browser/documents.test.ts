import { describe, expect, test } from './support/demo'

describe('documents', () => {
  test('a first visit finds sample documents of several owners, and pages of them', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.count('12 documents')
    expect(await demo.listedIds()).toHaveLength(10)
    await demo.button('Next').click()
    await expect.poll(() => demo.listedIds()).toHaveLength(2)
    const owners = await demo.page.getByLabel('Owner').locator('option').allInnerTexts()
    expect(owners).toEqual(['All owners', 'ines (3)', 'john (1)', 'maya (4)', 'station-4 (1)', 'tomas (3)'])
    const kinds = demo.page.getByLabel('Kind')
    expect(await kinds.locator('option').allInnerTexts()).toEqual(['All kinds', 'customer (1)', 'order (3)', 'report (3)', 'settings (2)'])
    await kinds.selectOption('order')
    await demo.count('3 documents found')
    await demo.button('Clear filters').click()
    await demo.count('12 documents')
  })

  test('a created document is listed, shown, and still there after a reload', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.createDocument({
      name: 'Garden plan',
      id: 'garden',
      description: 'What grows where',
      owner: 'noor',
      tags: ['garden', 'spring'],
      data: '{"beds": [{"plant": "peas"}]}',
    })
    const detail = demo.page.getByRole('article')
    await detail.getByText('What grows where', { exact: true }).waitFor()
    expect(await demo.eventTypes(detail)).toEqual(['document-created'])
    await demo.count('13 documents')

    await demo.reload()
    await demo.count('13 documents')
    await detail.getByLabel('Data of the document').getByText('"peas"').waitFor()
    await detail.locator('dd', { hasText: /^noor$/ }).waitFor()
  })

  test('editing makes the next version and keeps the history', async ({ demo }) => {
    const detail = await demo.openDocument('order-1043')
    await demo.button('Edit', detail).click()
    const form = demo.dialog()
    await form.getByLabel('Description').fill('Paid this morning.')
    await demo.fillJson(form, '{"state": "paid"}')
    await demo.button('Save', form).click()
    await form.waitFor({ state: 'detached' })

    await detail.getByText('Paid this morning.', { exact: true }).waitFor()
    await expect.poll(() => demo.eventTypes(detail)).toEqual(['document-created', 'document-updated'])
    expect(await detail.locator('pre').first().innerText()).toBe('{\n  "state": "paid"\n}')
  })

  test('problems are said at the fields they belong to, and nothing is written', async ({ demo }) => {
    await demo.goTo('Streams')
    const form = await demo.beginDocument({ name: '', id: 'x'.repeat(257), data: '{"__proto__": {"admin": true}}' })
    await demo.button('Create', form).click()
    for (const label of ['Name', 'Id', 'Data']) {
      const field = form.getByLabel(label, { exact: true })
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
      const described = (await field.getAttribute('aria-describedby')) ?? ''
      expect(await form.locator(`[id="${described}"]`).innerText()).toMatch(/\w{3}/)
    }
    await demo.fillJson(form, '{"open": ')
    await form.getByText('the end of the text stands where a value should be').waitFor()
    expect(await demo.button('Create', form).isDisabled()).toBe(true)

    await demo.button('Cancel', form).click()
    await demo.count('12 documents')
  })

  test('a taken id is refused with its reason', async ({ demo }) => {
    await demo.goTo('Streams')
    const form = await demo.beginDocument({ name: 'Again', id: 'order-1042', data: '{}' })
    await demo.button('Create', form).click()
    await form.getByRole('alert').getByText('order-1042').waitFor()
    await demo.button('Cancel', form).click()
    await demo.count('12 documents')
  })

  test('filters combine: search, status, owner, tag', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.page.getByLabel('Sort by').selectOption('id')
    await demo.button('Descending; sort ascending').click()
    await demo.search('ORDER')
    await demo.lists(['order-1042', 'order-1043', 'order-1044'])
    await demo.button('support 2').click()
    await demo.lists(['order-1044'])
    await demo.button('Clear filters').click()
    await demo.page.getByLabel('Status').selectOption('archived')
    await demo.lists(['price-list-2025', 'survey-summer'])
    await demo.page.getByLabel('Owner').selectOption('ines')
    await demo.lists(['survey-summer'])
    await demo.search('nothing like it')
    await demo.sees('No document matches these filters.')
  })

  test('archive and restore, each an event', async ({ demo }) => {
    const detail = await demo.openDocument('budget-2027')
    await demo.button('Archive', detail).click()
    await detail.getByText('Archived', { exact: true }).waitFor()
    await demo.button('Restore', detail).click()
    await detail.getByText('Active', { exact: true }).waitFor()
    await expect.poll(() => demo.eventTypes(detail)).toEqual(['document-created', 'document-archived', 'document-restored'])
  })

  test('the history of a document goes back to an older version', async ({ demo }) => {
    const detail = await demo.openDocument('order-1042')
    await detail.getByRole('tab', { name: 'History' }).click()
    await detail.getByText('3 of 3').waitFor()
    await detail.getByLabel('Version', { exact: true }).fill('1')
    await demo.button('Bring version 1 back', detail).click()
    await demo.button('Bring it back', demo.dialog()).click()
    await detail.getByText('4 of 4').waitFor()
    await detail.getByLabel('Data of the document').getByText('"placed"').waitFor()
  })

  test('a query finds documents by their data', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.page.getByRole('tab', { name: 'Query' }).click()
    const found = demo.page.getByRole('region', { name: 'Documents found' })
    await expect.poll(() => found.locator('tbody th').allInnerTexts()).toEqual(['Order 1043', 'Order 1042', 'Order 1044'])
    await found.getByRole('link', { name: 'Order 1044' }).click()
    await demo.page.getByRole('heading', { level: 2, name: 'Order 1044' }).waitFor()
  })

  test('deleting asks first; the document leaves the lists and its events stay', async ({ demo }) => {
    const detail = await demo.openDocument('onboarding')
    await demo.button('Delete', detail).click()
    await demo.button('Cancel', demo.dialog()).click()
    await demo.count('12 documents')

    await demo.button('Delete', detail).click()
    await demo.button('Delete', demo.dialog()).click()
    await demo.count('11 documents')
    await detail.getByText('This document was deleted.').waitFor()
    expect((await demo.eventTypes(detail)).at(-1)).toBe('document-deleted')
    await demo.page.getByLabel('Status').selectOption('deleted')
    await demo.lists(['onboarding'])

    await demo.reload()
    await demo.count('11 documents')
  })

  test('text of a document is text: it never becomes markup', async ({ demo }) => {
    await demo.goTo('Streams')
    const attack = '<img src=x onerror="document.title=1"><b>bold</b>'
    await demo.createDocument({ name: attack, id: 'attack', description: attack, tags: [attack], data: JSON.stringify({ [attack]: attack }) })
    await demo.goTo('Events')
    await demo.page.locator('.kurrentdb-event-table__open').first().click()
    await demo.page.locator('.kurrentdb-event-detail pre').first().waitFor()
    expect(await demo.page.locator('img, .kurrentdb-event-detail b').count()).toBe(0)
    expect(await demo.page.title()).toBe('Events · kurrentlite')
  })

  test('the log shows revision, position and content of every event', async ({ demo }) => {
    await demo.goTo('Events')
    await demo.page.locator('.kurrentdb-event-table__count').getByText('29 events').waitFor()
    await demo.page.getByLabel('Stream name').fill('document-order-1042')
    await demo.page.getByLabel('Order').selectOption({ label: 'Oldest first' })
    await expect.poll(() => demo.page.locator('.kurrentdb-event-table__type').allInnerTexts()).toEqual([
      'document-created',
      'document-updated',
      'document-updated',
    ])
    expect(await demo.page.locator('[data-name="revision"]').allInnerTexts()).toEqual(['0', '1', '2'])
    const positions = (await demo.page.locator('[data-name="position"]').allInnerTexts()).map((text) => Number(text))
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b))
    await demo.page.locator('.kurrentdb-event-table__open').last().click()
    await demo.sees('"Nordpost"')
  })
})
