/** What goes beyond the official client: the database behind it, for tests and demos. */

import type { Database, DatabaseStatistics, SimulatedOperation, SimulationOptions } from '../wasm/core'
import type { ErrorType } from './errors'
import type { Home } from './home'

/** Where a client keeps its database; also known to other copies of this package. */
const HOME = Symbol.for('kurrentlite/home')

/** When a fault strikes. */
export interface FaultTiming {
  /** The first call that is hit, counted from now on. @defaultValue 1: the next one */
  readonly nth?: number
  /** How many calls are hit from there on; Infinity for all. @defaultValue 1 */
  readonly times?: number
}

/** How a call fails. */
export interface FailureOptions extends FaultTiming {
  /** What it rejects with: an error of a type, or just this error. @defaultValue ErrorType.UNAVAILABLE */
  readonly error?: ErrorType | `${ErrorType}` | Error
  /** The call is carried out all the same; only its answer is lost. @defaultValue false */
  readonly replyLost?: boolean
}

/** A fault that waits for its calls. */
export interface InjectedFault {
  /** Takes it back. */
  remove(): Promise<void>
}

/** Faults of calls, of all clients and services of the database. Operations are told apart as in simulations. */
export interface Faults {
  /** Lets a call fail, e.g. `faults.fail('append', { nth: 2, error: ErrorType.UNAVAILABLE })`. */
  fail(operation: SimulatedOperation, options?: FailureOptions): Promise<InjectedFault>
  /** Lets a call take `ms` longer by the database's clock. */
  delay(operation: SimulatedOperation, ms: number, timing?: FaultTiming): Promise<InjectedFault>
  /** Lets a call break its connection: everything under way on it fails, and so do its subscriptions. */
  disconnect(operation: SimulatedOperation, timing?: FaultTiming): Promise<InjectedFault>
  /** Breaks all connections now. Subscriptions fail with UnavailableError; the next calls connect again. */
  dropConnections(): Promise<void>
  /** Takes all faults back. */
  clear(): Promise<void>
}

/** The database's own time: `created`, `$maxAge`, latencies and deadlines follow it. */
export interface DatabaseClock {
  now(): Promise<Date>
  /** Time stands still, at `at` if given. */
  freeze(at?: Date | number): Promise<void>
  /** It is that time now. Deadlines and latencies under way stay as far away as they were. */
  set(time: Date | number): Promise<void>
  /** Moves time on; resolves when everything that was due on the way has run, JavaScript's continuations included. */
  advance(ms: number): Promise<void>
  /** Time runs again, from where it stands. */
  resume(): Promise<void>
}

/** The network between the database and its clients. */
export interface Simulation {
  /** What was last set. @defaultValue 'instant' */
  readonly current: SimulationOptions
  /** Holds for calls made from now on. `offline: true` breaks all connections. */
  set(simulation: SimulationOptions): Promise<void>
}

/** The content of a database at one moment. Costs next to nothing until the database changes. */
export interface Snapshot {
  /** Frees it. */
  close(): void
}

/** The in-process database that all clients of one authority share. */
export interface ClientDatabase {
  /** `host:port` in lower case. */
  readonly authority: string
  /** For further clients. */
  readonly connectionString: string
  readonly clock: DatabaseClock
  readonly simulation: Simulation
  readonly faults: Faults
  /** Forgets everything, as if newly installed. Subscriptions stay and follow what is appended from now on. */
  reset(): Promise<void>
  snapshot(): Promise<Snapshot>
  /** Back to the content of a snapshot, of this database or another. Subscriptions as with `reset`. */
  restore(snapshot: Snapshot): Promise<void>
  /** Another database with the same content, under an authority of its own; see its `connectionString`. Close it when done. */
  fork(): Promise<ForkedDatabase>
  /** Resolves when all subscriptions that are being read have delivered everything there is. */
  settled(): Promise<void>
  statistics(): Promise<DatabaseStatistics>
  /** The database itself, for services beside clients: `createKurrentLite({ database: databaseOf(client).core() })`. */
  core(): Promise<Database>
}

/** A database that `fork` made. */
export interface ForkedDatabase extends ClientDatabase {
  /** Ends its subscriptions and frees it. */
  close(): Promise<void>
}

/** The database that `client` works on. Synchronous; the first method that needs the core loads it. */
export function databaseOf(client: object): ClientDatabase {
  const home = (client as { [HOME]?: Home })[HOME]
  if (home !== undefined) return home.facade as ClientDatabase
  throw new TypeError('databaseOf takes a KurrentDBClient of kurrentlite; a client of a real server has no database here.')
}
