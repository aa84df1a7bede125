/** The embind module as it is; registered in bindings/bindings.cpp. Used inside this folder only. */

/** `Topic` in bindings/host.hpp. */
export const enum Topic {
  Append = 0,
  Connection = 1,
  Streams = 2,
  Users = 3,
  Live = 4,
  Pending = 5,
  Spans = 6,
}

/** What JavaScript lends to the core; see `Host` in bindings/host.hpp. */
export interface HostFunctions {
  monotonic(): number
  wake(delayMs: number): void
  complete(call: number, ok: boolean, json: string): void
  notify(handle: number, topic: Topic): void
  entropy(): number
  compileRegex(pattern: string): number
  testRegex(regex: number, text: string): boolean
  dropRegex(regex: number): void
}

/** `DatabaseHandle` in bindings/database_handle.hpp. */
export interface RawDatabase {
  login(username: string, password: string): number
  /** For the functions of the module that are called without embind. */
  address(): number
  appendMany(size: number, who: number): string
  remove(stream: string, tombstone: boolean, expected: number, revision: bigint, who: number): number
  readStream(
    stream: string, backwards: boolean, from: From, revision: bigint, maxCount: number, resolveLinks: boolean, who: number,
  ): number
  readAll(
    backwards: boolean, from: From, position: bigint, maxCount: number, resolveLinks: boolean, filter: string, who: number,
  ): number
  subscribeToStream(stream: string, from: From, revision: bigint, who: number): number
  subscribeToAll(from: From, position: bigint, filter: string, checkpointInterval: number, who: number): number
  take(subscription: number, maxCount: number, resolveLinks: boolean): number
  hasNews(subscription: number): boolean
  unsubscribe(subscription: number): void
  streamName(id: number): string
  typeName(id: number): string
  shape(number: number): string
  shapeNumber(keys: string): number
  statistics(): string
  head(): bigint
  reset(): void
  fork(handle: number): RawDatabase
  adopt(other: RawDatabase): void
  /** The pieces of a journal; null when memory is used up. */
  journal(after: bigint): readonly Uint8Array[] | null
  replay(size: number): boolean
  listen(wanted: boolean): void
  addFault(fault: string): number
  removeFault(fault: number): void
  clearFaults(): void
  hasFaults(): boolean
  clockNow(): number
  clockSet(ms: number): void
  clockFreeze(): void
  clockResume(): void
  clockAdvance(ms: number): number
  clockDue(): boolean
  lastError(): string
  delete(): void
}

/** `NetworkHandle` in bindings/network_handle.hpp. */
export interface RawNetwork {
  depart(call: number, operation: number, deadlineMs: number): void
  comeBack(call: number, departed: number): void
  deliver(call: number): void
  lose(): void
  connected(): boolean
  setSimulation(simulation: string): void
  delete(): void
}

/** Where a read begins. */
export const enum From {
  Start = 0,
  End = 1,
  Given = 2,
}

/** What a HostClient asks JavaScript for; answered by `RawServices.answer`. */
export interface RawPort {
  begin(call: number, operation: string, args: string): void
  abandon(call: number): void
}

export interface RawServices {
  answer(call: number, ok: boolean, json: string): void
  call(call: number, operation: string, args: string, timeoutMs: number): void
  cancel(call: number): void
  actAs(user: string | null): void
  connection(): string
  healthHistory(limit: number): string
  series(seconds: number, operation: string): string
  pendingWrites(): number
  trace(wanted: boolean): void
  takeSpans(): string
  simulation(): string
  setSimulation(simulation: string): void
  resync(): void
  delete(): void
}

export interface RawModule {
  /** Views of linear memory; replaced when it grows, so never kept across a call. */
  readonly HEAPU8: Uint8Array
  /** Of the database at that address: room for a request of `size` bytes. */
  _kurrentlite_request(database: number, size: number): number
  /** Appends what stands in the request. */
  _kurrentlite_append(database: number, size: number, who: number): number
  installHost(host: HostFunctions): void
  runDue(): void
  parseConfig(variables: string, environment: string): string
  configProblem(config: string): string
  simulationProblem(simulation: string): string
  documentStreamName(id: string): string
  userStreamName(userId: string, type: string, category: string): string
  readonly Database: new (handle: number, memoryMaxBytes: number, freshEvents: boolean) => RawDatabase
  readonly Network: new (handle: number, database: RawDatabase, simulation: string) => RawNetwork
  readonly Services: {
    new (handle: number, database: RawDatabase, config: string, simulation: string): RawServices
    new (handle: number, port: RawPort, config: string): RawServices
  }
}
