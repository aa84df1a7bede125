/** Times subjects beside each other; the same in Node and in a page. */
import { median, spread } from '../report.mjs'
import { workloads } from './workloads.mjs'

/** Nanoseconds per operation of one subject in one round; undefined when it lacks what the workload needs. */
async function measure({ run, needs }, { open }) {
  const subject = await open()
  try {
    if (subject[needs] === undefined) return undefined
    globalThis.gc?.()
    let elapsed = 0
    const count = await run(subject, async (work) => {
      const start = performance.now()
      const result = await work()
      elapsed = (performance.now() - start) * 1e6
      return result
    })
    return elapsed / count
  } finally {
    await subject.close()
  }
}

/**
 * One workload on all subjects that can do it: `rounds` rounds after one that warms up, in turn, there and back. Answers of
 * each subject the median nanoseconds per operation, and of the ratios to the package, round by round, the median and spread.
 */
export async function compare(name, { subjects, rounds, size }) {
  const candidates = Object.keys(subjects).filter((subject) => subjects[subject].only?.includes(name) ?? true)
  const times = Object.fromEntries(candidates.map((subject) => [subject, []]))
  const unable = new Set()
  for (let round = 0; round <= rounds; round++) {
    for (const subject of round % 2 === 0 ? candidates : candidates.toReversed()) {
      if (unable.has(subject)) continue
      const { share = 1 } = subjects[subject]
      const time = await measure(workloads(size * share)[name], subjects[subject])
      if (time === undefined) unable.add(subject)
      else if (round > 0) times[subject].push(time)
    }
  }
  const rows = {}
  for (const [subject, list] of Object.entries(times)) {
    if (list.length === 0) continue
    const ratios = list.map((time, i) => time / times.kurrentlite[i])
    const { isolated } = subjects[subject]
    rows[subject] = { nsPerEvent: median(list), ratio: median(ratios), spread: spread(ratios, 2), isolated }
  }
  return rows
}
