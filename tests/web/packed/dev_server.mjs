// Serves the app below the current folder as `vite dev` does, and prints what a browser would be given.
import { createServer } from 'vite'

const server = await createServer({ root: process.cwd(), logLevel: 'error', server: { host: '127.0.0.1', port: 0 } })
await server.listen()
const { port } = server.httpServer.address()

/** Follows imports and asset URLs from the entry on. */
const fetched = new Map()
async function follow(url) {
  if (fetched.has(url.pathname)) return
  fetched.set(url.pathname, undefined)
  const response = await fetch(url)
  const text = await response.text()
  fetched.set(url.pathname, { status: response.status, type: response.headers.get('content-type'), text })
  if (!response.headers.get('content-type')?.includes('javascript')) return
  const imports = [
    ...text.matchAll(/(?:from|import)\s*"((?:\.|\/)[^"]+)"/g),
    ...text.matchAll(/["'`]([^"'`\s]+\/kurrentlite\.wasm)["'`]/g),
  ]
  for (const [, path] of imports) await follow(new URL(path, url))
}
await follow(new URL(`http://127.0.0.1:${port}/src/main.ts`))
await server.close()

const files = [...fetched].filter(([path]) => !path.includes('@vite'))
const module = files.find(([path]) => path.endsWith('kurrentlite.wasm'))
const env = files.some(
  ([, file]) =>
    /import\.meta\.env = .*VITE_KURRENT_DB_ENVIRONMENT.*staging/.test(file.text) &&
    /return import\.meta\.env/.test(file.text),
)
const failed = files.filter(([, { status }]) => status !== 200).map(([path, { status }]) => `${status} ${path}`)
console.log(
  JSON.stringify({ failed, env, module: module && { type: module[1].type, magic: module[1].text.slice(1, 4) } }),
)
