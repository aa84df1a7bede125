import type { Filter, Position, ResolvedEvent } from '../client/types/index'
import type { EventClient } from '../services/event_client'
import { ALL_STREAMS, type EventPlace } from './event_follower'

/** Which events to read. */
export interface EventQuery {
  /** From older to newer events, or back. @defaultValue `'forwards'` */
  readonly direction?: 'forwards' | 'backwards'
  /** Where to begin. @defaultValue at the end that the direction begins with */
  readonly from?: EventPlace
  /** Events on a page. @defaultValue 50 */
  readonly limit?: number
  /** Which events of `$all` the database sends, as the official client's `eventTypeFilter` and `streamNameFilter` make it. */
  readonly filter?: Filter
  /** Which of the events sent to keep. */
  readonly where?: (event: ResolvedEvent) => boolean
  /** Also fetch what link events point to. @defaultValue false */
  readonly resolveLinkTos?: boolean
}

/** Events of a query, in its direction, page after page. */
export class EventPages {
  /** The first and the last event that was looked at. */
  private first: EventPlace | undefined
  private last: EventPlace | undefined
  private ended = false

  constructor(
    private readonly client: EventClient,
    private readonly stream: string,
    private readonly query: EventQuery,
  ) {}

  get hasMore(): boolean {
    return !this.ended
  }

  get isBackwards(): boolean {
    return this.query.direction === 'backwards'
  }

  /** Where events begin that no page has: to be followed from there. Newer events of forward pages wait for `next`. */
  get newest(): EventPlace {
    const { from } = this.query
    return (this.isBackwards ? this.first : this.last) ?? (this.isBackwards ? 'start' : (from ?? 'start'))
  }

  /** The next page. A stream that does not exist has no events. */
  async next(): Promise<ResolvedEvent[]> {
    const { limit = 50, where } = this.query
    const found: ResolvedEvent[] = []
    let seen = this.last
    this.ended = true
    try {
      for await (const event of this.read(where ? Number.MAX_SAFE_INTEGER : limit + 2)) {
        const place = placeOf(event, this.stream)
        if (place !== undefined && this.last !== undefined && !this.isBehind(place, this.last)) continue
        if (found.length === limit) {
          this.ended = where?.(event) === false
          if (this.ended) continue
          break
        }
        this.first ??= place
        seen = place ?? seen
        if (where?.(event) !== false) found.push(event)
      }
    } catch (thrown) {
      if ((thrown as { type?: unknown }).type !== 'stream-not-found') {
        this.ended = false
        throw thrown
      }
    }
    this.last = seen
    return found
  }

  private read(maxCount: number): AsyncIterable<ResolvedEvent> {
    const { direction = 'forwards', resolveLinkTos = false, filter } = this.query
    const from = this.last ?? this.query.from ?? (this.isBackwards ? 'end' : 'start')
    const options = { direction, resolveLinkTos, maxCount } as const
    if (this.stream !== ALL_STREAMS) {
      return this.client.readStream(this.stream, { ...options, fromRevision: from as bigint })
    }
    const all = this.client.readAll({ ...options, fromPosition: from as Position, ...(filter && { filter }) })
    return all as AsyncIterable<ResolvedEvent>
  }

  /** Later pages begin with the event that the one before ended with. */
  private isBehind(place: EventPlace, last: EventPlace): boolean {
    const [a, b] = [numberOf(place), numberOf(last)]
    return this.isBackwards ? a < b : a > b
  }
}

/** Where an event lies: its revision, or its position in `$all`. */
export function placeOf({ event, link }: ResolvedEvent, stream: string): EventPlace | undefined {
  const record = link ?? event
  return stream === ALL_STREAMS ? record?.position : record?.revision
}

const numberOf = (place: EventPlace): bigint =>
  typeof place === 'bigint' ? place : typeof place === 'string' ? 0n : place.commit
