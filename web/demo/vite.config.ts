import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What the built demo lives under: nothing from elsewhere, no inline script or style, no eval; WebAssembly may compile. */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** In dev Vite injects styles as they change, and talks to its server. */
const devHeaders = {
  ...headers,
  'Content-Security-Policy': contentSecurityPolicy
    .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    .replace("connect-src 'self'", "connect-src 'self' ws: wss:"),
}

/** Also in the page itself, for hosts that set no headers. */
const policyInPage: Plugin = {
  name: 'kurrentlite-demo-csp',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: contentSecurityPolicy.replace("; frame-ancestors 'none'", ''),
      },
      injectTo: 'head-prepend',
    },
  ],
}

export default defineConfig(({ command, isPreview }) => {
  const isBuild = command === 'build'
  if (!isPreview && !existsSync(here('../../dist/pinia.js'))) {
    throw new Error('The demo is made of the built package: run `npm run build` first.')
  }
  return {
    root: here('.'),
    base: isBuild || isPreview ? './' : '/',
    plugins: [vue(), policyInPage],
    resolve: {
      alias: { '@': here('./src') },
      dedupe: ['vue', 'pinia'],
    },
    build: {
      outDir: here('./dist'),
      emptyOutDir: true,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: {
          index: here('./index.html'),
          // Entries of their own, so that "Try the API" can run them as modules, again and again.
          'examples/documents': here('./src/examples/documents.ts'),
          'examples/users': here('./src/examples/users.ts'),
        },
        output: {
          entryFileNames: ({ name }) => (name.startsWith('examples/') ? '[name].js' : 'assets/[name]-[hash].js'),
        },
      },
    },
    server: { headers: devHeaders },
    preview: { headers },
  }
})
