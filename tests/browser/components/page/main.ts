import type { Session } from 'kurrentlite/services'
import { createTestingKurrentLite } from 'kurrentlite/testing'
import { createApp, h, type Component } from 'vue'
import 'kurrentlite/style.css'
import './page.css'

/** One component and what it is shown with: a file in `scenes`. */
export interface Scene {
  readonly component: Component
  /**
   * Fills the database first, and returns props and listeners. `record('saved')` is a listener that lets a test see what
   * the component emits (`Stage.emitted`).
   */
  prepare?(session: Session, record: (event: string) => (...args: unknown[]) => void): Promise<Record<string, unknown>>
}

declare global {
  interface Window {
    /** What tests prepare and look at. */
    stage: { session: Session; emitted: [string, ...unknown[]][] }
  }
}

/*
 * A page of an app with a strict Content-Security-Policy and nothing but one component on it: `#stream-list` shows
 * scenes/stream-list.ts. Built from the package, as users get it.
 */
const scenes = import.meta.glob<Scene>('../scenes/*.ts', { import: 'default' })
const load = scenes[`../scenes/${location.hash.slice(1)}.ts`]
if (!load) throw new Error(`There is no scene ${location.hash}.`)

const { component, prepare } = await load()
const kurrentLite = createTestingKurrentLite({ environment: 'dev' })
const { session } = kurrentLite
const emitted: Window['stage']['emitted'] = []
window.stage = { session, emitted }
const props = await prepare?.(session, (event) => (...args) => void emitted.push([event, ...args]))

createApp({ render: () => h('main', [h('h1', 'A component'), h(component, props)]) })
  .use(kurrentLite)
  .mount('#app')
document.documentElement.dataset['ready'] = 'true'
