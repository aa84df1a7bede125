/** An event store as one writes it on SQL: one table, JSON as text, an index on streams and one on types. */

const eventOf = ({ stream, revision, position, id, type, data, metadata, created }) => ({
  streamId: stream, revision: BigInt(revision), position, id, type,
  data: JSON.parse(data), metadata: JSON.parse(metadata), isJson: true, created: new Date(created),
})

/** `statements` are those of `atOnce`: the ones that select give rows to iterate over. */
export function sqlStore(statements, close) {
  const insert = (stream, revision, { type, data, metadata }) =>
    statements.insert(stream, revision, crypto.randomUUID(), type, JSON.stringify(data), JSON.stringify(metadata), Date.now())
  const nextRevision = (stream) => [...statements.next(stream)][0].next
  return {
    async append(stream, events) {
      if (events.length === 1) return void insert(stream, nextRevision(stream), events[0])
      statements.begin()
      let revision = nextRevision(stream)
      for (const event of events) insert(stream, revision++, event)
      statements.commit()
    },
    async readStream(stream, visit) {
      for (const row of statements.stream(stream)) visit(eventOf(row))
    },
    async readAll(visit) {
      for (const row of statements.all()) visit(eventOf(row))
    },
    async readTypes(prefix, visit) {
      const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`
      for (const row of statements.types(prefix, end)) visit(eventOf(row))
    },
    close,
  }
}
