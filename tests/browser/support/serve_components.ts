import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { build, preview, type InlineConfig } from 'vite'
import type { TestProject } from 'vitest/node'
import { contentSecurityPolicy } from '../../../web/demo/vite.config'

declare module 'vitest' {
  interface ProvidedContext {
    componentsUrl: string
  }
}

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Builds the page of components from the package in dist/, as an app would, and serves it under a strict policy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(inRepository('dist/vue.js'))) throw new Error('The package is not built: run `npm run build` first.')
  const settings: InlineConfig = {
    root: inRepository('tests/browser/components/page'),
    configFile: false,
    logLevel: 'warn',
    plugins: [vue()],
    resolve: { dedupe: ['vue'] },
    build: { outDir: inRepository('build/components'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
    preview: { host: '127.0.0.1', port: 0, headers: { 'Content-Security-Policy': contentSecurityPolicy } },
  }
  await build(settings)
  const server = await preview(settings)
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('The page of components is served on no port.')
  project.provide('componentsUrl', `http://127.0.0.1:${address.port}/`)
  return () => server.close()
}
