/** The official client over the loopback to this project's own server, as a subject of the benchmark. */
import { existsSync } from 'node:fs'
import { eventTypeFilter, jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { binary, reset, startServer } from '../server/programs.mjs'

/** Nothing where the server is not built. Call `stop` at the end. */
export async function officialClient() {
  if (!existsSync(binary)) return { subjects: {}, stop: async () => {} }
  const server = await startServer()
  const client = KurrentDBClient.connectionString(`kurrentdb://${server.address}?tls=false&discoveryInterval=1`)
  const subject = {
    append: (stream, events) => client.appendToStream(stream, events.map((event) => jsonEvent(event))),
    async readStream(stream, visit) {
      for await (const { event } of client.readStream(stream)) visit(event)
    },
    async readAll(visit) {
      for await (const { event } of client.readAll()) if (event.type[0] !== '$') visit(event)
    },
    async readTypes(prefix, visit) {
      for await (const { event } of client.readAll({ filter: eventTypeFilter({ prefixes: [prefix] }) })) visit(event)
    },
    close() {},
  }
  const open = async () => {
    reset(server.address)
    return subject
  }
  return {
    subjects: { 'official client, our server': { isolated: true, share: 0.1, open } },
    async stop() {
      await client.dispose()
      await server.stop()
    },
  }
}
