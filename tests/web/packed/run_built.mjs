// Runs the built app in this process, with a page of jsdom for a browser; prints the title it sets.
import { readFileSync } from 'node:fs'
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<!doctype html><div id="app"></div>', { url: 'http://localhost/' })
for (const name of ['window', 'document', 'Element', 'SVGElement', 'ShadowRoot', 'MathMLElement', 'MutationObserver'])
  globalThis[name] = window[name]
const [, entry] = /<script [^>]*src="\.\/([^"]+)"/.exec(readFileSync('dist/index.html', 'utf8'))
// A browser has no `process` and fetches what lies beside the script.
const { process } = globalThis
globalThis.fetch = async (url) =>
  new Response(readFileSync(new URL(url)), { headers: { 'content-type': 'application/wasm' } })
const script = `${process.cwd()}/dist/${entry}`
delete globalThis.process
await import(script)
globalThis.process = process
await new Promise((resolve) => setTimeout(resolve, 0))
console.log(JSON.stringify({ title: document.title, text: document.querySelector('#app').textContent }))
process.exit()
