/** What clients do to the streams of one database, at once: simulated networks are `Network`'s part. */

import { CoreError } from './core'
import { defer } from './environment'
import { readPage, type EventPage, type Names } from './events'
import { failureFromJson } from './failure'
import { From, Topic, type RawDatabase } from './module'
import { keepOutOfProxies } from './opaque'
import type { Expected, OutgoingEvents } from './outgoing_events'
import { viewOf } from './view'
import { RecentEvents } from './recent_events'
import type { Runtime } from './runtime'
import { ShapeDecoder } from './shape_code/decoder'
import { ShapeEncoder } from './shape_code/encoder'
import { ShapeList } from './shape_code/tags'

/** Outcome of an append. */
export interface Appended {
  readonly revision: bigint | undefined
  readonly position: bigint | undefined
}

/** Outcome of an append to several streams. */
export interface ManyAppended {
  readonly revisions: readonly (readonly [stream: string, revision: bigint])[]
  readonly position: bigint | undefined
}

/** The plan of an append to several streams; its events go beside it, in order. */
export type AppendPlan =
  | { readonly requests: readonly { readonly stream: string; readonly expected: string; readonly count: number }[] }
  | {
      readonly streams: readonly string[]
      /** Of each event the index of its stream. */
      readonly of: readonly number[]
      readonly checks: readonly { readonly stream: string; readonly expected: string }[]
    }

/** Where a read or subscription begins: a revision, or a position. */
export type Beginning = 'start' | 'end' | bigint

export interface PageOptions {
  readonly backwards: boolean
  readonly from: Beginning
  readonly maxCount: number
  readonly resolveLinks: boolean
}

/** The system account: may do everything. */
export const SYSTEM = 0
const U64_MAX = 0xffff_ffff_ffff_ffffn

/** Numbers of users come from `login`. Everything throws CoreError. */
export class Streams {
  private streamNames: (string | undefined)[] = []
  private typeNames: (string | undefined)[] = []
  private readonly names: Names = {
    stream: (id) => (this.streamNames[id] ??= this.raw.streamName(id)),
    type: (id) => (this.typeNames[id] ??= this.raw.typeName(id)),
  }
  private readonly address: number
  private recent!: RecentEvents
  private subscribers = 0
  private shapes!: ShapeList
  private decoder!: ShapeDecoder
  private encoder: ShapeEncoder | undefined
  private readonly listeners = new Set<() => void>()
  private announced = false
  private stopListening: (() => void) | undefined

  constructor(
    private readonly runtime: Runtime,
    private readonly raw: RawDatabase,
    private readonly handle: number,
    private readonly ensureOpen: () => void,
  ) {
    keepOutOfProxies(this)
    this.address = raw.address()
    this.forgetContent()
  }

  login(username: string, password: string): number {
    return this.succeed(this.run(() => this.raw.login(username, password)))
  }

  /** Writes what is appended to `stream` as shape code; system streams have none. */
  encoderFor(stream: unknown): ShapeEncoder | undefined {
    if (typeof stream !== 'string' || stream.startsWith('$')) return undefined
    return (this.encoder ??= new ShapeEncoder(this.shapes))
  }

  append(stream: string, expected: Expected, events: OutgoingEvents, who = SYSTEM): Appended {
    const size = this.write(stream, expected, events)
    const outcome = this.outcome(this.run(() => this.runtime.module._kurrentlite_append(this.address, size, who)))
    this.announce()
    return outcome
  }

  appendMany(plan: AppendPlan, events: OutgoingEvents, who = SYSTEM): ManyAppended {
    const size = this.write(JSON.stringify(plan), 'any', events)
    const json = this.run(() => this.raw.appendMany(size, who))
    if (json === '') throw this.lastError()
    this.announce()
    const { position, revisions } = JSON.parse(json) as { position: string | null; revisions: [string, string][] }
    return {
      position: position === null ? undefined : BigInt(position),
      revisions: revisions.map(([stream, revision]) => [stream, BigInt(revision)]),
    }
  }

  /** Deletes, or tombstones; answers the position of what was written. */
  remove(stream: string, tombstone: boolean, expected: Expected, who = SYSTEM): bigint {
    const tag = expected === 'any' ? 0 : expected === 'no_stream' ? 1 : expected === 'stream_exists' ? 2 : 3
    const revision = typeof expected === 'bigint' ? expected : 0n
    const { position } = this.outcome(this.run(() => this.raw.remove(stream, tombstone, tag, revision, who)))
    this.announce()
    return position!
  }

  readStream(stream: string, { backwards, from, maxCount, resolveLinks }: PageOptions, who = SYSTEM): EventPage {
    const { kind, place } = placeOf(from)
    return this.page(this.run(() => this.raw.readStream(stream, backwards, kind, place, maxCount, resolveLinks, who)))
  }

  /** `filter`: see `DatabaseHandle::read_all` in bindings; empty for none. */
  readAll({ backwards, from, maxCount, resolveLinks }: PageOptions, filter = '', who = SYSTEM): EventPage {
    const { kind, place } = placeOf(from)
    return this.page(this.run(() => this.raw.readAll(backwards, kind, place, maxCount, resolveLinks, filter, who)))
  }

