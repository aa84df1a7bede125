import { fileURLToPath } from 'node:url'
import { build, type Rollup } from 'vite'
import { describe, expect, it } from 'vitest'

const virtual = 'virtual:app'

/** What a bundler makes of an app with this one statement, without Vue. */
async function bundled(statement: string): Promise<string> {
  const result = (await build({
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'app',
        resolveId: (id) => (id === virtual ? id : undefined),
        load: (id) => (id === virtual ? statement : undefined),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      assetsInlineLimit: 0,
      rolldownOptions: { input: virtual, external: ['vue', 'pinia'], preserveEntrySignatures: 'strict' },
    },
  })) as Rollup.RollupOutput
  return result.output.map((each) => (each.type === 'chunk' ? each.code : '')).join('\n')
}

describe('an app that bundles the package', () => {
  it('gets no component with composables alone', async () => {
    const code = await bundled(`export { createKurrentLite, useConnection, useKurrentDB } from 'kurrentlite/vue'`)
    expect(code).toContain('createKurrentLite')
    // `kurrentdb-disabled` is the type of an error.
    expect(code.match(/kurrentdb-(?!disabled)[a-z]+/g) ?? []).toEqual([])
  })

  it('gets only the components that it names, and what these are made of', async () => {
    const code = await bundled(`export { KurrentDBPager } from 'kurrentlite/vue'`)
    expect(new Set(code.match(/kurrentdb-(?!button|row|sr)[a-z]+/g))).toEqual(new Set(['kurrentdb-pager', 'kurrentdb-icon']))
  })
})
