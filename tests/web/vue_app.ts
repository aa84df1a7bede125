import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach } from 'vitest'
import { defineComponent, h } from 'vue'
import { createTestingKurrentLite, type TestingKurrentLite, type TestingOptions } from '../../web/src/testing'

const opened: (() => void)[] = []
afterEach(() => {
  for (const close of opened.splice(0).reverse()) close()
})

/** kurrentlite for the current test. */
export function testing(options: TestingOptions = {}): TestingKurrentLite {
  const kurrentLite = createTestingKurrentLite(options)
  opened.push(() => kurrentLite.dispose())
  return kurrentLite
}

/** Runs `use` in the setup of a component of a new app; `wrapper.unmount()` ends its scope. */
export function inApp<T>(plugins: readonly unknown[], use: () => T): T & { wrapper: VueWrapper } {
  let result: T | undefined
  const component = defineComponent({
    setup() {
      result = use()
      return () => h('div')
    },
  })
  const wrapper = mount(component, { global: { plugins: plugins as [] } })
  opened.push(() => wrapper.unmount())
  return Object.assign(result as T & object, { wrapper })
}

export { flushPromises }
