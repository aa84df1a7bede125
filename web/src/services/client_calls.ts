/**
 * Carries out the calls of the C++ services by a client: the official one, or any object with its interface. What is asked
 * and answered is written down in src/clients/host/host_wire.hpp.
 */

import { CoreError, type CoreErrorCode, type HostCalls } from '../wasm/core'
import { ClientFollower, type FollowedStream } from './client_follower'
import { isAbsence } from './client_events'
import { type ReadEvent, toWire, type WireEvent, type WirePosition, writeEvent, writePosition } from './client_wire'
import type { EventClient } from './event_client'

type Args = Readonly<Record<string, any>>
type Operation = (args: Args) => Promise<unknown>

/** The stream that a health check looks at; it need not be there. */
const healthStream = 'kurrentlite-health'

export class ClientCalls implements HostCalls {
  private readonly followers = new Map<string, ClientFollower>()
  private last = 0

  constructor(private readonly client: EventClient) {}

  async run(operation: string, args: unknown): Promise<unknown> {
    try {
      return await this.operations[operation]!(args as Args)
    } catch (thrown) {
      throw toCoreError(thrown)
    }
  }

  close(): void {
    for (const follower of this.followers.values()) follower.stop()
    this.followers.clear()
  }

  private readonly operations: Readonly<Record<string, Operation>> = {
    connect: async () => {
      const options = { maxCount: 1, direction: 'backwards', fromRevision: 'end' } as const
      try {
        for await (const _ of this.client.readStream(healthStream, options)) break
      } catch (thrown) {
        if (!isAbsence(thrown)) throw thrown
      }
      return null
    },
    append: async ({ stream, events, expected }) => {
      const result = await this.client.appendToStream(stream, events.map(writeEvent), { streamState: stateOf(expected) })
      if (!result.success) throw conflict(stream, `"${stream}" is not as expected.`)
      const { nextExpectedRevision: revision, position } = result
      return { ...(revision >= 0n && { revision: String(revision) }), ...(position && { position: writePosition(position) }) }
    },
    multiAppend: async ({ requests }) => {
      const given = requests.map(({ stream, events, expected }: Args) => ({
        streamName: stream,
        events: events.map(writeEvent),
        expectedState: stateOf(expected),
      }))
      return writtenStreams(await this.client.multiStreamAppend(given), requests.map(({ stream }: Args) => stream))
    },
    appendRecords: async ({ records, checks }) => {
      const given = records.map(({ stream, event }: Args) => ({ streamName: stream, record: writeEvent(event) }))
      const states = checks.map(({ stream, expected }: Args) => ({
        type: 'stream_state' as const,
        streamName: stream,
        expectedState: stateOf(expected),
      }))
      const streams = [...new Set<string>(records.map(({ stream }: Args) => stream))]
      return writtenStreams(await this.client.appendRecords(given, states), streams)
    },
    readStream: async ({ stream, backwards, from, maxCount, resolveLinks }) =>
      collect(
        this.client.readStream(stream, {
          direction: backwards ? 'backwards' : 'forwards',
          fromRevision: revisionOf(from),
          resolveLinkTos: resolveLinks,
          ...(maxCount !== undefined && { maxCount }),
        }),
      ),
    readAll: async ({ backwards, from, maxCount, resolveLinks, filter }) =>
      collect(
        this.client.readAll({
          direction: backwards ? 'backwards' : 'forwards',
          fromPosition: positionOf(from),
          resolveLinkTos: resolveLinks,
          ...(maxCount !== undefined && { maxCount }),
          ...(filter && { filter: filterOf(filter) }),
        }),
      ),
    deleteStream: async ({ stream, expected }) => {
      const { position } = await this.client.deleteStream(stream, { expectedRevision: deletable(expected) })
      return position ? { position: writePosition(position) } : {}
    },
    tombstoneStream: async ({ stream, expected }) => {
      const { position } = await this.client.tombstoneStream(stream, { expectedRevision: deletable(expected) })
      return position ? { position: writePosition(position) } : {}
    },
    subscribeToStream: ({ stream, from, resolveLinks }) =>
      this.follow(() =>
        this.client.subscribeToStream(stream, { fromRevision: revisionOf(from), resolveLinkTos: resolveLinks }),
      ),
    subscribeToAll: ({ from, resolveLinks, filter }) =>
      this.follow((follower) =>
        this.client.subscribeToAll({
          fromPosition: positionOf(from),
          resolveLinkTos: resolveLinks,
          ...(filter && { filter: { ...filterOf(filter), checkpointReached: (_, position) => follower.checkpoint(position) } }),
        }),
      ),
    next: async ({ subscription }) => {
      const follower = this.followers.get(subscription)
      if (!follower) throw new CoreError({ code: 'Unavailable', message: 'The subscription ended.', facts: {}, violations: [] })
      return follower.next()
    },
    unsubscribe: async ({ subscription }) => {
      this.followers.get(subscription)?.stop()
      this.followers.delete(subscription)
      return null
    },
    // The official client has no call for it; the last position is what a server's log has grown to, in bytes.
    statistics: async () => {
      for await (const { event } of this.client.readAll({ maxCount: 1, direction: 'backwards', fromPosition: 'end' })) {
        return { storageUsedBytes: String(event?.position?.commit ?? 0n) }
      }
      return {}
    },
  }

