import type { Database, SimulatedOperation, SimulationOptions } from '../wasm/core'
import type { WasmDatabase } from '../wasm/database'
import { turn } from '../wasm/environment'
import type { CoreFault } from '../wasm/faults'
import type {
  ClientDatabase, DatabaseClock, FailureOptions, Faults, FaultTiming, ForkedDatabase, InjectedFault, Simulation, Snapshot,
} from './database_of'
import { ErrorType, UnavailableError } from './errors'
import { ServerAnswer } from './error_base'
import { coreCodeOf, errorOfType } from './fault_errors'
import type { Home } from './home'

/** The core's text for a fault that hits every call. */
const ALWAYS = 0
let forks = 0

class HeldSnapshot implements Snapshot {
  constructor(readonly database: WasmDatabase) {}

  close(): void {
    this.database.close()
  }
}

/** What `databaseOf` gives for one home; it lives as long. */
export class DatabaseFacade implements ClientDatabase {
  readonly clock: DatabaseClock
  readonly simulation: Simulation
  readonly faults: Faults

  constructor(
    protected readonly home: Home,
    private readonly settleAt: (authority: string, database: WasmDatabase) => Home,
  ) {
    this.clock = clockOf(home)
    this.faults = faultsOf(home)
    this.simulation = {
      get current() {
        return home.simulation
      },
      set: (simulation: SimulationOptions) => home.setSimulation(simulation),
    }
  }

  get authority(): string {
    return this.home.authority
  }

  get connectionString(): string {
    return `kurrentdb://${this.authority}?tls=false`
  }

  async reset(): Promise<void> {
    ;(await this.home.open()).reset()
  }

  async snapshot(): Promise<Snapshot> {
    return new HeldSnapshot((await this.home.open()).fork())
  }

  async restore(snapshot: Snapshot): Promise<void> {
    ;(await this.home.open()).adopt((snapshot as HeldSnapshot).database)
  }

  async fork(): Promise<ForkedDatabase> {
    const fork = (await this.home.open()).fork()
    const home = this.settleAt(`fork-${++forks}.${this.authority}`, fork)
    return Object.assign(home.facade as DatabaseFacade, { close: async () => home.close() })
  }

  async settled(): Promise<void> {
    await turn()
    while ([...this.home.followers].some((follower) => !follower.isSettled())) await turn()
    await turn() // what the last events led to
  }

  core(): Promise<Database> {
    return this.home.open()
  }

  async statistics() {
    return (await this.home.open()).statistics()
  }
}

function clockOf(home: Home): DatabaseClock {
  const time = async () => (await home.open()).time
  return {
    now: async () => (await time()).now(),
    freeze: async (at) => {
      const clock = await time()
      clock.freeze()
      if (at !== undefined) clock.set(millisecondsOf(at))
    },
    set: async (at) => (await time()).set(millisecondsOf(at)),
    advance: async (ms) => {
      if (!(ms >= 0)) throw new RangeError(`A clock cannot be advanced by ${ms} ms.`)
      await (await time()).advance(ms)
    },
    resume: async () => (await time()).resume(),
  }
}

function millisecondsOf(time: Date | number): number {
  const ms = Number(time)
  if (Number.isFinite(ms)) return ms
  throw new RangeError('The time must be a valid Date, or milliseconds since 1970.')
}

function faultsOf(home: Home): Faults {
  const add = async (operation: SimulatedOperation, { nth = 1, times = 1 }: FaultTiming, fault: Omit<CoreFault, 'operation'>) => {
    const database = await home.open()
    const remove = database.faults.add({ operation, nth, times: times === Infinity ? ALWAYS : times, ...fault })
    return { remove: async () => remove() } satisfies InjectedFault
  }
  const failing = (error: FailureOptions['error'] = ErrorType.UNAVAILABLE): CoreFault['error'] => {
    const thrown = typeof error === 'string' ? errorOfType(error as ErrorType) : error
    return { code: coreCodeOf(thrown), message: home.inject(thrown) }
  }
  return {
    fail: (operation, { error, replyLost = false, ...timing } = {}) =>
      add(operation, timing, { effect: replyLost ? 'loseReply' : 'refuse', error: failing(error)! }),
    delay: (operation, delayMs, timing = {}) => add(operation, timing, { effect: 'delay', delayMs }),
    disconnect: (operation, timing = {}) => add(operation, timing, { effect: 'disconnect', error: failing()! }),
    dropConnections: async () => {
      await home.open()
      home.dropConnections(new UnavailableError(new ServerAnswer(14, 'The connection was dropped.')))
    },
    clear: async () => (await home.open()).faults.clear(),
  }
}
