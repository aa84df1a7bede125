import { describe, expect, test, Visitor } from './support/demo'

describe('import and export', () => {
  test('a full export, imported in another browser, gives the same lists and the same history', async ({ demo, browser }) => {
    await demo.goTo('Streams')
    await demo.createDocument({ name: 'Mine', id: 'mine', tags: ['own'], data: '{"n": [1, 2.50, "é\\ud83d\\ude00"]}' })
    const before = await demo.everything()
    const file = await demo.download('Export everything')

    const other = await Visitor.arrive(browser, {})
    const there = await other.open()
    await there.switchTo('staging')
    await there.goTo('Your data')
    await there.chooseFile(file)
    await there.sees(/holds 30 events of 19 streams/)
    await there.button('Import').click()
    await there.sees(/imported\./)
    expect(await there.everything()).toEqual(before)
    const again = JSON.parse(await there.download('Export everything')) as { events: { id: string; data: unknown; created: string }[] }
    const original = JSON.parse(file) as typeof again
    const kept = ({ id, data, created }: (typeof original.events)[number]) => ({ id, data, created })
    expect(again.events.map(kept)).toEqual(original.events.map(kept))

    await there.reload()
    await there.goTo('Streams')
    await there.count('13 documents')
    await other.leave()
  })

  test("a person's own list of documents is added", async ({ demo }) => {
    await demo.goTo('Your data')
    await demo.chooseFile(JSON.stringify([{ name: 'Pancakes', id: 'pancakes', data: { eggs: 3 }, tags: ['breakfast'], status: 'archived' }, { name: 'List', data: ['milk'] }]))
    await demo.sees(/holds 2 documents and 0 entries/)
    await demo.button('Import').click()
    await demo.sees(/imported\./)
    const detail = await demo.openDocument('pancakes')
    await detail.getByText('Archived', { exact: true }).waitFor()
    await demo.count('14 documents')
  })

  test('documents as the store hands them out keep their kind, owner and tags', async ({ demo }) => {
    await demo.goTo('Your data')
    const metadata = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', version: 4, tags: ['kept'], owner: 'noor' }
    await demo.chooseFile(JSON.stringify([{ id: 'model', kind: 'sketch', name: 'Model', data: {}, status: 'active', metadata }]))
    await demo.button('Import').click()
    await demo.sees(/imported\./)
    const detail = await demo.openDocument('model')
    await detail.locator('dd', { hasText: /^noor$/ }).waitFor()
    await detail.locator('dd', { hasText: /^kept$/ }).waitFor()
    await detail.locator('dd', { hasText: /^sketch$/ }).waitFor()
    const exported = JSON.parse(await (await demo.goTo('Your data'), demo.download('Export documents'))) as { documents: { id: string; kind?: string }[] }
    expect(exported.documents.find(({ id }) => id === 'model')?.kind).toBe('sketch')
  })

  test('replacing leaves nothing of what was there', async ({ demo }) => {
    await demo.goTo('Your data')
    await demo.chooseFile(JSON.stringify({ documents: [{ id: 'only', name: 'Only', data: null }], users: [{ userId: 'u', data: { a: 1 } }] }))
    await demo.page.getByLabel('Replace everything in dev').check()
    await demo.button('Import').click()
    await demo.sees(/imported\./)
    await demo.reload()
    await demo.goTo('Streams')
    await demo.lists(['only'])
    await demo.goTo('User data')
    await demo.sees('1 user')
  })

  const badFiles: [what: string, content: string, message: RegExp][] = [
    ['text', 'hello', /This file is not JSON/],
    ['a number', '7', /should hold a list of documents, or an object/],
    ['an empty list', '[]', /no documents/],
    ['a document without a name', '[{"data": 1}]', /Document 1: "name" should be a text/],
    ['tags of the wrong type', '{"documents": [{"name": "a", "data": 1, "tags": [2]}]}', /documents\[0\]: "tags" should be a list of texts/],
    ['the same id twice', '[{"id": "a", "name": "a", "data": 1}, {"id": "a", "name": "b", "data": 1}]', /appears twice/],
    ['another version', '{"format": "kurrentlite", "version": 2, "events": []}', /"version" should be 1/],
    ['a time that is none', '{"format": "kurrentlite", "version": 1, "events": [{"stream": "s", "type": "t", "data": {}, "created": "soon"}]}', /"created" should be a time/],
    ['a system stream', '{"format": "kurrentlite", "version": 1, "events": [{"stream": "$all", "type": "t", "data": {}}]}', /belongs to the database itself/],
  ]

  test('a bad file is refused with its reasons, and changes nothing', async ({ demo }) => {
    const before = await demo.everything()
    for (const [what, content, message] of badFiles) {
      await demo.chooseFile(content)
      await expect.poll(() => demo.page.getByTestId('import-problems').innerText(), { message: what }).toMatch(message)
      expect(await demo.page.getByTestId('import-preview').count(), what).toBe(0)
    }
    expect(await demo.everything()).toEqual(before)
  })

  test('a file that only the database can judge is refused as a whole', async ({ demo }) => {
    const before = await demo.everything()
    const documents = [{ id: 'fine', name: 'Fine', data: 1 }, { id: 'bad', name: 'x'.repeat(300), data: 1 }]
    await demo.chooseFile(JSON.stringify(documents))
    await demo.button('Import').click()
    await expect.poll(() => demo.page.getByTestId('import-problems').innerText()).toMatch(/Document 2: .*name/s)

    await demo.chooseFile(JSON.stringify([{ id: 'fine', name: 'Fine', data: 1 }, { id: 'order-1042', name: 'Taken', data: 1 }]))
    await demo.button('Import').click()
    await expect.poll(() => demo.page.getByTestId('import-problems').innerText()).toMatch(/Already in this environment: document-order-1042/)
    expect(await demo.everything()).toEqual(before)
  })

  test('starting afresh forgets what was done and brings the samples back', async ({ demo }) => {
    await demo.goTo('Streams')
    await demo.createDocument({ name: 'Gone soon', id: 'gone-soon', data: '{}' })
    await demo.goTo('Your data')
    await demo.button('Start afresh').click()
    await demo.button('Delete everything', demo.dialog()).click()
    await demo.sees('Everything is as on the first day.')
    await demo.reload()
    await demo.goTo('Streams')
    await demo.count('12 documents')
    await demo.goTo('Events')
    await demo.page.locator('.kurrentdb-event-table__count').getByText('29 events').waitFor()
  })
})
