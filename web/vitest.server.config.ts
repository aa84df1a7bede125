import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The official client and `kurrentlite serve`: the contract of clients, unchanged, and what only a server can show.
 * `KURRENTLITE_BINARY` names the program, else `cmake --workflow --preset native-debug` comes first.
 */
export default defineConfig({
  root: here('..'),
  cacheDir: here('../build/cache/vitest-server'),
  test: {
    include: ['tests/server/**/*.test.ts', 'tests/web/contract/**/*.test.ts'],
    environment: 'node',
    env: { KURRENTLITE_CONTRACT: 'official' },
    globalSetup: [here('../tests/server/support/global_setup.ts')],
    pool: 'forks',
    // All contract files share one database, and some need `$all` for themselves.
    fileParallelism: false,
    restoreMocks: true,
    testTimeout: 20_000,
  },
})
