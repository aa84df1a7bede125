import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Headless Chromium on the built demo (`vite build --config web/demo/vite.config.ts` first) and on each component. */
export default defineConfig({
  root: here('..'),
  cacheDir: here('../build/cache/vitest-browser'),
  test: {
    environment: 'node',
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: [here('../tests/browser/support/serve_demo.ts'), here('../tests/browser/support/serve_components.ts')],
    pool: 'forks',
    maxWorkers: 2,
    // The files share nothing but their imports, and those take longer than most tests.
    isolate: false,
    // Generous, for machines that build other things meanwhile; tests wait for what happens, never for time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
