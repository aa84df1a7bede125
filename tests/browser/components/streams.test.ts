import { describe, expect, looksRight, onStage, type Stage } from './stage'

const ids = ({ page }: Stage) => page.locator('[data-id]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))
const listed = async (stage: Stage, wanted: readonly string[]) => expect.poll(() => ids(stage)).toEqual(wanted)

describe('KurrentDBStreamList', () => {
  looksRight('stream-list', ({ page }) => page.getByText('13 documents').waitFor())

  onStage('stream-list', 'filters, sorts and turns pages', async (stage) => {
    const { page } = stage
    await page.getByText('13 documents').waitFor()
    await expect.poll(async () => (await ids(stage)).length).toBe(10)
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(async () => (await ids(stage)).length).toBe(3)
    await page.getByLabel('Sort by').selectOption('id')
    await page.getByRole('searchbox').fill('ORDER')
    await listed(stage, ['order-1043', 'order-1042'])
    await page.getByRole('button', { name: 'Descending; sort ascending' }).click()
    await listed(stage, ['order-1042', 'order-1043'])
    await page.getByRole('button', { name: 'shipped 1', exact: true }).click()
    await listed(stage, ['order-1042'])
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByLabel('Owner').selectOption('tomas')
    await listed(stage, ['price-list-2025'])
    await page.getByLabel('Status').selectOption('active')
    await page.getByText('No document matches these filters.').waitFor()
  })

  onStage('stream-list', 'cuts off no choice on a phone, and finds by kind once there are kinds', async (stage) => {
    const { page } = stage
    await page.setViewportSize({ width: 390, height: 780 })
    await page.getByText('13 documents').waitFor()
    expect(await page.getByLabel('Kind').count()).toBe(0)
    await page.evaluate(() => window.stage.session.streams.create({ id: 'ann', kind: 'customer', name: 'Ann', data: 1 }))
    await page.getByLabel('Kind').waitFor()
    const cutOff = await page.locator('.kurrentdb-stream-filters select').evaluateAll((selects) =>
      (selects as HTMLSelectElement[]).flatMap((select) => {
        const style = getComputedStyle(select)
        const text = select.selectedOptions[0]!.text
        const canvas = document.createElement('canvas').getContext('2d')!
        canvas.font = style.font
        const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
        return canvas.measureText(text).width > room ? [text] : []
      }),
    )
    expect(cutOff).toEqual([])
    await page.getByLabel('Kind').selectOption('customer')
    await listed(stage, ['ann'])
  })

  onStage('stream-list', 'shows what is written meanwhile', async (stage) => {
    await stage.page.getByText('13 documents').waitFor()
    await stage.page.evaluate(() => window.stage.session.streams.create({ id: 'new', name: 'Brand new', data: 1 }))
    await stage.page.getByText('14 documents').waitFor()
    await expect.poll(async () => (await ids(stage))[0]).toBe('new')
  })

  onStage('stream-list', 'offers owners and tags of all documents, however many changed since, and counts them', async (stage) => {
    const { page } = stage
    await page.evaluate(async () => {
      const { streams } = window.stage.session
      for (let begin = 0; begin < 1100; begin += 100) {
        await streams.transaction(
          Array.from({ length: 100 }, (_, index) => ({
            create: { name: `Bulk ${begin + index}`, owner: 'robot', data: null, tags: ['bulk', `only-${begin + index}`] },
          })),
        )
      }
    })
    await page.getByText('1,113 documents').waitFor()
    const options = page.getByLabel('Owner').getByRole('option')
    await expect.poll(() => options.allInnerTexts()).toEqual(['All owners', 'ines (6)', 'maya (2)', 'noor (4)', 'robot (1,100)', 'tomas (1)'])
    const tags = page.getByRole('group', { name: 'Tags' })
    await tags.getByRole('button', { name: 'bulk 1,100' }).waitFor()
    await tags.getByRole('button', { name: 'note 9' }).waitFor()
    expect(await tags.getByRole('button').count()).toBe(17)
    await page.evaluate(() => window.stage.session.streams.tag('note-1', { add: ['bulk'] }))
    await tags.getByRole('button', { name: 'bulk 1,101' }).waitFor()
    await page.getByLabel('Owner').selectOption('tomas')
    await listed(stage, ['price-list-2025'])
  })

  onStage('stream-list', 'by keyboard alone: search, walk through the rows, choose', async (stage) => {
    const { keyboard } = stage.page
    await stage.tabTo(/^Search documents$/)
    await keyboard.type('note')
    await stage.page.getByText('9 documents found').waitFor()
    const [first, second] = await ids(stage)
    await stage.tabTo(/^Note/)
    expect(await stage.page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe(first)
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowUp')
    await keyboard.press('Enter')
    await expect.poll(() => stage.emitted()).toMatchObject([['select', { id: second }]])
  })
})

describe('KurrentDBStreamEditor', () => {
  looksRight('stream-editor')

  looksRight(
    'stream-editor-new',
    async ({ page }) => {
      await page.getByLabel('Id', { exact: true }).fill('x'.repeat(257))
      await page.getByLabel('Data').fill('{"a": [1, {"__proto__": 2}]}')
      await page.getByRole('button', { name: 'Create' }).click()
      await expect.poll(() => page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true')
    },
    'stream-editor-mistakes',
  )

  onStage('stream-editor-new', 'by keyboard alone: makes a document', async (stage) => {
    const { keyboard } = stage.page
    await stage.tabTo(/^Name$/)
    await keyboard.type('By hand')
    await stage.tabTo(/^Id$/)
    await keyboard.type('by-hand')
    await stage.tabTo(/^Tags$/)
    await keyboard.type('one')
    await keyboard.press('Enter')
    await stage.tabTo(/^Create$/)
    await keyboard.press('Enter')
    await expect.poll(() => stage.emitted()).toMatchObject([['saved', { id: 'by-hand', metadata: { tags: ['one'], version: 1 } }]])
  })

  onStage('stream-editor-new', 'says problems at their fields and at the line of the data', async ({ page }) => {
    await page.getByLabel('Name').fill('Fine')
    await page.getByLabel('Data').fill('{\n  "a": 1,\n  "b": {\n    "__proto__": 2\n  }\n}')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect.poll(() => page.getByLabel('Data').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('.kurrentdb-json-editor__numbers [data-wrong]').allInnerTexts()).toEqual(['4'])
    await page.getByLabel('Data').fill('{"a": }')
    await page.getByText('stands where a value should be').waitFor()
    expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true)
  })

  onStage('stream-editor', 'writes only what was changed, and nothing when nothing was', async (stage) => {
    const { page } = stage
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await page.getByLabel('Description').fill('Three lamps.')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => stage.emitted()).toMatchObject([['saved', { description: 'Three lamps.', metadata: { version: 4 } }]])
    const [newest] = await page.evaluate(async () => (await window.stage.session.streams.history('order-1042')).items)
    expect(newest!.fields).toEqual(['description'])
  })
})

describe('the owner of a document', () => {
  looksRight(
    'stream-editor',
    async ({ page }) => {
      await page.getByRole('button', { name: 'Transfer …' }).click()
      await page.getByLabel('New owner').fill('x'.repeat(300))
      await page.keyboard.press('Enter')
      await expect.poll(() => page.getByLabel('New owner').getAttribute('aria-invalid')).toBe('true')
    },
    'stream-transfer-mistake',
  )

  onStage('stream-editor', 'by keyboard alone: is changed; what was typed stays and is saved after', async (stage) => {
    const { page } = stage
    await page.getByLabel('Description').fill('Three lamps.')
    await stage.tabTo(/^Transfer …$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await stage.focused()).toBe('New owner')
    await page.keyboard.type('noor')
    await stage.tabTo(/^Transfer to noor$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await stage.focused()).toBe('Transfer …')
    expect(await current(stage)).toMatchObject({ description: 'Two lamps and a reading chair.', metadata: { owner: 'noor', version: 4 } })
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => stage.emitted()).toMatchObject([
      ['transferred', { metadata: { owner: 'noor' } }],
      ['saved', { description: 'Three lamps.', metadata: { owner: 'noor', version: 5 }, permissions: { write: ['noor'] } }],
    ])
  })

  onStage('stream-editor', 'is not to be changed by who may not, and a refusal is said', async (stage) => {
    const { page } = stage
    await page.getByRole('button', { name: 'Transfer …' }).click()
    await page.getByLabel('New owner').fill('noor')
    await page.evaluate(() => window.stage.session.streams.delete('order-1042'))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.keyboard.press('Escape')
    await page.evaluate(() => window.stage.session.setUser('tomas'))
    await page.getByRole('button', { name: 'Transfer …' }).waitFor({ state: 'detached' })
  })
})