  private async follow(subscribe: (follower: ClientFollower) => unknown): Promise<unknown> {
    const subscription = String(++this.last)
    const follower = new ClientFollower((self) => subscribe(self) as FollowedStream)
    this.followers.set(subscription, follower)
    try {
      await follower.confirmed
    } catch (thrown) {
      this.followers.delete(subscription)
      follower.stop()
      throw thrown
    }
    return { subscription }
  }
}

async function collect(events: AsyncIterable<ReadEvent>): Promise<WireEvent[]> {
  const all: WireEvent[] = []
  for await (const event of events) all.push(toWire(event))
  return all
}

interface MultiAppended {
  readonly position: bigint
  readonly responses: readonly { readonly streamName: string; readonly revision: bigint }[]
}

function writtenStreams({ position, responses }: MultiAppended, streams: readonly string[]): unknown {
  const revisions = new Map(responses.map(({ streamName, revision }) => [streamName, revision]))
  return {
    revisions: streams.map((stream) => ({ stream, revision: String(revisions.get(stream) ?? 0n) })),
    position: writePosition({ commit: position, prepare: position }),
  }
}

const named = ['any', 'no_stream', 'stream_exists'] as const
type NamedState = (typeof named)[number]

function stateOf(expected: string): NamedState | bigint {
  if (named.includes(expected as NamedState)) return expected as NamedState
  // Checks tell deleted streams by the numbers of the wire.
  if (expected === 'deleted') return -5n
  return expected === 'tombstoned' ? -6n : BigInt(expected)
}

/** Deletions know no "exists"; then any state will do. */
function deletable(expected: string): 'any' | 'no_stream' | bigint {
  const state = stateOf(expected)
  return state === 'stream_exists' ? 'any' : state
}

const revisionOf = (from: string): 'start' | 'end' | bigint => (from === 'start' || from === 'end' ? from : BigInt(from))
const positionOf = (from: 'start' | 'end' | WirePosition) =>
  typeof from === 'string' ? from : { commit: BigInt(from.commit), prepare: BigInt(from.prepare) }

type FilterArgs =
  | { readonly on: 'streamName' | 'eventType'; readonly prefixes: string[] }
  | { readonly on: 'streamName' | 'eventType'; readonly regex: string }

function filterOf(filter: FilterArgs) {
  const shared = { filterOn: filter.on, checkpointInterval: 1, maxSearchWindow: 32 }
  return 'regex' in filter ? { ...shared, regex: filter.regex } : { ...shared, prefixes: filter.prefixes }
}

/** By the types of the official errors, which are the same in every copy and version. */
const codes: Readonly<Record<string, CoreErrorCode>> = {
  'wrong-expected-version': 'WrongExpectedVersion',
  'stream-not-found': 'StreamNotFound',
  'no-stream': 'StreamNotFound',
  'stream-deleted': 'StreamDeleted',
  'stream-tombstoned': 'StreamTombstoned',
  'access-denied': 'AccessDenied',
  'invalid-argument': 'InvalidArgument',
  'maximum-append-size-exceeded': 'MaxAppendSizeExceeded',
  'append-record-size-exceeded': 'AppendRecordSizeExceeded',
  'transaction-max-size-exceeded': 'TransactionMaxSizeExceeded',
  'append-consistency-violation': 'ConsistencyViolation',
  unavailable: 'Unavailable',
  timeout: 'Unavailable',
  'deadline-exceeded': 'Unavailable',
  cancelled: 'Unavailable',
  'not-leader': 'Unavailable',
}

const unavailableStatus = 14

export function toCoreError(thrown: unknown): CoreError {
  if (thrown instanceof CoreError) return thrown
  const { type, message, streamName, stream, code } = (thrown ?? {}) as Readonly<Record<string, unknown>>
  const known = codes[String(type)] ?? (code === unavailableStatus ? 'Unavailable' : 'Unknown')
  const name = streamName ?? stream
  return new CoreError({
    code: known,
    message: typeof message === 'string' && message !== '' ? message : String(thrown),
    facts: typeof name === 'string' ? { stream: name } : {},
    violations: [],
  })
}

const conflict = (stream: string, message: string): CoreError =>
  new CoreError({ code: 'WrongExpectedVersion', message, facts: { stream }, violations: [] })
