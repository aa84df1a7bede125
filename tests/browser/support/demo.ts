import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import { expect, inject, test as base } from 'vitest'

/** A person's browser: storage of its own, and a record of everything that must not happen. */
export class Visitor {
  private readonly problems: string[] = []

  private constructor(readonly context: BrowserContext) {}

  static async arrive(browser: Browser, options: BrowserContextOptions): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
      baseURL: inject('demoUrl'),
      ...options,
    })
    context.setDefaultTimeout(20_000)
    return new Visitor(context)
  }

  /** Opens the demo in a tab and waits until it shows the database. */
  async open(path = ''): Promise<Demo> {
    const page = await this.context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(`console ${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`))
    page.on('request', (request) => {
      const isOwn = request.url().startsWith(inject('demoUrl')) || /^(blob|data):/.test(request.url())
      if (!isOwn) this.problems.push(`request to elsewhere: ${request.url()}`)
    })
    await page.goto(path)
    const demo = new Demo(page)
    await demo.isReady()
    return demo
  }

  async leave(): Promise<void> {
    await this.context.close()
    expect(this.problems, 'console errors, warnings and requests to elsewhere').toEqual([])
  }
}

export interface NewDocument {
  readonly name: string
  readonly id?: string
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly data?: string
}

/** The demo in one tab, in the words of a person who uses it. */
export class Demo {
  constructor(readonly page: Page) {}

  async isReady(): Promise<void> {
    await this.page.locator('[data-ready="true"]').waitFor()
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.isReady()
  }

  /** Waits until the browser's storage holds something. */
  async isSaved(): Promise<void> {
    const pieces = `new Promise((resolve, reject) => {
      const opening = indexedDB.open('kurrentlite')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const counting = opening.result.transaction('pieces').objectStore('pieces').count()
        counting.onsuccess = () => (opening.result.close(), resolve(counting.result))
      }
    })`
    await expect.poll(() => this.page.evaluate(pieces)).toBeGreaterThan(0)
  }

  /** Follows the navigation. */
  async goTo(title: 'Overview' | 'Streams' | 'Events' | 'User data' | 'Network' | 'Your data' | 'Try the API'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title, exact: true }).click()
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor()
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: typeof name === 'string' })
  }

  dialog(): Locator {
    return this.page.getByRole('dialog')
  }

  /** What has the keyboard's focus, by its name. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement
      const label = element && 'labels' in element ? (element as HTMLInputElement).labels?.[0]?.textContent : undefined
      return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim().replace(/\s+/g, ' ')
    })
  }

  /** Presses Tab until the focus is on what has this name. */
  async tabTo(name: RegExp): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      await this.page.keyboard.press('Tab')
      if (name.test(await this.focused())) return
    }
    throw new Error(`Tab never reaches ${name}; the focus is on "${await this.focused()}"`)
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  get status(): Locator {
    return this.page.locator('.kurrentdb-status')
  }

  async hasStatus(status: string): Promise<void> {
    await this.page.locator(`.kurrentdb-status[data-status="${status}"]`).waitFor()
  }

  /** Ids of the documents in the list, as shown, from all pages of it. */
  async listedIds(): Promise<string[]> {
    return this.page.locator('[data-id]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id') ?? ''))
  }

  async lists(ids: readonly string[]): Promise<void> {
    await expect.poll(() => this.listedIds()).toEqual(ids)
  }

  async count(text: string): Promise<void> {
    await expect.poll(() => this.page.locator('.kurrentdb-stream-list__count').innerText()).toBe(text)
  }

  async search(text: string): Promise<void> {
    await this.page.getByLabel('Search documents').fill(text)
  }

  async fillJson(within: Locator, text: string): Promise<void> {
    await within.getByLabel('Data', { exact: true }).fill(text)
  }

  /** Fills the form for a new document without sending it. */
  async beginDocument({ name, id, description, owner, tags = [], data }: NewDocument): Promise<Locator> {
    await this.button('New document').click()
    const form = this.dialog()
    await form.getByLabel('Name', { exact: true }).fill(name)
    if (id !== undefined) await form.getByLabel('Id', { exact: true }).fill(id)
    if (description !== undefined) await form.getByLabel('Description').fill(description)
    if (owner !== undefined) await form.getByLabel('Owner').fill(owner)
    for (const tag of tags) {
      await form.getByLabel('Tags').fill(tag)
      await form.getByLabel('Tags').press('Enter')
    }
    if (data !== undefined) await this.fillJson(form, data)
    return form
  }

  async createDocument(document: NewDocument): Promise<void> {
    const form = await this.beginDocument(document)
    await this.button('Create', form).click()
    await form.waitFor({ state: 'detached' })
    await this.page.getByRole('heading', { level: 2, name: document.name, exact: true }).waitFor()
  }

  /** Goes to a document by its address. */
  async openDocument(id: string): Promise<Locator> {
    await this.page.evaluate((hash) => (location.hash = hash), `#/streams/${encodeURIComponent(id)}`)
    const detail = this.page.getByRole('article')
    await detail.waitFor()
    return detail
  }

  /** The types of the events behind the document that is shown, oldest first. */
  async eventTypes(within: Locator): Promise<string[]> {
    return within.locator('.kurrentdb-event-timeline summary b').allInnerTexts()
  }

  async switchTo(environment: 'dev' | 'staging' | 'test' | 'mainnet'): Promise<void> {
    await this.page.getByLabel('Environment').selectOption(environment)
    await this.page.locator(`html[data-environment="${environment}"]`).waitFor()
    await this.sees(`Now on ${environment}.`)
  }

  /** Chooses a file to import, given by its content. */
  async chooseFile(content: string, name = 'mine.json'): Promise<void> {
    await this.page
      .getByLabel('File to import')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) })
  }

  /** Everything the database holds, read through the page: for comparing before and after. */
  async everything(): Promise<unknown> {
    await this.goTo('Your data')
    return JSON.parse(await this.download('Export documents'))
  }

  async download(button: 'Export everything' | 'Export documents'): Promise<string> {
    const coming = this.page.waitForEvent('download')
    await this.button(button).click()
    const stream = await (await coming).createReadStream()
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  }
}

interface Fixtures {
  browser: Browser
  /** Options of the browser's window and preferences. */
  preferences: BrowserContextOptions
  visitor: Visitor
  demo: Demo
}

/** `demo`: a first visit, ready. `visitor`: the browser it is in. */
export const test = base.extend<Fixtures>({
  browser: [
    async ({}, use) => {
      const browser = await chromium.connect(inject('browserEndpoint'))
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  preferences: {},
  visitor: async ({ browser, preferences }, use) => {
    const visitor = await Visitor.arrive(browser, preferences)
    await use(visitor)
    await visitor.leave()
  },
  demo: async ({ visitor }, use) => {
    await use(await visitor.open())
  },
})

export { describe, expect } from 'vitest'