describe('the kind of a document', () => {
  onStage('stream-editor-new', 'is given at its creation, and problems stand at it', async (stage) => {
    const { page } = stage
    await page.getByLabel('Name').fill('A customer')
    await page.getByLabel('Kind').fill('x'.repeat(300))
    await page.getByRole('button', { name: 'Create' }).click()
    await expect.poll(() => page.getByLabel('Kind').getAttribute('aria-invalid')).toBe('true')
    await page.getByLabel('Kind').fill('customer')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect.poll(() => stage.emitted()).toMatchObject([['saved', { name: 'A customer', kind: 'customer' }]])
  })
})

/** Types a change of the total and the state; meanwhile somebody else changed the state and the description. */
async function meetConflict({ page }: Stage): Promise<void> {
  await page.getByLabel('Data').fill('{"customer": "Amara Okafor", "total": 700, "state": "returned"}')
  await page.evaluate(() =>
    window.stage.session.streams.update('order-1042', {
      description: 'Delivered on Monday.',
      data: { customer: 'Amara Okafor', total: 679, state: 'delivered' },
    }),
  )
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Somebody else changed this document' }).waitFor()
}

const current = ({ page }: Stage) => page.evaluate(() => window.stage.session.streams.get('order-1042'))

describe('a conflict', () => {
  looksRight('stream-editor', meetConflict, 'stream-conflict')

  onStage('stream-editor', 'is ended by keeping both changes, and a choice where they contradict', async (stage) => {
    await meetConflict(stage)
    expect(await stage.focused()).toBe('Somebody else changed this document')
    await stage.page.getByRole('group', { name: 'data.state' }).getByLabel('Theirs').check()
    await stage.page.getByRole('button', { name: 'Save both' }).click()
    await expect.poll(async () => (await current(stage))?.metadata.version).toBe(5)
    expect(await current(stage)).toMatchObject({
      description: 'Delivered on Monday.',
      data: { customer: 'Amara Okafor', total: 700, state: 'delivered' },
    })
    expect(await stage.emitted()).toMatchObject([['saved', { metadata: { version: 5 } }]])
  })

  onStage('stream-editor', 'by keyboard alone: mine holds where nothing else is chosen', async (stage) => {
    await meetConflict(stage)
    await stage.tabTo(/^Save both$/)
    await stage.page.keyboard.press('Enter')
    await expect.poll(async () => (await current(stage))?.data).toEqual({ customer: 'Amara Okafor', total: 700, state: 'returned' })
  })

  onStage('stream-editor', 'is ended by taking theirs', async (stage) => {
    await meetConflict(stage)
    await stage.page.getByRole('button', { name: 'Forget my changes' }).click()
    expect(await stage.page.getByLabel('Description').inputValue()).toBe('Delivered on Monday.')
    expect(await stage.page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  })

  onStage('stream-editor', 'with a deletion leaves what was typed, and writes nothing', async (stage) => {
    await stage.page.getByLabel('Description').fill('Mine.')
    await stage.page.evaluate(() => window.stage.session.streams.delete('order-1042'))
    await stage.page.getByRole('button', { name: 'Save' }).click()
    await stage.page.getByRole('alert').waitFor()
    expect(await stage.page.getByLabel('Description').inputValue()).toBe('Mine.')
  })
})
