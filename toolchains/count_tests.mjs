// Prints "<passed> <failed>" of one test report: ctest's or GoogleTest's JUnit file (.xml) or vitest's JSON.
import { readFileSync } from 'node:fs'

/** @param {string} xml */
function countJUnit(xml) {
  const counts = [0, 0]
  for (const [suite] of xml.matchAll(/<testsuite\b[^>]*>/g)) {
    const attribute = (/** @type {string} */ name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
    const failed = attribute('failures') + attribute('errors')
    counts[0] += attribute('tests') - failed - attribute('disabled') - attribute('skipped')
    counts[1] += failed
  }
  return counts
}

/** A file that fails before its first test counts as one failed test. @param {string} json */
function countVitest(json) {
  const report = JSON.parse(json)
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.every((result) => result.status !== 'failed'),
  ).length
  return [report.numPassedTests, report.numFailedTests + broken]
}

const file = process.argv[2]
if (!file) throw new Error('usage: node toolchains/count_tests.mjs <report.xml|report.json>')
const text = readFileSync(file, 'utf8')
console.log((file.endsWith('.xml') ? countJUnit(text) : countVitest(text)).join(' '))
