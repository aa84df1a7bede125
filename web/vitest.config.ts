import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests of the TypeScript layer through the real WebAssembly module. `node web/build.mjs` comes first. */
export default defineConfig({
  root: here('..'),
  cacheDir: here('../node_modules/.vite/web'),
  plugins: [vue()],
  test: {
    include: ['tests/web/**/*.test.ts'],
    environment: 'node',
    setupFiles: [here('../tests/web/patience.ts')],
    // The built package, where a test uses it, is loaded by Node as users have it.
    server: { deps: { external: [/\/dist\/[\w.-]+\.c?js$/] } },
    restoreMocks: true,
    // Variables of the machine that runs the tests must not change their outcome.
    env: Object.fromEntries(
      Object.keys(process.env)
        .filter((name) => name.startsWith('VITE_KURRENT_DB_'))
        .map((name) => [name, '']),
    ),
    typecheck: {
      enabled: true,
      checker: 'vue-tsc',
      include: ['tests/web/**/*.test-d.ts'],
      tsconfig: here('./tsconfig.types.json'),
    },
    // One test looks at what the garbage collector finds.
    execArgv: ['--expose-gc'],
    testTimeout: 20_000,
  },
})
