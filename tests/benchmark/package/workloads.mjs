/** The workloads. Each prepares outside the clock and answers the number of operations that the clocked part did. */

/** About 200 bytes of JSON data and small metadata, new objects for every event. */
export function orderPlaced(i) {
  return {
    type: 'OrderPlaced',
    data: {
      orderId: `order-${i}`,
      customer: { name: 'Ada Lovelace', city: 'London', loyal: i % 3 === 0 },
      currency: 'EUR',
      total: 1999 + (i % 100),
      lines: 3,
      note: 'Ring twice, the bell is shy. Leave it at the door.',
      placedAt: '2026-11-23T10:15:00Z',
    },
    metadata: { $correlationId: `c-${i}`, user: 'ada' },
  }
}

/** Reads a field of data and metadata of each event: lazy or eager, everybody has parsed then. Counts them. */
async function touch(read) {
  let sum = 0
  let count = 0
  await read(({ data, metadata }) => {
    sum += data.total + metadata.user.length
    count += 1
  })
  if (!(sum > 0)) throw new Error('nothing was read')
  return count
}

const eventsOf = (from, count) => Array.from({ length: count }, (_, i) => orderPlaced(from + i))

export function workloads(size) {
  return {
    W1: {
      needs: 'append',
      title: `append ${size} events, one per awaited call, over 1,000 streams`,
      async run(subject, clock) {
        const events = eventsOf(0, size)
        await clock(async () => {
          for (let i = 0; i < size; i++) await subject.append(`order-${i % 1000}`, [events[i]])
        })
        return size
      },
    },
    W2: {
      needs: 'append',
      title: `append ${size} events, 100 per call`,
      async run(subject, clock) {
        const batches = Array.from({ length: size / 100 }, (_, i) => eventsOf(i * 100, 100))
        await clock(async () => {
          for (let i = 0; i < batches.length; i++) await subject.append(`order-${i % 1000}`, batches[i])
        })
        return size
      },
    },
    W3: {
      needs: 'readStream',
      title: `read one stream of ${size / 10} events`,
      async run(subject, clock) {
        await subject.append('one', eventsOf(0, size / 10))
        return clock(() => touch((visit) => subject.readStream('one', visit)))
      },
    },
    W4: {
      needs: 'readAll',
      title: `read all ${size} events in global order`,
      async run(subject, clock) {
        for (let i = 0; i < size / 100; i++) await subject.append(`order-${i}`, eventsOf(i * 100, 100))
        return clock(() => touch((visit) => subject.readAll(visit)))
      },
    },
    W5: {
      needs: 'readTypes',
      title: `read all of ${size} events filtered by a type prefix that 1 % have (ns per hit)`,
      async run(subject, clock) {
        for (let i = 0; i < size / 100; i++) {
          const events = eventsOf(i * 100, 100)
          events[50].type = 'Rare-OrderPlaced'
          await subject.append(`order-${i % 1000}`, events)
        }
        return clock(() => touch((visit) => subject.readTypes('Rare-', visit)))
      },
    },
    W10: {
      needs: 'subscribe',
      title: `${size / 100} events, 10 per call, to 100 subscribers of all events (ns per delivery)`,
      async run(subject, clock) {
        const batches = Array.from({ length: size / 1000 }, (_, i) => eventsOf(i * 10, 10))
        let delivered = 0
        let sum = 0
        for (let i = 0; i < 100; i++) {
          subject.subscribe(({ data }) => {
            delivered += 1
            sum += data.total
          })
        }
        await subject.settled()
        return clock(async () => {
          for (const [i, batch] of batches.entries()) await subject.append(`order-${i}`, batch)
          await subject.settled()
          if (delivered !== size || !(sum > 0)) throw new Error(`${delivered} events were delivered`)
          return delivered
        })
      },
    },
  }
}
