import type { EventClient } from '../../services/event_client'
import { EventFollower } from '../../vue/event_follower'

/**
 * Tells from which revision on a stream has its events, whenever that changes. A soft delete leaves no event in the stream:
 * it is a `$tb` ("truncate before") beyond the last revision in the stream's metadata, and writing to the stream again sets
 * `$tb` to the revision that it goes on with. The metadata stream keeps its last event only, so it is read from its start.
 * Who may not read the metadata is told nothing. Returns the function that ends it.
 */
export function followDeletion(client: EventClient, stream: string, tell: (before: number) => void): () => void {
  const target = { stream: `$$${stream}`, from: 'start', retryDelay: 1_000 } as const
  const follower = new EventFollower(client, target, {
    event: ({ event }) => {
      const before = (event?.data as { readonly $tb?: unknown } | null | undefined)?.$tb
      if (typeof before === 'number') tell(before)
    },
    status: () => undefined,
  })
  follower.start()
  return () => follower.stop()
}

/** The stream accepts no further events, ever. */
export const isTombstoned = (thrown: unknown): boolean =>
  ['stream-deleted', 'stream-tombstoned'].includes(String((thrown as { type?: unknown } | null | undefined)?.type))
