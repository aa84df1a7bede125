import { expect } from 'vitest'
import type {
  AllStreamSubscription, CaughtUp, EventData, JSONRecordedEvent, KurrentDBClient, Position, ResolvedEvent, StreamSubscription,
} from '../../../web/src/client/index'
import { api } from './clients'

/** What `promise` rejects with; fails when it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  expect(outcome, 'should have been rejected').toHaveProperty('error')
  return (outcome as { error: Error & Record<string, unknown> }).error
}

/** The error that `call` throws at once. */
export function thrownBy(call: () => unknown): Error & Record<string, unknown> {
  try {
    call()
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  expect.unreachable('should have thrown')
}

/** An event like any other. */
export function happened(n: number | string = 0, type = 'happened'): EventData {
  return api.jsonEvent({ type, data: { n } })
}

/** `count` events that tell their number. */
export function numbered(count: number, from = 0): EventData[] {
  return Array.from({ length: count }, (_, i) => happened(from + i))
}

/** Everything that comes. */
export async function collect<T>(items: AsyncIterable<T>, atMost = Infinity): Promise<T[]> {
  const all: T[] = []
  if (atMost <= 0) return all
  for await (const item of items) {
    all.push(item)
    if (all.length >= atMost) break
  }
  return all
}

/** The numbers that events tell. */
export function numbersOf(events: readonly ResolvedEvent[]): unknown[] {
  return events.map(({ event }) => (event as JSONRecordedEvent<{ type: string; data: { n: number } }>).data.n)
}

/** What the stream shows to readers; nothing for one that does not exist. */
export async function numbersIn(client: KurrentDBClient, stream: string): Promise<unknown[]> {
  try {
    return numbersOf(await collect(client.readStream(stream)))
  } catch (error) {
    if (error instanceof api.StreamNotFoundError) return []
    throw error
  }
}

/** The only event of a stream, or its last one. */
export async function lastEventOf(client: KurrentDBClient, stream: string): Promise<NonNullable<ResolvedEvent['event']>> {
  const [last] = await collect(client.readStream(stream, { direction: 'backwards', fromRevision: 'end', maxCount: 1 }))
  return last!.event!
}

/** A position after everything written so far that is visible. */
export async function headOf(client: KurrentDBClient): Promise<Position> {
  const [last] = await collect(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }))
  return last!.event!.position
}

type Subscription = StreamSubscription | AllStreamSubscription

/** What a subscription emits, in order, and promises for what is awaited of it. */
export class Watched<S extends Subscription> {
  readonly events: ResolvedEvent[] = []
  /** Names of what was emitted, `data` as the number that the event tells. */
  readonly log: unknown[] = []
  readonly caughtUps: CaughtUp[] = []
  error: (Error & Record<string, unknown>) | undefined
  private readonly waiting = new Set<() => void>()

  constructor(readonly subscription: S) {
    const note = (what: unknown) => {
      this.log.push(what)
      for (const check of [...this.waiting]) check()
    }
    const on = subscription.on.bind(subscription) as (name: string, listener: (...args: never[]) => void) => void
    on('data', (event: ResolvedEvent) => {
      this.events.push(event)
      const data = (event.event?.isJson ? event.event.data : undefined) as { n?: unknown } | undefined
      note(data?.n ?? event.event?.type ?? 'link')
    })
    on('caughtUp', (info: CaughtUp) => {
      this.caughtUps.push(info)
      note('caughtUp')
    })
    on('error', (error: Error & Record<string, unknown>) => {
      this.error = error
      note('error')
    })
    for (const name of ['confirmation', 'fellBehind', 'end', 'close']) on(name, () => note(name))
  }

  /** Resolves when `condition` holds, which is looked at whenever something is emitted. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return
        this.waiting.delete(check)
        resolve()
      }
      this.waiting.add(check)
      check()
    })
  }

  /** Resolves when `what` was emitted (so many times). */
  async emitted(what: unknown, times = 1): Promise<this> {
    await this.until(() => this.log.filter((each) => each === what).length >= times)
    return this
  }

  async received(count: number): Promise<ResolvedEvent[]> {
    await this.until(() => this.events.length >= count)
    return this.events
  }

  get numbers(): unknown[] {
    return numbersOf(this.events)
  }
}

export function watch<S extends Subscription>(subscription: S): Watched<S> {
  return new Watched(subscription)
}

/** Lets everything run that is under way without anybody's doing: for tests of what must *not* happen. */
export async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
