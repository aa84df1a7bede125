/** An event store as one writes it on IndexedDB: a store in global order, with an index on streams and one on types. */

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = resolve
    transaction.onabort = () => reject(transaction.error)
  })

let opened = 0

/** A subject of the benchmark (see ../package/subjects.mjs). */
export async function indexedDbStore() {
  const name = `bench-${++opened}`
  const opening = indexedDB.open(name)
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore('events', { keyPath: 'position', autoIncrement: true })
    store.createIndex('stream', ['streamId', 'revision'], { unique: true })
    store.createIndex('type', 'type')
  }
  const database = await done(opening)
  const events = (mode) => {
    const transaction = database.transaction('events', mode, { durability: 'relaxed' })
    return { transaction, store: transaction.objectStore('events') }
  }
  const visitAll = async (request, visit) => {
    for (const event of await done(request)) visit(event)
  }
  const ofStream = (streamId) => IDBKeyRange.bound([streamId, 0], [streamId, Infinity])
  return {
    async append(streamId, list) {
      const { transaction, store } = events('readwrite')
      const last = await done(store.index('stream').openKeyCursor(ofStream(streamId), 'prev'))
      let revision = last === null ? 0 : last.key[1] + 1
      for (const { type, data, metadata } of list) {
        store.add({ streamId, revision: revision++, id: crypto.randomUUID(), type, data, metadata, isJson: true, created: new Date() })
      }
      await committed(transaction)
    },
    readStream: (streamId, visit) => visitAll(events('readonly').store.index('stream').getAll(ofStream(streamId)), visit),
    readAll: (visit) => visitAll(events('readonly').store.getAll(), visit),
    readTypes: (prefix, visit) =>
      visitAll(events('readonly').store.index('type').getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)), visit),
    async close() {
      database.close()
      await done(indexedDB.deleteDatabase(name))
    },
  }
}
