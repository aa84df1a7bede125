import { describe, expect, looksRight, onStage, type Stage } from './stage'

const types = ({ page }: Stage) => page.locator('.kurrentdb-event-table__type').allInnerTexts()
const cells = ({ page }: Stage, name: string) => page.locator(`[data-name="${name}"]`).allInnerTexts()

describe('KurrentDBEventTable', () => {
  looksRight('event-table', async ({ page }) => {
    await page.getByText('10 events on page 1').waitFor()
    await page.getByRole('button', { name: 'user-data-stored' }).first().click()
    await page.getByText('Event id').waitFor()
  })
  looksRight('event-table-stream', ({ page }) => page.getByText('3 events').waitFor())

  onStage('event-table', 'turns pages, each event once, and back', async (stage) => {
    const { page } = stage
    await page.getByText('10 events on page 1').waitFor()
    const positions = (await cells(stage, 'position')).map(Number)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('on page 2').waitFor()
    positions.push(...(await cells(stage, 'position')).map(Number))
    const { total, first } = await page.evaluate(async () => {
      const events = (await window.stage.session.openDatabase()).readAllEvents()
      return { total: events.length, first: Number(events[0]!.position.commit) }
    })
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => b - a))
    expect(positions.length).toBe(total)
    expect(positions.at(-1)).toBe(first)
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Previous' }).click()
    await page.getByText('10 events on page 1').waitFor()
  })

  onStage('event-table', 'filters by stream and by type, in both orders', async (stage) => {
    const { page } = stage
    await page.getByLabel('Stream name').fill('ORDER-1042')
    await page.getByText('3 events found').waitFor()
    await page.getByLabel('Order').selectOption('oldest')
    await expect.poll(() => types(stage)).toEqual(['document-created', 'document-updated', 'document-updated'])
    expect(await cells(stage, 'revision')).toEqual(['0', '1', '2'])
    await page.getByLabel('Event type').fill('created')
    await page.getByText('1 event found').waitFor()
    await page.getByLabel('Stream name').fill('(.*')
    await page.getByText('No event matches.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByText('10 events on page 1').waitFor()
  })

  onStage('event-table', 'shows what is written meanwhile', async (stage) => {
    await stage.page.getByText('10 events on page 1').waitFor()
    await stage.page.evaluate(() => window.stage.session.streams.create({ id: 'new', name: 'New', data: 1 }))
    await expect.poll(async () => (await types(stage))[0]).toBe('document-created')
    await stage.page.getByRole('cell', { name: 'document-new' }).waitFor()
    expect((await types(stage)).length).toBe(10)
  })

  onStage('event-table', 'by keyboard alone: a row is found, opened, copied and closed', async (stage) => {
    const { page } = stage
    await page.getByText('10 events on page 1').waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const all = await types(stage)
    await stage.tabTo(new RegExp(`^${all[0]}$`))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => stage.emitted()).toMatchObject([['select', { type: all[1] }]])
    await stage.tabTo(/^Copy data/)
    await page.keyboard.press('Enter')
    await page.getByText('Copied').waitFor()
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as unknown
    const shown = await page.locator('.kurrentdb-event-detail pre').first().innerText()
    expect(JSON.parse(shown)).toEqual(copied)
    await stage.tabTo(new RegExp(`^${all[1]}$`), 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.locator('.kurrentdb-event-detail').waitFor({ state: 'detached' })
  })

  onStage('event-table-stream', 'content is text and never becomes markup', async ({ page }) => {
    const attack = '<img src=x onerror="document.title=1">'
    await page.evaluate(async (data) => {
      const database = await window.stage.session.openDatabase()
      database.appendEvents('document-order-1042', [{ type: data, data: { [data]: data }, metadata: { [data]: data } }])
    }, attack)
    await page.getByRole('button', { name: attack }).click()
    await page.locator('.kurrentdb-event-detail pre').nth(1).waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Components')
  })
})

describe('KurrentDBEventTimeline', () => {
  looksRight('event-timeline', ({ page }) => page.locator('summary').nth(1).click())
})

const shownTypes = ({ page }: Stage) => page.locator('.kurrentdb-tail .kurrentdb-event-open').allInnerTexts()
const write = ({ page }: Stage, from: number, count: number) =>
  page.evaluate(
    async ([first, many]) => {
      const database = await window.stage.session.openDatabase()
      database.appendEvents(
        'log',
        Array.from({ length: many! }, (_, index) => ({ type: `line-${first! + index}`, data: { number: first! + index } })),
      )
    },
    [from, count],
  )

describe('KurrentDBLiveTail', () => {
  looksRight('live-tail', async (stage) => {
    await stage.page.getByText('Live', { exact: true }).waitFor()
    await write(stage, 1, 2)
    await stage.page.getByRole('button', { name: 'line-2' }).click()
  })
  looksRight(
    'live-tail',
    async (stage) => {
      await stage.page.getByText('Live', { exact: true }).waitFor()
      await stage.page.getByRole('button', { name: 'Pause' }).click()
      await write(stage, 1, 33)
      await stage.page.getByRole('button', { name: 'Resume, 33 new' }).click()
      await stage.page.getByRole('button', { name: 'line-33' }).waitFor()
      await stage.page.getByRole('button', { name: 'Pause' }).click()
      await stage.page.getByText('Live', { exact: true }).waitFor({ state: 'detached' })
      await stage.page.locator('.kurrentdb-tail__events').evaluate((box) => (box.scrollTop = box.scrollHeight))
    },
    'live-tail-gap',
  )

  onStage('live-tail', 'begins with the last events and follows', async (stage) => {
    await stage.page.getByText('Live', { exact: true }).waitFor()
    await expect.poll(async () => (await shownTypes(stage)).length).toBe(5)
    await write(stage, 1, 3)
    await expect.poll(async () => (await shownTypes(stage)).slice(0, 4)).toEqual(['line-3', 'line-2', 'line-1', 'user-data-stored'])
  })

  onStage('live-tail', 'by keyboard alone: paused it stands still, resumed it shows what came, and says what was skipped', async (stage) => {
    const { page } = stage
    await page.getByText('Live', { exact: true }).waitFor()
    await expect.poll(async () => (await shownTypes(stage)).length).toBe(5)
    await stage.tabTo(/^Pause$/)
    await page.keyboard.press('Enter')
    await page.getByText('Paused', { exact: true }).waitFor()
    const before = await shownTypes(stage)
    await write(stage, 1, 40)
    await page.getByRole('button', { name: 'Resume, 40 new' }).waitFor()
    expect(await shownTypes(stage)).toEqual(before)
    expect(await stage.focused()).toBe('Resume, 40 new')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await shownTypes(stage)).length).toBe(30)
    expect([(await shownTypes(stage))[0], (await shownTypes(stage)).at(-1)]).toEqual(['line-40', 'line-11'])
    await page.getByText('10 events skipped so far').waitFor()
  })

  onStage('live-tail', 'never keeps more than its limit, however much comes', async (stage) => {
    await stage.page.getByText('Live', { exact: true }).waitFor()
    await write(stage, 1, 2000)
    await expect.poll(async () => (await shownTypes(stage))[0]).toBe('line-2000')
    expect((await shownTypes(stage)).length).toBeLessThanOrEqual(30)
  })
})
