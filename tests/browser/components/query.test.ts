import { describe, expect, looksRight, onStage, type Stage } from './stage'

const found = ({ page }: Stage) =>
  page.locator('.kurrentdb-query-table tbody tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))
const finds = async (stage: Stage, ids: readonly string[]) => expect.poll(() => found(stage)).toEqual(ids)
/** The query that was built last. */
const built = async (stage: Stage) => (await stage.emitted()).filter(([name]) => name === 'query').at(-1)?.[1]

async function fillRow({ page }: Stage, index: number, field: string, comparison: string, value?: string): Promise<void> {
  const row = page.getByRole('group', { name: `Condition ${index}`, exact: true }).first()
  await row.getByLabel('Field').fill(field)
  await row.getByLabel('Comparison').selectOption({ label: comparison })
  if (value !== undefined) await row.getByRole('textbox', { name: 'Value' }).fill(value)
}

describe('KurrentDBQueryBuilder', () => {
  looksRight('query-builder', async (stage) => {
    await finds(stage, ['order-1043', 'order-1042'])
    await stage.page.getByText('The query as JSON').first().click()
    await stage.page.getByText('How it is found').click()
    await stage.page.getByText('By a scan').waitFor()
  })

  onStage('query-builder', 'shows a query that it is given, and answers it', async (stage) => {
    const { page } = stage
    await finds(stage, ['order-1043', 'order-1042'])
    await page.getByText('2 documents').waitFor()
    expect(await page.getByRole('list', { name: 'Documents by tags' }).getByRole('button').allInnerTexts()).toHaveLength(2)
    await page.getByRole('group', { name: 'Group 2 of Conditions' }).getByLabel('How they count').selectOption('none of these holds')
    await expect.poll(() => built(stage)).toMatchObject({ where: { not: { or: [{ owner: 'maya' }, { tags: { contains: 'shop' } }] } } })
    await page.getByText('No document is like that.').waitFor()
  })

  onStage('query-builder-empty', 'finds everything, a page at a time, and follows what is written', async (stage) => {
    const { page } = stage
    await page.getByText('13 documents').waitFor()
    const first = await found(stage)
    expect(first).toHaveLength(5)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('Page 2').waitFor()
    await expect.poll(async () => (await found(stage)).some((id) => first.includes(id))).toBe(false)
    await page.getByRole('button', { name: 'Previous' }).click()
    await finds(stage, first as string[])
    await page.evaluate(() => window.stage.session.streams.create({ id: 'a-new-one', name: 'New', data: {} }))
    await page.getByText('14 documents').waitFor()
    await expect.poll(async () => (await found(stage))[0]).toBe('a-new-one')
  })

  onStage('query-builder-empty', 'joins rows, sorts by a column, and counts by a value that can be clicked', async (stage) => {
    const { page } = stage
    await fillRow(stage, 1, 'data.number', 'is at least', '7')
    await page.getByText('3 documents').waitFor()
    await page.getByRole('button', { name: 'data.number' }).click()
    await finds(stage, ['note-7', 'note-8', 'note-9'])
    await page.getByRole('button', { name: 'data.number' }).click()
    await finds(stage, ['note-9', 'note-8', 'note-7'])
    await page.getByRole('button', { name: 'Condition', exact: true }).click()
    await fillRow(stage, 2, 'name', 'is one of', 'Note 7, Note 8, Note 1')
    await finds(stage, ['note-8', 'note-7'])
    expect(await built(stage)).toEqual({
      where: { 'data.number': { gte: 7 }, name: { in: ['Note 7', 'Note 8', 'Note 1'] } },
      sort: ['-data.number'],
    })
    await page.getByLabel('Count by').fill('owner')
    await page.getByRole('button', { name: 'noor 1' }).click()
    await finds(stage, ['note-8'])
    await page.getByRole('button', { name: 'Remove condition 1' }).click()
    await page.getByRole('button', { name: 'Begin anew' }).click()
    await page.getByText('13 documents').waitFor()
    expect(await built(stage)).toEqual({})
  })

  onStage('query-builder-empty', 'says what is wrong with a condition at its row', async (stage) => {
    await fillRow(stage, 1, 'name', 'matches', '(')
    const field = stage.page.getByLabel('Field')
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    await fillRow(stage, 1, 'no.such.field', 'is', '1')
    await expect.poll(() => stage.page.locator('.kurrentdb-query-row__problems').innerText()).toMatch(/\w{3}/)
    await fillRow(stage, 1, 'status', 'is')
    await stage.page.getByLabel('Value').selectOption('archived')
    await finds(stage, ['price-list-2025'])
    expect(await field.getAttribute('aria-invalid')).toBe('false')
  })

  onStage('query-builder-empty', 'by keyboard alone: builds a query and opens what it finds', async (stage) => {
    const { keyboard } = stage.page
    await stage.page.getByText('13 documents').waitFor()
    await stage.tabTo(/^Field$/)
    await keyboard.type('data.state')
    await stage.tabTo(/^Comparison$/)
    await keyboard.type('begins')
    await stage.tabTo(/^Value$/)
    await keyboard.type('ship')
    await finds(stage, ['order-1042'])
    await stage.tabTo(/^Order 1042$/)
    await keyboard.press('Enter')
    await expect.poll(async () => (await stage.emitted()).at(-1)).toMatchObject(['select', { id: 'order-1042' }])
  })

  onStage('query-builder-empty', 'by keyboard alone: sorts by several keys, turns one round, reorders and removes them', async (stage) => {
    const { page } = stage
    const { keyboard } = page
    await fillRow(stage, 1, 'data.number', 'is less than', '5')
    await page.getByText('4 documents').waitFor()
    await stage.tabTo(/^Sort key$/)
    await keyboard.press('Enter')
    expect(await stage.focused()).toBe('Sort by')
    await keyboard.type('owner')
    await stage.tabTo(/^Sort key$/)
    await keyboard.press('Enter')
    expect(await stage.focused()).toBe('Then by')
    await keyboard.type('name')
    await finds(stage, ['note-1', 'note-3', 'note-2', 'note-4'])
    await stage.tabTo(/^Direction$/)
    await keyboard.type('desc')
    await finds(stage, ['note-3', 'note-1', 'note-4', 'note-2'])
    expect(await built(stage)).toMatchObject({ sort: ['owner', '-name'] })
    await stage.tabTo(/^Sort key 2 counts earlier$/)
    await keyboard.press('Enter')
    await finds(stage, ['note-4', 'note-3', 'note-2', 'note-1'])
    await expect.poll(() => stage.focused()).toBe('Sort by')
    await stage.tabTo(/^Remove sort key 1$/)
    await keyboard.press('Enter')
    await finds(stage, ['note-1', 'note-3', 'note-2', 'note-4'])
    expect(await built(stage)).toMatchObject({ sort: ['owner'] })
    await stage.tabTo(/^Remove sort key 1$/)
    await keyboard.press('Enter')
    await expect.poll(() => stage.focused()).toBe('Sort key')
    expect(await built(stage)).not.toHaveProperty('sort')
  })

  onStage('query-builder-empty', 'a column sorts alone, and with Shift behind the others', async (stage) => {
    const { page } = stage
    await page.getByText('13 documents').waitFor()
    await fillRow(stage, 1, 'owner', 'exists')
    await page.getByRole('button', { name: 'owner' }).click()
    await page.getByRole('button', { name: 'name' }).click({ modifiers: ['Shift'] })
    await expect.poll(() => built(stage)).toMatchObject({ sort: ['owner', 'name'] })
    expect(await page.getByRole('columnheader', { name: 'owner' }).getAttribute('aria-sort')).toBe('ascending')
    await page.getByRole('button', { name: 'id', exact: true }).click()
    await expect.poll(() => built(stage)).toMatchObject({ sort: ['id'] })
  })

  onStage('query-builder-empty', 'says at a key what is wrong with it', async ({ page }) => {
    await page.getByRole('button', { name: 'Sort key', exact: true }).click()
    await page.getByLabel('Sort by', { exact: true }).fill('nonsense')
    await expect.poll(() => page.getByLabel('Sort by', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('group', { name: 'Sort key 1' }).getByRole('alert').waitFor()
  })

  onStage('query-builder-empty', 'tells how documents are found: by a scan, or by the index that there is now', async (stage) => {
    const { page } = stage
    const fact = (name: string) => page.locator(`[data-fact="${name}"] dd`).innerText()
    await page.evaluate(async () => {
      const { streams } = window.stage.session
      for (let number = 100; number < 200; number++) await streams.create({ name: 'More', data: { number } })
    })
    await fillRow(stage, 1, 'data.number', 'is', '7')
    await finds(stage, ['note-7'])
    await page.getByText('How it is found').click()
    await page.getByText('By a scan').waitFor()
    await expect.poll(() => fact('examined')).toBe('113')
    await page.evaluate(() => window.stage.session.streams.declareIndex('data.number'))
    await fillRow(stage, 1, 'data.number', 'is', '8')
    await page.getByText('By an index').waitFor()
    await expect.poll(async () => [await fact('matched'), await fact('examined')]).toEqual(['1', '1'])
  })
})
