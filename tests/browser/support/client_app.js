// An app written for the official client, in a page. Writes what it found out into the page.
import {
  BACKWARDS, binaryEvent, END, eventTypeFilter, jsonEvent, KurrentDBClient, NO_STREAM, START, StreamNotFoundError,
  UnavailableError, WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client'
import { databaseOf } from 'kurrentlite'

const placed = (total) => jsonEvent({ type: 'OrderPlaced', data: { total, note: 'ä€😀' }, metadata: { by: 'page' } })
const typesOf = async (events) => (await collect(events)).map(({ event }) => event.type)
const failureOf = (promise) => promise.then(() => undefined, (error) => error)

async function collect(events) {
  const all = []
  for await (const each of events) all.push(each)
  return all
}

const client = KurrentDBClient.connectionString`kurrentdb://admin:changeit@localhost:2113?tls=${false}`
const other = KurrentDBClient.connectionString('kurrentdb://LOCALHOST')

const steps = {
  'the host': () => [typeof process, typeof Buffer, crossOriginIsolated, isSecureContext],

  async 'appends and reads'() {
    const { success, nextExpectedRevision } = await client.appendToStream('order-1', [placed(1), placed(2)], { streamState: NO_STREAM })
    const [{ event }] = await collect(client.readStream('order-1', { direction: BACKWARDS, fromRevision: END, maxCount: 1 }))
    const { data, metadata, revision, created, isJson } = event
    return [success, `${nextExpectedRevision}`, data, metadata, `${revision}`, created instanceof Date, isJson]
  },

  async 'clients share a database'() {
    await other.appendToStream('order-1', placed(3))
    return typesOf(client.readStream('order-1'))
  },

  async 'bytes are Uint8Array'() {
    const data = Uint8Array.of(0, 255, 128)
    await client.appendToStream('photo', binaryEvent({ type: 'Photo', data, metadata: Uint8Array.of(7) }))
    const [{ event }] = await collect(client.readStream('photo'))
    return [event.data.constructor === Uint8Array, [...event.data], [...event.metadata], event.isJson]
  },

  async 'errors have their classes'() {
    const missing = await failureOf(collect(client.readStream('missing')))
    const conflict = await failureOf(client.appendToStream('order-1', placed(4), { streamState: NO_STREAM }))
    return [missing instanceof StreamNotFoundError, missing.type, conflict instanceof WrongExpectedVersionError, `${conflict.actualState}`]
  },

  async 'subscriptions by for await'() {
    const totals = []
    for await (const { event } of client.subscribeToStream('order-1', { fromRevision: START })) {
      totals.push(event.data.total)
      if (totals.length === 3) await other.appendToStream('order-1', placed(4))
      if (totals.length === 4) break
    }
    return totals
  },

  async 'subscriptions by events'() {
    const told = []
    const filter = eventTypeFilter({ regex: '^Order(Placed|Shipped)$' })
    const subscription = client.subscribeToAll({ fromPosition: START, filter })
    for (const name of ['confirmation', 'end', 'close']) subscription.on(name, () => told.push(name))
    const caughtUp = new Promise((resolve) => subscription.once('caughtUp', resolve))
    const closed = new Promise((resolve) => subscription.on('close', resolve))
    const shipped = new Promise((resolve) => subscription.on('data', ({ event }) => told.push(event.type) && event.type === 'OrderShipped' && resolve()))
    await caughtUp
    await other.appendToStream('order-1', jsonEvent({ type: 'OrderShipped', data: {} }))
    await shipped
    await subscription.unsubscribe()
    await closed
    return told
  },

  async 'slow readers are waited for'() {
    await client.appendToStream('many', Array.from({ length: 2000 }, (_, total) => placed(total)))
    const totals = []
    const slow = new WritableStream({ write: ({ event }) => void totals.push(event.data.total) }, { highWaterMark: 1 })
    const subscription = client.subscribeToStream('many', { fromRevision: START })
    subscription.pipe(slow)
    await new Promise((resolve) => subscription.once('caughtUp', resolve))
    await databaseOf(client).settled()
    const waiting = subscription.readableLength
    await subscription.unsubscribe()
    return [totals.length, totals.every((total, index) => total === index), waiting]
  },

  async 'time, faults and a fresh start'() {
    const { clock, faults } = databaseOf(client)
    await clock.freeze(new Date('2030-01-01T00:00:00Z'))
    await clock.advance(1500)
    await faults.fail('append')
    const refused = await failureOf(client.appendToStream('order-2', placed(1)))
    await client.appendToStream('order-2', placed(1))
    const [{ event }] = await collect(client.readStream('order-2'))
    await databaseOf(client).reset()
    const gone = await failureOf(collect(client.readStream('order-2')))
    return [refused instanceof UnavailableError, event.created.toISOString(), gone instanceof StreamNotFoundError]
  },
}

const outcome = {}
for (const [name, run] of Object.entries(steps)) {
  document.body.dataset.outcome = name
  outcome[name] = await Promise.resolve(run()).catch((error) => `${error.stack}`)
}
await Promise.all([client.dispose(), other.dispose()])
document.body.dataset.outcome = JSON.stringify(outcome)
