import type { StoredEvent } from '../wasm/core'
import { hostBytes } from '../wasm/environment'
import type { CallOptions } from './models'
import { eventTimes, plainCondition, type EventCondition, type EventPath, type QueryGroup } from './query'
import { argumentsText, fieldsOf } from './request'
import type { Session } from './session'
import { keepOutOfProxies } from '../wasm/opaque'

/** Which events, in the order in which they were recorded. */
export interface EventQuery {
  /** One stream. @defaultValue all of them */
  readonly stream?: string
  /** Streams whose names begin with this and `-`. */
  readonly category?: string
  readonly where?: EventCondition
  /** @defaultValue `forwards` */
  readonly direction?: 'forwards' | 'backwards'
  /** Also events of all streams whose type or stream begins with `$`. @defaultValue false */
  readonly systemEvents?: boolean
  /** 0 to 1000; 0 only counts. @defaultValue 50 */
  readonly limit?: number
  /** `next` of the page before. */
  readonly cursor?: string | null
  /** Counts the matching events that the page looked at by the value here, such as `type`. */
  readonly groupBy?: EventPath
  /** A page looks at no more events than this, 1 to 1,000,000. @defaultValue 10,000 */
  readonly scanMax?: number
}

/** An event as the database recorded it. */
export type QueriedEvent<D = unknown> = Omit<StoredEvent, 'data'> & { readonly data: D }

export interface EventQueryPage<D = unknown> {
  items: QueriedEvent<D>[]
  /**
   * Cursor of where to go on; `null` when there is nothing more. A page may be short of `limit`, or empty, and yet have a
   * next one: it stopped at `scanMax`.
   */
  next: string | null
  /** Events that the page received from the database, which leaves out what it can by stream name or type. */
  scanned: number
  /** Those that the condition held for. */
  matched: number
  /** With `groupBy`: most frequent first, at most 1000. */
  groups?: QueryGroup[]
  groupsTotal?: number
}

const fieldNames = [
  'stream', 'category', 'where', 'direction', 'systemEvents', 'limit', 'cursor', 'groupBy', 'scanMax',
] as const

/** The events themselves, whatever they are about. */
export class EventService {
  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  /**
   * One page of the events that `query` describes. Rejects with `ValidationError`, which names every bad place, with
   * `PermissionDeniedError` when the database's access lists forbid the reading, and as every operation does.
   *
   * ```ts
   * const paid = await session.events.query({ category: 'order', where: { type: 'paid', 'data.amount': { gte: 100 } } })
   * ```
   */
  async query<D = any>(query: EventQuery = {}, options?: CallOptions): Promise<EventQueryPage<D>> {
    const fields = fieldsOf(query, 'query', fieldNames)
    const where = plainCondition(fields.where, 'where', eventTimes)
    const raw = (await this.session.call('queryStreamEvents', argumentsText({ ...fields, where }), options)) as RawPage
    return { ...raw, items: raw.items.map((item) => toEvent<D>(item)) }
  }
}

interface RawEvent {
  streamId: string
  id: string
  revision: string
  commit: string
  prepare: string
  type: string
  isJson: boolean
  created: number
  data?: unknown
  dataText?: string
  dataBytes?: string
  metadata?: unknown
  metadataBytes?: string
}
type RawPage = Omit<EventQueryPage, 'items'> & { items: RawEvent[] }

const bytesOf = (base64: string): Uint8Array => hostBytes(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)))

function toEvent<D>(raw: RawEvent): QueriedEvent<D> {
  const { streamId, id, type, isJson, dataBytes, metadataBytes } = raw
  return {
    streamId,
    id,
    type,
    isJson,
    revision: BigInt(raw.revision),
    data: (dataBytes === undefined ? (raw.data ?? raw.dataText ?? null) : bytesOf(dataBytes)) as D,
    metadata: metadataBytes === undefined ? raw.metadata : bytesOf(metadataBytes),
    created: new Date(raw.created),
    position: { commit: BigInt(raw.commit), prepare: BigInt(raw.prepare) },
  }
}
