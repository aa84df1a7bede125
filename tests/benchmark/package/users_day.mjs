/**
 * A user's day in a page: many documents with four events each, lists, queries with and without an index, pages to the end,
 * and a live result while others write. Runs inside the page, so it refers to nothing outside.
 */
export async function usersDay(documents) {
  const { createDatabase, Session } = await import('/dist/services.js')
  const steps = []

  // A beat that the page misses while it is blocked.
  let last = performance.now()
  let longest = 0
  const channel = new MessageChannel()
  const beat = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    setTimeout(() => channel.port2.postMessage(0), 1)
  }
  channel.port1.onmessage = beat
  beat()
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

  async function step(name, work) {
    await pause(50)
    longest = 0
    last = performance.now()
    const start = last
    const note = await work()
    const took = performance.now() - start
    await pause(20)
    steps.push({ name, took, longest, note })
  }

  const countries = ['DE', 'FR', 'IT', 'ES', 'SE', 'PL', 'NL', 'PT']
  const created = (id, i) => ({
    type: 'document-created',
    data: {
      id, kind: 'order', name: `Order ${i}`, description: 'Two lamps and a reading chair',
      data: { total: (i * 7919) % 10_000, customer: { name: `Customer ${i % 997}`, country: countries[i % 8] }, items: [{ sku: 'LAMP-2', count: 2 }] },
      tags: i % 10 === 0 ? ['vip'] : [], owner: `user-${i % 50}`,
      permissions: { read: ['*'], write: [`user-${i % 50}`], admin: [`user-${i % 50}`] },
    },
  })
  const patched = (data) => ({ type: 'document-patched', data: { data } })

  const database = await createDatabase()
  for (let i = 0; i < documents; i++) {
    const id = `order-${i}`
    database.appendEvents(`document-${id}`, [created(id, i), patched({ state: 'paid' }), patched({ state: 'shipped' }), patched({ state: 'done' })])
    if (i % 1000 === 0) await pause(0)
  }
  const open = (indexes) => new Session({ env: {}, sync: false, simulation: 'instant', database, kinds: { '*': { indexes } } })
  const days = [[open([]), 'without an index'], [open(['data.total', 'data.customer.country']), 'with indexes']]

  for (const [session, kind] of days) {
    const { streams } = session
    const query = (asked) => async () => {
      const { items, groups, total } = await streams.query(asked)
      return `${total ?? items.length} found${groups ? `, ${groups.length} groups` : ''}`
    }
    await step(`open: ${documents * 4} events, ${kind}`, async () => `${(await streams.list({ limit: 1 })).total} documents`)
    await step('list 50 of all, by change', async () => `${(await streams.list({ sort: 'updatedAt', descending: true })).items.length} of them`)
    await step('search for a text', query({ search: 'order 4999', total: true }))
    await step('data.total >= 9900 in DE', query({ where: { 'data.total': { gte: 9900 }, 'data.customer.country': 'DE' }, total: true }))
    await step('sort all by data.total, 50', query({ sort: ['-data.total'] }))
    await step('count all by country', query({ groupBy: 'data.customer.country', limit: 1 }))
    await step('all pages of 1000, by data.total', async () => {
      let seen = 0
      for (let cursor; cursor !== null; ) {
        const page = await streams.query({ sort: ['data.total'], limit: 1000, ...(cursor && { cursor }) })
        seen += page.items.length
        cursor = page.next
      }
      return `${seen} seen`
    })
    let live
    await step('a live result begins', async () => {
      live = streams.live({ where: { 'data.total': { gte: 9000 } }, sort: ['-data.total'], limit: 100 })
      await live.ready()
      return `${live.items.length} of ${live.total}`
    })
    await step('1,000 updates arrive, 10 at a time', async () => {
      let changes = 0
      const stop = live.on('change', () => (changes += 1))
      for (let i = 0; i < 1000; i += 10) {
        for (let k = i; k < i + 10; k++) database.appendEvents(`document-order-${(k * 37) % documents}`, [patched({ total: 9900 + (k % 100) })])
        await pause(5)
      }
      await pause(100)
      stop()
      return `${changes} notifications, ${live.total} match`
    })
    live.close()
    session.dispose()
  }
  database.close()
  return steps
}
