/**
 * The results of `bench.mjs` as the README's table: what peers take, of the package's time in the same run.
 *   node tests/benchmark/package/table.mjs
 */
import { readFileSync } from 'node:fs'

const results = JSON.parse(readFileSync(new URL('../../../build/bench/results.json', import.meta.url), 'utf8'))
const names = ['W1', 'W2', 'W3', 'W4', 'W5', 'W10'].filter((name) => results[name] ?? results.chromium?.[name])
const titles = {
  W1: 'append, one a call', W2: 'append, 100 a call', W3: 'read a stream', W4: 'read all', W5: 'read 1 % by type', W10: 'to 100 subscribers',
}
const figure = (number) => (number >= 10 ? number.toFixed(0) : number.toFixed(1))
const cell = (row) => (row === undefined ? '–' : `${figure(row.ratio)} (${row.spread.split('-').map((each) => figure(Number(each))).join('–')})`)

for (const [runtime, tables] of [['Node', results], ['Chromium', results.chromium]]) {
  if (tables === undefined) continue
  const shown = names.filter((name) => tables[name])
  const subjects = [...new Set(shown.flatMap((name) => Object.keys(tables[name])))].filter((each) => each !== 'kurrentlite')
  console.log(`| ${runtime} | ${shown.map((name) => titles[name]).join(' | ')} |`)
  console.log(`|---|${shown.map(() => '--:|').join('')}`)
  for (const subject of subjects) {
    const isolated = shown.every((name) => tables[name][subject]?.isolated !== false)
    const title = subject === 'kurrentlite again' ? 'this package, once more' : isolated ? subject : `${subject} (not isolated)`
    console.log(`| ${title} | ${shown.map((name) => cell(tables[name][subject])).join(' | ')} |`)
  }
  console.log()
}
