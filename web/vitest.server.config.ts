import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The official client and `kurrentlite serve`: the contract of clients, unchanged, and what only a server can show.
 * `KURRENTLITE_BINARY` names the program, else `cmake --workflow --preset native-debug` comes first, for its assertions; and
 * `npm run build:native` for the project `release` (leave it out: `--project '!release'`). `npm run build` comes first for
 * the one test that compares the two clients.
 */
export default defineConfig({
  root: here('..'),
  cacheDir: here('../build/cache/vitest-server'),
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['tests/web/contract/**/*.test.ts'],
          env: { KURRENTLITE_CONTRACT: 'official' },
          // A server for each file, since many tests look at all there is.
          setupFiles: [here('../tests/server/support/server_of_file.ts')],
        },
      },
      {
        extends: true,
        test: {
          name: 'contract over TLS',
          include: ['tests/web/contract/{credentials,metadata,multi_append}.test.ts'],
          env: { KURRENTLITE_CONTRACT: 'official', KURRENTLITE_TLS: '1' },
          setupFiles: [here('../tests/server/support/server_of_file.ts')],
        },
      },
      { extends: true, test: { name: 'server', include: ['tests/server/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'release',
          include: ['tests/server/{command,tls}.test.ts', 'tests/server/release/*.test.ts'],
          env: { KURRENTLITE_BINARY: process.env.KURRENTLITE_BINARY ?? here('../build/native-release/bin/kurrentlite') },
        },
      },
    ],
  },
})
