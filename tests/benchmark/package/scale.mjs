/** W11: one database, filled until its memory is used up; what an append and a read cost on the way. In Node and in a page. */
import { databaseOf, jsonEvent, KurrentDBClient } from './installed.mjs'
import { orderPlaced } from './workloads.mjs'

const STREAMS = 100
const BATCH = 90 // with the appends after them, the smallest size makes streams of 100 events
const APPENDS = 1000
const READS = 1000
const RESOURCE_EXHAUSTED = 8

const streamOf = (i) => `order-${i % STREAMS}`

async function nanoseconds(work) {
  const start = performance.now()
  await work()
  return (performance.now() - start) * 1e6
}

/** Nanoseconds of an append of one event. They are stored: the size grows by the number of appends. */
async function timeAppends(client, from) {
  const events = Array.from({ length: APPENDS }, (_, i) => jsonEvent(orderPlaced(from + i)))
  return (await nanoseconds(async () => {
    for (let i = 0; i < APPENDS; i++) await client.appendToStream(streamOf(i), events[i])
  })) / APPENDS
}

/** Nanoseconds of a read of the last 100 events of a stream. */
async function timeReads(client) {
  let count = 0
  let sum = 0
  const elapsed = await nanoseconds(async () => {
    for (let i = 0; i < READS; i++) {
      for await (const { event } of client.readStream(streamOf(i), { direction: 'backwards', fromRevision: 'end', maxCount: 100 })) {
        count += 1
        sum += event.data.total
      }
    }
  })
  if (count !== READS * 100 || !(sum > 0)) throw new Error(`${count} events were read`)
  return elapsed / READS
}

/**
 * Tells `{ events, appendNs, readNs, bytes }` at each of the ascending `sizes`, `bytes` being linear memory per event.
 * Answers how many events were stored, and whether more were refused because memory is used up.
 */
export async function scale(sizes, tell) {
  const client = KurrentDBClient.connectionString('kurrentdb://bench-scale?tls=false')
  const fork = await databaseOf(client).fork() // can be closed
  const subject = KurrentDBClient.connectionString(fork.connectionString)
  let stored = 0
  try {
    for (const size of sizes) {
      while (stored < size - APPENDS) {
        const batch = Array.from({ length: Math.min(BATCH, size - APPENDS - stored) }, (_, i) => jsonEvent(orderPlaced(stored + i)))
        await subject.appendToStream(streamOf(stored / BATCH), batch)
        stored += batch.length
      }
      const appendNs = await timeAppends(subject, stored)
      stored += APPENDS
      const readNs = await timeReads(subject)
      const { memoryUsedBytes } = await fork.statistics()
      tell({ events: stored, appendNs, readNs, bytes: memoryUsedBytes / stored })
    }
    return { stored, full: false }
  } catch (error) {
    if (error.code !== RESOURCE_EXHAUSTED) throw error
    return { stored, full: true }
  } finally {
    await fork.close()
  }
}

/** `scale`, after a small one that warms up: `{ steps, stored, full }`. */
export async function runScale(sizes) {
  await scale([100_000], () => {})
  const steps = []
  return { steps, ...(await scale(sizes, (step) => steps.push(step))) }
}
