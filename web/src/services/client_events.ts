import type { StoredEvent } from '../wasm/core'
import type { EventClient } from './event_client'

/** The events of a stream by a client, oldest first; none when there is no such stream. */
export async function readClientEvents(client: EventClient, stream: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  try {
    for await (const { event } of client.readStream(stream)) {
      if (event) events.push({ ...event, position: event.position ?? { commit: 0n, prepare: 0n } } as StoredEvent)
    }
  } catch (thrown) {
    if (isAbsence(thrown)) return []
    throw thrown
  }
  return events
}

/** Whether a read failed because there is no such stream, or not any more. By the type: there are many copies of classes. */
export const isAbsence = (thrown: unknown): boolean =>
  ['stream-not-found', 'stream-deleted', 'no-stream'].includes(String((thrown as { type?: unknown } | null)?.type))
