import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import { violations } from '../support/axe'
import { test } from '../support/demo'
import type {} from './page/main'

const pictures = fileURLToPath(new URL('../../../build/screenshots', import.meta.url))
mkdirSync(pictures, { recursive: true })

/** How a component must look right: what people prefer, on the widths of a desk and of a phone. */
const desk = { viewport: { width: 1280, height: 860 } }
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }
const looks: readonly (BrowserContextOptions & { readonly look: string })[] = [
  { look: 'light', ...desk, colorScheme: 'light' },
  { look: 'dark', ...desk, colorScheme: 'dark' },
  { look: 'contrast', ...desk, colorScheme: 'light', contrast: 'more' },
  { look: 'contrast-dark', ...desk, colorScheme: 'dark', contrast: 'more' },
  { look: 'forced', ...desk, forcedColors: 'active' },
  { look: 'phone', ...phone, colorScheme: 'light' },
  { look: 'phone-dark', ...phone, colorScheme: 'dark' },
]

/** One component on a page of its own (see scenes), and a record of everything that must not happen. */
export class Stage {
  private readonly problems: string[] = []

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(`console ${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`))
  }

  static async open(browser: Browser, scene: string, options: BrowserContextOptions = {}): Promise<Stage> {
    const context = await browser.newContext({ ...desk, reducedMotion: 'reduce', locale: 'en-GB', ...options })
    context.setDefaultTimeout(20_000)
    const stage = new Stage(context, await context.newPage())
    await stage.page.goto(`${inject('componentsUrl')}#${scene}`)
    await stage.page.locator('html[data-ready]').waitFor()
    return stage
  }

  /** What the component has emitted to the listeners that its scene records. */
  emitted(): Promise<[string, ...unknown[]][]> {
    return this.page.evaluate(() => window.stage.emitted)
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
  async tabTo(name: RegExp, key = 'Tab'): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      await this.page.keyboard.press(key)
      if (name.test(await this.focused())) return
    }
    throw new Error(`${key} never reaches ${name}; the focus is on "${await this.focused()}"`)
  }

  /** A picture in build/screenshots, for people to look at. */
  async takePicture(name: string): Promise<void> {
    await this.page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
  }

  /** Nothing to complain about for axe, and nothing cut off sideways. */
  async isAccessible(): Promise<void> {
    expect(await violations(this.page)).toEqual([])
    const overflow = () =>
      this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await expect.poll(overflow, { message: 'pixels cut off sideways' }).toBe(0)
  }

  async leave(): Promise<void> {
    await this.context.close()
    expect(this.problems, 'console errors and warnings').toEqual([])
  }
}

/**
 * Defines a test for every look of a scene: axe finds nothing, nothing is cut off sideways, and a picture is taken. `act`
 * brings the component into the state to look at.
 */
export function looksRight(scene: string, act?: (stage: Stage) => Promise<void>, name = scene): void {
  test.for(looks)(`${name} looks right and axe finds nothing: $look`, async ({ look, ...options }, { browser }) => {
    const stage = await Stage.open(browser, scene, options)
    await act?.(stage)
    await stage.isAccessible()
    await stage.takePicture(`${name}-${look}`)
    await stage.leave()
  })
}

/** Runs `play` on a stage of its own. */
export function onStage(scene: string, promise: string, play: (stage: Stage) => Promise<void>): void {
  test(promise, async ({ browser }) => {
    const stage = await Stage.open(browser, scene)
    await play(stage)
    await stage.leave()
  })
}

export { describe, expect } from 'vitest'