  /** Answers the subscription's number. */
  subscribeToStream(stream: string, from: Beginning, who = SYSTEM): number {
    const { kind, place } = placeOf(from)
    return this.subscribed(this.run(() => this.raw.subscribeToStream(stream, kind, place, who)))
  }

  /** `checkpointInterval` in events looked at; 0 for none. */
  subscribeToAll(from: Beginning, filter: string, checkpointInterval: number, who = SYSTEM): number {
    const { kind, place } = placeOf(from)
    return this.subscribed(this.run(() => this.raw.subscribeToAll(kind, place, filter, checkpointInterval, who)))
  }

  private subscribed(answer: number): number {
    this.succeed(answer)
    this.subscribers += 1
    return answer
  }

  /** What there is for a subscription; perhaps nothing. `isShared`: others may get the same objects, which are frozen. */
  take(subscription: number, maxCount: number, resolveLinks: boolean, isShared: boolean): EventPage {
    const address = this.succeed(this.run(() => this.raw.take(subscription, maxCount, resolveLinks)))
    if (isShared) return this.recent.share(this.runtime.module.HEAPU8, address >>> 0, () => this.page(address))
    if (this.subscribers < 2) return this.page(address)
    return this.recent.read(this.runtime.module.HEAPU8, address >>> 0) ?? this.recent.remember(this.page(address))
  }

  hasNews(subscription: number): boolean {
    return this.run(() => this.raw.hasNews(subscription))
  }

  unsubscribe(subscription: number): void {
    this.run(() => this.raw.unsubscribe(subscription))
    this.subscribers -= 1
  }

  /** Why a page has the flag `Ended`. Call it before anything else. */
  endReason(): CoreError {
    return this.lastError()
  }

  /** `listener` runs once per call that appended something, when that call is over. Returns the function that stops it. */
  onAppend(listener: () => void): () => void {
    this.ensureOpen()
    this.listeners.add(listener)
    if (this.stopListening === undefined) {
      this.stopListening = this.runtime.listen(this.handle, Topic.Append, () => this.tellListeners())
      this.raw.listen(true)
    }
    return () => {
      if (!this.listeners.delete(listener) || this.listeners.size > 0) return
      this.stopListening?.()
      this.stopListening = undefined
      try {
        this.ensureOpen()
      } catch {
        return
      }
      this.raw.listen(false)
    }
  }

  /** The database's content was replaced: numbers of names are given anew. */
  contentReplaced(): void {
    this.streamNames = []
    this.typeNames = []
    this.forgetContent()
    this.announce()
  }

  private forgetContent(): void {
    this.shapes = new ShapeList(this.raw)
    this.decoder = new ShapeDecoder(this.shapes)
    this.encoder = undefined
    this.recent = new RecentEvents()
  }

  /** The core does not report what was written from here. */
  private announce(): void {
    if (this.announced || this.listeners.size === 0) return
    this.announced = true
    defer(() => this.tellListeners())
  }

  private tellListeners(): void {
    this.announced = false
    for (const listener of [...this.listeners]) listener()
  }

  /** The address of room for a request of `size` bytes. */
  request(size: number): number {
    return this.succeed(this.run(() => this.runtime.module._kurrentlite_request(this.address, size))) >>> 0
  }

  private write(stream: string, expected: Expected, events: OutgoingEvents): number {
    // Numbers of shapes are given anew with the content.
    if (events.encoder !== undefined && events.encoder !== this.encoder) return this.write(stream, expected, events.asText())
    const size = events.size(stream)
    const address = this.request(size) // before the view is taken: memory may grow
    if (events.write(this.runtime.module.HEAPU8, address, stream, expected)) return size
    return this.write(stream, expected, events.asText())
  }

  private outcome(address: number): Appended {
    this.succeed(address)
    const view = viewOf(this.runtime.module.HEAPU8)
    const at = address >>> 0
    return {
      revision: view.getUint32(at, true) === 0 ? undefined : view.getBigUint64(at + 8, true),
      position: view.getUint32(at + 4, true) === 0 ? undefined : view.getBigUint64(at + 16, true),
    }
  }

  private page(address: number): EventPage {
    this.succeed(address)
    return readPage(this.runtime.module.HEAPU8, address >>> 0, this.names, this.decoder)
  }

  private succeed(answer: number): number {
    if (answer === 0) throw this.lastError()
    return answer
  }

  private run<T>(call: () => T): T {
    this.ensureOpen()
    return this.runtime.guard(call)
  }

  private lastError(): CoreError {
    return failureFromJson(this.raw.lastError())
  }
}

function placeOf(from: Beginning): { kind: From; place: bigint } {
  if (from === 'start') return { kind: From.Start, place: 0n }
  // The largest number is the end's, as on the wire.
  if (from === 'end' || from >= U64_MAX) return { kind: From.End, place: 0n }
  return { kind: From.Given, place: from }
}
