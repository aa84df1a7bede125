/** Scripts as a bundler makes them of what a page imports from the built package. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const pages = {
  client: ['client'],
  services: ['client', 'services'],
  store: ['client', 'services', 'pinia'],
  everything: ['index', 'services', 'pinia', 'vue'],
}

/** Writes build/bench/pages/<page>.js and, beside them, the module. Answers the folder and the pages. */
export async function bundlePages(root) {
  const folder = join(root, 'build/bench/pages')
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(root, 'dist/kurrentlite.wasm'), join(folder, 'kurrentlite.wasm'))
  for (const [page, entries] of Object.entries(pages)) {
    const contents = entries.map((entry) => `export * as ${entry} from './${entry}.js'`).join('\n')
    await build({
      stdin: { contents, resolveDir: join(root, 'dist') },
      outfile: join(folder, `${page}.js`),
      // No page has two copies of Vue; none of them is counted.
      external: ['vue', 'pinia', 'node:*'],
      bundle: true, minify: true, format: 'esm', platform: 'browser', logLevel: 'error',
    })
  }
  return { folder, pages: Object.keys(pages) }
}
