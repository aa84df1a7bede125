import { readFile } from 'node:fs/promises'
import { describe, expect, test } from './support/demo'

/** The two programs of the manual, as issue and README give them. */
const programs = {
  documents: `import { useKurrentDBStore } from '@/features/kurrentDB'
const dbStore = useKurrentDBStore()
await dbStore.createStream({ name: 'User Profile', data: { userId: '123', profile: { name: 'John' } } })
const stream = await dbStore.getStream('stream-id')
await dbStore.updateStream('stream-id', { data: { updated: true } })
await dbStore.deleteStream('stream-id')
`,
  users: `import { useUserStreamService } from '@/features/kurrentDB'
const userStreamService = useUserStreamService()
await userStreamService.storeUserData('user-id', { profile: { name: 'John' }, preferences: { theme: 'dark' } })
const userData = await userStreamService.getUserData('user-id')
`,
}

describe('the examples', () => {
  test.for(['documents', 'users'] as const)('the %s example is the program of the manual, word for word', async (id, { demo }) => {
    const file = await readFile(new URL(`../../web/demo/src/examples/${id}.ts`, import.meta.url), 'utf8')
    expect(file).toBe(programs[id])
    await demo.goTo('Try the API')
    const shown = await demo.page.locator(`[data-example="${id}"] pre`).first().textContent()
    expect(shown).toBe(programs[id].trimEnd())
  })

  test('documents: run from the page, it reaches its end and shows what it did', async ({ demo }) => {
    await demo.goTo('Try the API')
    const card = demo.page.locator('[data-example="documents"]')
    await demo.button('Run', card).click()
    await card.getByText('It ran to its end and wrote 3 events.').waitFor()

    const calls = await card.locator('.calls summary code').allInnerTexts()
    expect(calls.map((call) => /^\w+/.exec(call)?.[0])).toEqual(['createStream', 'getStream', 'updateStream', 'deleteStream'])
    expect(await demo.eventTypes(card)).toEqual(['document-created', 'document-updated', 'document-deleted'])

    await demo.goTo('Streams')
    await demo.search('User Profile')
    await demo.count('1 document found')
    expect(await demo.listedIds()).not.toContain('stream-id')
  })

  test('documents: a second run meets the deleted document and says how to begin again', async ({ demo }) => {
    await demo.goTo('Try the API')
    const card = demo.page.locator('[data-example="documents"]')
    await demo.button('Run', card).click()
    await card.getByText('It ran to its end').waitFor()
    await demo.button('Run', card).click()
    await card.locator('.kurrentdb-notice--bad').waitFor()
    await card.getByText('a deleted id cannot be used again').waitFor()
  })

  test('users: run from the page, the data come back', async ({ demo }) => {
    await demo.goTo('Try the API')
    const card = demo.page.locator('[data-example="users"]')
    await demo.button('Run', card).click()
    await card.getByText('It ran to its end and wrote 1 event.').waitFor()
    expect(await demo.eventTypes(card)).toEqual(['user-data-stored'])

    await demo.goTo('User data')
    const user = demo.page.locator('[data-user="user-id"]')
    await user.locator('summary').click()
    expect(JSON.parse(await user.locator('pre').innerText())).toEqual({
      profile: { name: 'John' },
      preferences: { theme: 'dark' },
    })
  })

  test('both run as modules of the page', async ({ demo }) => {
    // As text: the test runner would rewrite the import of a function.
    await demo.page.evaluate(`import(new URL('examples/documents.js', document.baseURI).href)`)
    await demo.page.evaluate(`import(new URL('examples/users.js', document.baseURI).href)`)
    await demo.goTo('Events')
    await demo.page.locator('.kurrentdb-event-table__count').getByText('33 events').waitFor()
    expect((await demo.page.locator('.kurrentdb-event-table__type').allInnerTexts()).slice(0, 4)).toEqual([
      'user-data-stored',
      'document-deleted',
      'document-updated',
      'document-created',
    ])
  })
})
