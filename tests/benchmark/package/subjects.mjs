/**
 * What is measured: the package through the interface of the official client, and mocks as Vue teams write them. Every
 * subject is asked the same way: `append(stream, events)` resolves when they are stored; reads hand each event, with all its
 * fields, to `visit`.
 */
import { databaseOf, eventTypeFilter, jsonEvent, KurrentDBClient } from './installed.mjs'

const stored = (streamId, revision, { id, type, data, metadata }) => ({
  streamId, id, revision: BigInt(revision), type, data, metadata, isJson: true, created: new Date(),
})

/** Keeps event objects in maps; `keep` and `give` isolate them from the caller's. */
function javaScriptMock(keep, give) {
  const streams = new Map()
  const all = []
  const followers = new Set()
  return {
    async append(streamId, events) {
      let stream = streams.get(streamId)
      if (!stream) streams.set(streamId, (stream = []))
      for (const event of events) {
        const kept = keep(stored(streamId, stream.length, { id: crypto.randomUUID(), ...event }))
        stream.push(kept)
        all.push(kept)
        for (const follower of followers) follower(give(kept))
      }
    },
    async readStream(streamId, visit) {
      for (const event of streams.get(streamId)) visit(give(event))
    },
    async readAll(visit) {
      for (const event of all) visit(give(event))
    },
    async readTypes(prefix, visit) {
      for (const event of all) if (event.type.startsWith(prefix)) visit(give(event))
    },
    subscribe(visit) {
      followers.add(visit)
    },
    async settled() {},
    close() {},
  }
}

const withText = {
  keep: (event) => ({ ...event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) }),
  give: (event) => ({ ...event, data: JSON.parse(event.data), metadata: JSON.parse(event.metadata) }),
}

let opened = 0

async function openPackage(options = {}) {
  const client = KurrentDBClient.connectionString(`kurrentdb://bench-${++opened}?tls=false`)
  const fork = await databaseOf(client).fork() // the same, and can be closed
  const subject = KurrentDBClient.connectionString(fork.connectionString)
  return {
    append: (stream, events) => subject.appendToStream(stream, events.map((event) => jsonEvent(event))),
    async readStream(stream, visit) {
      for await (const { event } of subject.readStream(stream)) visit(event)
    },
    async readAll(visit) {
      for await (const { event } of subject.readAll()) if (event.type[0] !== '$') visit(event)
    },
    async readTypes(prefix, visit) {
      for await (const { event } of subject.readAll({ filter: eventTypeFilter({ prefixes: [prefix] }) })) visit(event)
    },
    subscribe(visit) {
      subject.subscribeToAll({ fromPosition: 'end', ...options }).on('data', ({ event }) => visit(event))
    },
    settled: () => fork.settled(),
    linearMemory: async () => (await fork.statistics()).memoryUsedBytes,
    close: () => fork.close(),
  }
}

export const subjects = {
  kurrentlite: { isolated: true, open: () => openPackage() },
  'kurrentlite, sharedEvents': { isolated: false, open: () => openPackage({ sharedEvents: true }), only: ['W10'] },
  'mock, structuredClone': {
    isolated: true,
    open: async () => javaScriptMock(structuredClone, structuredClone),
  },
  'mock, JSON text': {
    isolated: true,
    open: async () => javaScriptMock(withText.keep, withText.give),
  },
  'mock, shared objects': {
    isolated: false,
    open: async () => javaScriptMock((event) => event, (event) => event),
  },
}
/** The package once more: how far apart two rows are that measure the same. */
subjects['kurrentlite again'] = subjects.kurrentlite
