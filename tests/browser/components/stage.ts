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
const desk = { width: 1280, height: 860 }
const phone = { width: 390, height: 780 }
const looks = [
  { look: 'light', viewport: desk, colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' },
  { look: 'dark', viewport: desk, colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'none' },
  { look: 'contrast', viewport: desk, colorScheme: 'light', contrast: 'more', forcedColors: 'none' },
  { look: 'contrast-dark', viewport: desk, colorScheme: 'dark', contrast: 'more', forcedColors: 'none' },
  { look: 'forced', viewport: desk, colorScheme: 'light', contrast: 'no-preference', forcedColors: 'active' },
  { look: 'phone', viewport: phone, colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' },
  { look: 'phone-dark', viewport: phone, colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'none' },
] as const

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
    const context = await browser.newContext({
      viewport: desk,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      ...options,
    })
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

  /** Waits until the browser has drawn what was changed last. */
  async isDrawn(): Promise<void> {
    await this.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  }

  /** A picture in build/screenshots, for people to look at. */
  async takePicture(name: string): Promise<void> {
    await this.page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
  }

  /** Nothing to complain about for axe, and nothing cut off sideways. */
  async isAccessible(look = ''): Promise<void> {
    expect(await violations(this.page), look).toEqual([])
    const overflow = () =>
      this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await expect.poll(overflow, { message: `pixels cut off sideways ${look}` }).toBe(0)
  }

  async leave(): Promise<void> {
    await this.context.close()
    expect(this.problems, 'console errors and warnings').toEqual([])
  }
}

/**
 * Defines a test of a scene in every look: axe finds nothing, nothing is cut off sideways, and a picture is taken. `act`
 * brings the component into the state to look at.
 */
export function looksRight(scene: string, act?: (stage: Stage) => Promise<void>, name = scene): void {
  test(`${name} looks right and axe finds nothing, in every look`, async ({ browser }) => {
    const stage = await Stage.open(browser, scene)
    await act?.(stage)
    for (const { look, viewport, ...media } of looks) {
      await stage.page.emulateMedia({ ...media, reducedMotion: 'reduce' })
      await stage.page.setViewportSize(viewport)
      await stage.isDrawn()
      await stage.isAccessible(look)
      await stage.takePicture(`${name}-${look}`)
    }
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
