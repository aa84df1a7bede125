/**
 * What is measured: the package, and mocks as Vue teams write them. Every subject is asked the same way: `append(stream,
 * events)` resolves when they are stored, reads give all fields of each event.
 */
import { createDatabase, newEventId } from './installed.mjs'

const stored = (streamId, revision, { type, data, metadata }) => ({
  streamId, id: newEventId(), revision: BigInt(revision), type, data, metadata, isJson: true, created: new Date(),
})

/** Keeps event objects in maps; `keep` and `give` isolate them from the caller's. */
function javaScriptMock(keep, give) {
  const streams = new Map()
  const all = []
  return {
    async append(streamId, events) {
      let stream = streams.get(streamId)
      if (!stream) streams.set(streamId, (stream = []))
      for (const event of events) {
        const kept = keep(stored(streamId, stream.length, event))
        stream.push(kept)
        all.push(kept)
      }
    },
    async readStream(streamId) {
      return streams.get(streamId).map((event) => give(event))
    },
    async readAll() {
      return all.map((event) => give(event))
    },
    close() {},
  }
}

const withText = {
  keep: (event) => ({ ...event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) }),
  give: (event) => ({ ...event, data: JSON.parse(event.data), metadata: JSON.parse(event.metadata) }),
}

export const subjects = {
  kurrentlite: {
    isolated: true,
    async open() {
      const database = await createDatabase()
      return {
        async append(stream, events) {
          database.appendEvents(stream, events)
        },
        async readStream(stream) {
          return database.readEvents(stream)
        },
        async readAll() {
          return database.readAllEvents()
        },
        linearMemory: () => database.statistics().memoryUsedBytes,
        close: () => database.close(),
      }
    },
  },
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
