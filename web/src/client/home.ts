/** The in-process databases by authority, and what all clients of one of them share. */

import type { Core, SimulationOptions } from '../wasm/core'
import type { WasmDatabase } from '../wasm/database'
import { loadCore, realm } from '../wasm/index'
import type { Network } from '../wasm/network'
import { SYSTEM } from '../wasm/streams'
import { isBasicCredentials } from './credentials'
import { ServerAnswer } from './error_base'
import { AccessDeniedError } from './errors'
import { DatabaseFacade } from './facade'
import { failureOf, injected } from './failures'
import type { Credentials } from './types/core'

/** What a home asks of the subscriptions to its database. */
export interface Follower {
  /** Nothing is on its way to it. */
  isSettled(): boolean
  /** Its connection is gone. */
  fail(error: unknown): void
}

/** One database, and who uses it. */
export class Home {
  database: WasmDatabase | undefined
  readonly followers = new Set<Follower>()
  readonly networks = new Set<Network>()
  /** How the network between the database and clients behaves. */
  simulation: SimulationOptions = 'instant'
  private opening: Promise<WasmDatabase> | undefined
  private users = new Map<string, number>()
  private simulates = false
  /** What `databaseOf` gives. */
  readonly facade = new DatabaseFacade(this, settle)

  constructor(
    readonly authority: string,
    private readonly make: (core: Core) => WasmDatabase = (core) => core.createDatabase({ systemEvents: true }) as WasmDatabase,
  ) {}

  /** Loads the core and makes the database, once. */
  open(): Promise<WasmDatabase> {
    this.opening ??= loadCore().then((core) => (this.database ??= this.make(core)))
    this.opening.catch(() => (this.opening = undefined))
    return this.opening
  }

  /** Calls are neither delayed nor hit by faults: they need no network. */
  get quiet(): boolean {
    return !this.simulates && (this.database === undefined || this.database.faults.none)
  }

  async setSimulation(simulation: SimulationOptions): Promise<void> {
    const json = (await this.open()).simulationJson(simulation)
    for (const network of this.networks) network.setSimulation(json)
    this.simulation = simulation
    this.simulates = simulation !== 'instant'
  }

  /** The number of a user. Throws AccessDeniedError for one that is unknown, and for a wrong password. */
  userNumber(database: WasmDatabase, credentials: Credentials | undefined): number {
    if (credentials === undefined) return SYSTEM
    if (!isBasicCredentials(credentials)) {
      throw new AccessDeniedError(new ServerAnswer(16, 'Unauthenticated: the bearer token is unknown.'))
    }
    const { username, password } = credentials
    const key = JSON.stringify([username, password])
    let number = this.users.get(key)
    if (number === undefined) {
      number = login(database, String(username), String(password))
      this.users.set(key, number)
    }
    return number
  }

  /** Breaks all connections; subscriptions fail. */
  dropConnections(error: unknown): void {
    for (const network of this.networks) network.lose()
    for (const follower of [...this.followers]) follower.fail(error)
  }

  /** Faults that fail with `error` carry the text that this answers. */
  inject(error: Error): string {
    const text = `${error.message} [fault ${injected().size + 1}]`
    injected().set(text, error)
    return text
  }

  close(): void {
    this.leave()
    this.database?.close()
  }

  /** Ends everybody's use of the database, which stays as it is; its authority is free again. */
  leave(): void {
    for (const follower of [...this.followers]) follower.fail(undefined)
    homes().delete(this.authority)
  }
}

/** Servers turn strangers away before they look at what is asked for. */
function login(database: WasmDatabase, username: string, password: string): number {
  try {
    return database.streams.login(username, password)
  } catch (thrown) {
    const failure = failureOf(thrown)
    throw failure?.code === 'AccessDenied' ? new AccessDeniedError(new ServerAnswer(16, failure.message)) : thrown
  }
}

/** All databases of this realm that clients have asked for. */
function homes(): Map<string, Home> {
  return (realm().homes ??= new Map()) as Map<string, Home>
}

/** The database of that authority; it is made by the first operation. */
export function homeOf(authority: string): Home {
  const known = homes().get(authority)
  if (known) return known
  const home = new Home(authority)
  homes().set(authority, home)
  return home
}

/** A name for a database, made of `authority`, that is not in use. */
export function freeAuthority(prefix: string, authority: string): string {
  let number = 1
  while (homes().has(`${prefix}-${number}.${authority}`)) number += 1
  return `${prefix}-${number}.${authority}`
}

/** Puts a database under an authority that is not in use. */
export function settle(authority: string, database: WasmDatabase): Home {
  const home = new Home(authority, () => database)
  home.database = database
  homes().set(authority, home)
  return home
}
