/**
 * Where the tests of this folder get their client: ours, for a database in this process, or the official one for a server:
 * `KURRENTLITE_CONTRACT=official KURRENTLITE_URI='kurrentdb://admin:changeit@localhost:2113?tls=false' npx vitest run
 * --no-file-parallelism …`: some tests need `$all` for themselves while they run, so nobody else may write there, and no
 * projections.
 */

import { randomUUID } from 'node:crypto'
import { afterEach, it } from 'vitest'
import type * as Api from '../../../web/src/client/index'

/** The official client is under test, with a server. */
export const isOfficial = process.env.KURRENTLITE_CONTRACT === 'official'
const serverUri = process.env.KURRENTLITE_URI ?? 'kurrentdb://localhost:2113?tls=false'

/** Subscriptions as hosts without Node's streams have them: `KURRENTLITE_CONTRACT=portable`. */
export const isPortable = process.env.KURRENTLITE_CONTRACT === 'portable'
if (isPortable) {
  const { getBuiltinModule } = process
  process.getBuiltinModule = ((id: string) => (id === 'node:stream' ? undefined : getBuiltinModule(id))) as typeof getBuiltinModule
}

/** What is under test, by the official names. */
export const api: typeof Api = isOfficial
  ? ((await import('@kurrent/kurrentdb-client')) as unknown as typeof Api)
  : await import('../../../web/src/client/index')

/** Credentials count. A server without TLS never sees them. */
export const isSecured = !isOfficial || !/[?&]tls=false/i.test(serverUri)

/** For what goes beyond the official client, or repairs it. */
export const itInProcess = it.skipIf(isOfficial)
/** For what needs users. */
export const itSecured = it.skipIf(!isSecured)

export interface ConnectOptions {
  /** In place of those that the suite runs with. */
  readonly username?: string
  readonly password?: string
  /** Parameters of the connection string. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>
}

/** In process each test file has a database of its own; a server's is shared, and full of other things. */
const authority = `contract-${randomUUID()}:2113`
const clients = new Set<Api.KurrentDBClient>()

/** The connection string for `options`. */
export function connectionStringFor({ username, password, parameters = {} }: ConnectOptions = {}): string {
  const uri = new URL(isOfficial ? serverUri : `kurrentdb://${authority}`)
  if (username !== undefined) uri.username = username
  if (password !== undefined) uri.password = password
  for (const [name, value] of Object.entries(parameters)) uri.searchParams.set(name, String(value))
  // Connection strings know no + for a space.
  uri.search = uri.search.replaceAll('+', '%20')
  return uri.href
}

/** A client for the database of this file. Its subscriptions end with the test. */
export function connect(options: ConnectOptions = {}): Api.KurrentDBClient {
  const client = api.KurrentDBClient.connectionString(connectionStringFor(options))
  clients.add(client)
  return client
}

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.dispose()))
})

/** A name that no other test uses. */
export function streamName(about = 'stream'): string {
  return `${about}-${randomUUID()}`
}
