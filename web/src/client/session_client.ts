/** The client of a session: `KurrentDBClient` on a database that the session has, by the network that it simulates. */

import type { SimulationOptions } from '../wasm/core'
import type { WasmDatabase } from '../wasm/database'
import { KurrentDBClient } from './client'
import { readConnectionString } from './connection_string_settings'
import { freeAuthority, type Home, settle } from './home'

/** What a session tells about the environment that it is in. */
export interface SessionSurroundings {
  readonly database: WasmDatabase
  /** `host:port` of the environment. */
  readonly authority: string
  readonly simulation: SimulationOptions
  /** Milliseconds that a call gets when it names no deadline. */
  readonly timeout: number
  readonly credentials: { readonly apiKey?: string; readonly secretKey?: string }
}

/** A client, and what only its session does with it. */
export interface SessionClient {
  readonly client: KurrentDBClient
  setSimulation(simulation: SimulationOptions): Promise<void>
  /** Ends its subscriptions. The database stays. */
  close(): void
}

class ClientOfSession extends KurrentDBClient {
  constructor(home: Home, timeout: number, credentials?: { username: string; password: string }) {
    const settings = readConnectionString(`kurrentdb://${home.authority}?tls=false`)
    super({ ...settings, defaultDeadline: timeout, ...(credentials && { credentials }) }, home)
  }
}

/** Opens a client; other clients reach the same database by the connection string that `databaseOf` tells. */
export async function openSessionClient(surroundings: SessionSurroundings): Promise<SessionClient> {
  const { database, authority, simulation, timeout } = surroundings
  const { apiKey: username, secretKey: password } = surroundings.credentials
  const home = settle(freeAuthority('session', authority), database)
  await home.setSimulation(simulation)
  const client = new ClientOfSession(
    home,
    timeout,
    username === undefined || password === undefined ? undefined : { username, password },
  )
  return { client, setSimulation: (changed) => home.setSimulation(changed), close: () => leave(home, client) }
}

function leave(home: Home, client: KurrentDBClient): void {
  home.leave()
  void client.dispose()
}
