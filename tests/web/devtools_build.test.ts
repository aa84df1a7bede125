import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

describe('the Devtools plugin in a production build', () => {
  const bundle = async (define: Record<string, string>): Promise<string> => {
    const { outputFiles } = await build({
      stdin: {
        contents: "import { createKurrentLite } from './web/src/vue/plugin'; console.log(createKurrentLite)",
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      },
      bundle: true, write: false, minify: true, format: 'esm', external: ['vue', '*.wasm'], define, logLevel: 'error',
    })
    return outputFiles[0]!.text
  }

  it('is not there', async () => {
    const build = (isDevelopment: boolean) =>
      bundle({ 'import.meta.env': `{"DEV":${isDevelopment}}`, 'import.meta.env.DEV': String(isDevelopment) })
    expect(await build(false)).not.toContain('devtools-plugin')
    expect(await build(true)).toContain('devtools-plugin')
  })
})
