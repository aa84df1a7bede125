/** The embind module as it is; registered in bindings/bindings.cpp. Used inside this folder only. */

/** `Topic` in bindings/host.hpp. */
export const enum Topic {
  Append = 0,
  Connection = 1,
  Streams = 2,
  Users = 3,
}

/** What JavaScript lends to the core; see `Host` in bindings/host.hpp. */
export interface HostFunctions {
  monotonic(): number
  wake(delayMs: number): void
  complete(call: number, ok: boolean, json: string): void
  notify(handle: number, topic: Topic): void
  entropy(): number
}

export interface RawDatabase {
  request(size: number): number
  append(size: number): number
  readStream(stream: string, backwards: boolean, from: From, revision: bigint, maxCount: number): number
  readAll(backwards: boolean, from: From, position: bigint, maxCount: number): number
  streamName(id: number): string
  typeName(id: number): string
  statistics(): string
  head(): bigint
  reset(): void
  /** The pieces of a journal; null when memory is used up. */
  journal(after: bigint): readonly Uint8Array[] | null
  replay(size: number): boolean
  listen(wanted: boolean): void
  lastError(): string
  delete(): void
}

/** Where a read begins. */
export const enum From {
  Start = 0,
  End = 1,
  Given = 2,
}

export interface RawServices {
  call(call: number, operation: string, args: string): void
  connection(): string
  simulation(): string
  setSimulation(simulation: string): void
  resync(): void
  delete(): void
}

export interface RawModule {
  /** Views of linear memory; replaced when it grows, so never kept across a call. */
  readonly HEAPU8: Uint8Array
  installHost(host: HostFunctions): void
  runDue(): void
  parseConfig(variables: string, environment: string): string
  configProblem(config: string): string
  simulationProblem(simulation: string): string
  documentStreamName(id: string): string
  userStreamName(userId: string, type: string, category: string): string
  readonly Database: new (handle: number, memoryMaxBytes: number) => RawDatabase
  readonly Services: new (handle: number, database: RawDatabase, config: string, simulation: string) => RawServices
}
