/** W12: documents created, queried by a field of their data, and changed while a live result follows. */
import { median, print, spread } from '../report.mjs'
import { Session } from './installed.mjs'

const documentOf = (i) => ({
  name: `Order ${i}`,
  data: { orderId: i, customer: { name: 'Ada Lovelace', city: i % 500 === 0 ? 'Paris' : 'London' }, total: i % 100 },
  tags: [i % 10 === 0 ? 'rush' : 'normal'],
})

function openSession(indexes) {
  const session = new Session({ env: {}, sync: false, simulation: 'instant', kinds: { order: { indexes } } })
  let live
  return {
    create: async (i) => (await session.streams.create({ ...documentOf(i), kind: 'order' })).id,
    query: () => session.streams.query({ where: { kind: 'order', 'data.customer.city': 'Paris' }, limit: 50 }).then(({ items }) => items),
    async follow(told) {
      live = session.streams.live({ where: { kind: 'order', 'data.customer.city': 'Paris' }, limit: 50 })
      live.on('change', told)
      await live.ready()
    },
    change: (id, total) => session.streams.patch(id, { total }),
    close() {
      live?.close()
      session.dispose()
    },
  }
}

/** A store as a team writes it: an array of documents, copied on their way in and out; its live result is found anew. */
function openMock(keep, give) {
  const documents = new Map()
  let told
  const found = () => {
    const items = []
    for (const document of documents.values()) {
      const { data } = give.look(document)
      if (data.customer.city === 'Paris' && items.length < 50) items.push(give(document))
    }
    return items
  }
  return {
    create: async (i) => {
      const id = crypto.randomUUID()
      documents.set(id, keep({ id, ...documentOf(i), version: 1, createdAt: new Date() }))
      return id
    },
    query: async () => found(),
    follow: async (listener) => void (told = listener),
    async change(id, total) {
      const document = give(documents.get(id))
      document.data.total = total
      document.version += 1
      documents.set(id, keep(document))
      told?.(found())
    },
    close() {},
  }
}

const subjects = {
  kurrentlite: () => openSession([]),
  'kurrentlite, with an index': () => openSession(['data.customer.city']),
  'mock, structuredClone': () => openMock(structuredClone, Object.assign((document) => structuredClone(document), { look: (document) => document })),
  'mock, JSON text': () => openMock(JSON.stringify, Object.assign(JSON.parse, { look: JSON.parse })),
  'kurrentlite again': () => openSession([]),
}

const steps = {
  create: 'create a document',
  query: 'query 50 by a field',
  change: 'change one in a live result',
}

async function measure(open, count) {
  const subject = open()
  globalThis.gc?.()
  const took = {}
  const clock = async (step, times, work) => {
    const start = performance.now()
    for (let i = 0; i < times; i++) await work(i)
    took[step] = ((performance.now() - start) * 1000) / times
  }
  const ids = []
  await clock('create', count, async (i) => void ids.push(await subject.create(i)))
  if ((await subject.query()).length !== Math.min(50, count / 500)) throw new Error('the query found others')
  await clock('query', 20, () => subject.query())
  let told = 0
  await subject.follow(() => (told += 1))
  await clock('change', 100, (i) => subject.change(ids[(i % 50) * 500 % count], 1000 + i))
  await new Promise((resolve) => setTimeout(resolve)) // live results tell once a turn
  if (told === 0) throw new Error('the live result told nothing')
  await subject.close()
  return took
}

/** Prints and answers, of each step and subject, microseconds and the ratio to the package. */
export async function compareServices({ count, rounds }) {
  const names = Object.keys(subjects)
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const took = await measure(subjects[name], count)
      if (round > 0) times[name].push(took)
    }
  }
  const results = {}
  for (const [step, title] of Object.entries(steps)) {
    console.log(`\nW12  ${count} documents: ${title}`)
    print('', 'us', 'ratio', 'spread')
    results[step] = {}
    for (const name of names) {
      const list = times[name].map((took) => took[step])
      const ratios = list.map((time, i) => time / times.kurrentlite[i][step])
      results[step][name] = { microseconds: median(list), ratio: median(ratios), spread: spread(ratios, 2) }
      print(name, median(list).toFixed(1), median(ratios).toFixed(2), spread(ratios, 2))
    }
  }
  return results
}
