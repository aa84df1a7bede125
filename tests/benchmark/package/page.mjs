/** What a page of the benchmark runs: see chromium.mjs, which serves the repository. */
import { indexedDbStore } from '../peers/indexed_db.mjs'
import { peerSubjects } from '../peers/index.mjs'
import { compare } from './comparison.mjs'
import { subjects as ours } from './subjects.mjs'

const modules = {
  '@event-driven-io/emmett': '/build/bench/emmett.js',
  '@sqlite.org/sqlite-wasm': '/tests/benchmark/peers/node_modules/@sqlite.org/sqlite-wasm/dist/index.mjs',
  '@electric-sql/pglite': '/tests/benchmark/peers/node_modules/@electric-sql/pglite/dist/index.js',
}

export async function run(name, options) {
  const peers = await peerSubjects((module) => import(modules[module]))
  const IndexedDB = { isolated: true, share: 0.05, open: indexedDbStore }
  return compare(name, { ...options, subjects: { ...ours, ...peers, IndexedDB } })
}
