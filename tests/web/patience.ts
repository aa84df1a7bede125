import { vi } from 'vitest'

/*
 * Tests wait for what happens, and a busy machine may take its time: `vi.waitFor` gives up after a second by itself, which
 * is too soon there. No test is slower for it, unless it fails.
 */
const { waitFor } = vi
vi.waitFor = (callback, options) => {
  const given = typeof options === 'number' ? { timeout: options } : options
  return waitFor(callback, { timeout: 15_000, ...given })
}
