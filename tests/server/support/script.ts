/** One script for any client: all that programs do with streams. It needs a database of its own, in which nothing was done yet. */

import type * as Api from '../../../web/src/client/index'
import { collect } from '../../web/contract/support'
import type { Transcript } from './transcript'

type Client = Api.KurrentDBClient
type Subscription = Api.StreamSubscription | Api.AllStreamSubscription

export interface Stage {
  /** The package whose client it is. */
  readonly api: typeof Api
  readonly client: Client
  /** Another client of the same database, with parameters of the connection string. */
  readonly connect: (parameters: string) => Client
  readonly transcript: Transcript
}

/** Ids of the script's events. */
export const SCRIPTED_ID = /^00000000-0000-4000-8000-/
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export async function play(stage: Stage): Promise<void> {
  await appends(stage)
  await repeats(stage)
  await reads(stage)
  await links(stage)
  await deletions(stage)
  await metadata(stage)
  await severalStreams(stage)
  await records(stage)
  await readsOfAll(stage)
  await subscriptionsToStreams(stage)
  await subscriptionsToAll(stage)
  await refusals(stage)
}

let lastId = 0
/** Begins the numbers of events anew. */
export const rewind = () => void (lastId = 0)

function maker({ api }: Stage) {
  const json = (type = 'happened', data: object = { n: lastId }, more: object = {}) =>
    api.jsonEvent({ id: id(++lastId), type, data, ...more } as never)
  const binary = (type: string, data: string, more: object = {}) =>
    api.binaryEvent({ id: id(++lastId), type, data: Buffer.from(data), ...more } as never)
  const some = (count: number) => Array.from({ length: count }, () => json())
  return { json, binary, some }
}

async function appends(stage: Stage): Promise<void> {
  const { api, client, connect, transcript } = stage
  const { ANY, NO_STREAM, STREAM_EXISTS } = api
  const { json, binary, some } = maker(stage)
  const step = (what: string, stream: string, events: unknown, streamState?: Api.AppendStreamState, by = client) =>
    transcript.step(`append: ${what}`, () => by.appendToStream(stream, events as never, streamState === undefined ? {} : { streamState }))

  await step('json', 'one', json())
  await step('json with metadata', 'one', json('placed', { text: 'größer €😀', nested: [1, null, { a: true }] }, { metadata: { user: 'u' } }))
  await step('binary', 'one', binary('bytes', '\0\xff'))
  await step('binary with metadata', 'one', binary('bytes', 'x', { metadata: Buffer.from('\x01\x02') }))
  await step('binary with metadata of json', 'one', binary('bytes', 'x', { metadata: { a: 1 } }))
  await step('json that is no object', 'one', json('text', 'text' as never))
  await step('several', 'one', some(3))
  await step('none', 'one', [])
  await step('to a name of many scripts', 'größe/世界 😀', some(1))
  await step('to a system stream', '$mine', some(1))
  await step('any', 'one', some(1), ANY)
  await step('exists', 'one', some(1), STREAM_EXISTS)
  await step('a revision', 'one', some(2), 8n)
  await step('no stream', 'two', some(2), NO_STREAM)
  await step('no stream, but there is one', 'two', some(1), NO_STREAM)
  await step('exists, but there is none', 'none', some(1), STREAM_EXISTS)
  await step('a revision below', 'two', some(1), 0n)
  await step('a revision beyond', 'two', some(1), 7n)
  await step('a revision of no stream', 'none', some(1), 0n)
  await step('none, no stream, but there is one', 'two', [], NO_STREAM)
  const lenient = connect('throwOnAppendFailure=false')
  await step('lenient, right', 'two', some(1), 1n, lenient)
  await step('lenient, a wrong revision', 'two', some(1), 0n, lenient)
  await step('lenient, no stream, but there is one', 'two', some(1), NO_STREAM, lenient)
  await step('lenient, exists, but there is none', 'none', some(1), STREAM_EXISTS, lenient)
  await transcript.step('append: what is there now', () => collect(client.readStream('one')))
}

async function repeats(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { ANY, NO_STREAM, STREAM_EXISTS } = api
  const { some } = maker(stage)
  const [first, second, third] = [some(2), some(1), some(1)]
  const step = (what: string, events: Api.EventData[], streamState: Api.AppendStreamState = ANY, stream = 'repeats') =>
    transcript.step(`repeat: ${what}`, () => client.appendToStream(stream, events, { streamState }))

  await step('first', first, NO_STREAM)
  await step('second', second, 1n)
  await step('of the first, no stream', first, NO_STREAM)
  await step('of the first, any', first)
  await step('of the first, exists', first, STREAM_EXISTS)
  await step('of the second at its revision', second, 1n)
  await step('of the second at another', second, 0n)
  await step('of a part', [first[0]!], NO_STREAM)
  await step('of a part and something new, any', [first[1]!, ...third])
  await step('of a part and something new, no stream', [...first, ...third], NO_STREAM)
  await step('something new, then a repeat', [...third, first[0]!])
  await step('in another stream', first, NO_STREAM, 'repeated elsewhere')
  await transcript.step('repeat: what is there now', () => collect(client.readStream('repeats')))
}

async function reads({ api, client, transcript }: Stage): Promise<void> {
  const { BACKWARDS, END, FORWARDS, START } = api
  const step = (what: string, options: Api.ReadStreamOptions, stream = 'one') =>
    transcript.step(`read: ${what}`, async () => {
      const events = await collect(client.readStream(stream, options))
      return events.map(({ event }) => `${event!.revision}@${event!.streamId}`)
    })

  await step('forwards', { direction: FORWARDS, fromRevision: START })
  await step('forwards from a revision', { fromRevision: 4n })
  await step('forwards from the last', { fromRevision: 12n })
  await step('forwards from beyond', { fromRevision: 99n })
  await step('forwards from the end', { fromRevision: END })
  await step('backwards', { direction: BACKWARDS, fromRevision: END })
  await step('backwards from a revision', { direction: BACKWARDS, fromRevision: 3n })
  await step('backwards from beyond', { direction: BACKWARDS, fromRevision: 99n })
  await step('backwards from the start', { direction: BACKWARDS, fromRevision: START })
  await step('two forwards', { maxCount: 2 })
  await step('two from the middle', { maxCount: 2n, fromRevision: 5n })
  await step('two backwards', { maxCount: 2, direction: BACKWARDS, fromRevision: END })
  await step('more than there are', { maxCount: 100 })
  await step('no stream', {}, 'none')
  await step('no stream backwards', { direction: BACKWARDS, fromRevision: END }, 'none')
  await step('a name of many scripts', {}, 'größe/世界 😀')
  await transcript.step('read: a negative revision', () => client.readStream('one', { fromRevision: -1n }))
  await transcript.step('read: a revision too large', () => client.readStream('one', { fromRevision: 2n ** 64n }))
  await transcript.step('read: backwards, in full', () => collect(client.readStream('two', { direction: BACKWARDS, fromRevision: END })))
}

async function links(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { json, binary, some } = maker(stage)
  await client.appendToStream('gone', some(1))
  await client.appendToStream('a@b', some(1))
  const targets = ['0@one', '1@one', '0@a@b', '0@gone', '0@none', '99@one', 'x@one', 'nothing', '-1@one']
  await client.appendToStream('links', [...targets.map((target) => binary('$>', target)), json('$>', { json: true }), json()])
  await client.deleteStream('gone')
  for (const resolveLinkTos of [false, true]) {
    const how = resolveLinkTos ? 'resolved' : 'as they are'
    const step = (what: string, act: () => unknown) => transcript.step(`links: ${how}${what}`, act)
    const backwards = { direction: api.BACKWARDS, fromRevision: api.END } as const
    const filter = api.eventTypeFilter({ prefixes: ['$>'] })
    await step('', () => collect(client.readStream('links', { resolveLinkTos })))
    await step(', backwards', () => collect(client.readStream('links', { resolveLinkTos, ...backwards })))
    await step(', of all streams', () => collect(client.readAll({ resolveLinkTos, filter })))
    await step(', followed', () => followed(client.subscribeToStream('links', { resolveLinkTos }), transcript, hasCaughtUp))
  }
}

async function deletions(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { ANY, BACKWARDS, END, NO_STREAM, STREAM_EXISTS } = api
  const { some } = maker(stage)
  const step = (what: string, act: () => unknown) => transcript.step(`deletion: ${what}`, act)
  for (const stream of ['soft', 'hard', 'kept']) await client.appendToStream(stream, some(3))

  for (const [verb, remove] of [['delete', client.deleteStream.bind(client)], ['tombstone', client.tombstoneStream.bind(client)]] as const) {
    await step(`${verb}, a wrong revision`, () => remove('kept', { expectedRevision: 1n }))
    await step(`${verb}, no stream, but there is one`, () => remove('kept', { expectedRevision: NO_STREAM }))
    await step(`${verb}, a revision, but there is none`, () => remove('none', { expectedRevision: 3n }))
    await step(`${verb} metadata`, () => remove('$$kept'))
  }
  await step('delete what is not there', () => client.deleteStream('never'))
  await step('delete', () => client.deleteStream('soft', { expectedRevision: 2n }))
  await step('delete again', () => client.deleteStream('soft'))
  await step('read what is deleted', () => collect(client.readStream('soft')))
  await step('append, exists', () => client.appendToStream('soft', some(1), { streamState: STREAM_EXISTS }))
  await step('append, a wrong revision', () => client.appendToStream('soft', some(1), { streamState: 0n }))
  await step('make anew', () => client.appendToStream('soft', some(2), { streamState: NO_STREAM }))
  await step('read what was made anew', () => collect(client.readStream('soft')))
  await step('metadata of what was made anew', () => client.getStreamMetadata('soft'))

  await step('tombstone', () => client.tombstoneStream('hard', { expectedRevision: ANY }))
  await step('tombstone again', () => client.tombstoneStream('hard'))
  await step('delete what is tombstoned', () => client.deleteStream('hard'))
  await step('read what is tombstoned', () => collect(client.readStream('hard')))
  await step('read what is tombstoned backwards', () => collect(client.readStream('hard', { direction: BACKWARDS, fromRevision: END })))
  for (const [what, streamState] of [['any', ANY], ['no stream', NO_STREAM], ['exists', STREAM_EXISTS], ['a revision', 2n]] as const) {
    await step(`append to what is tombstoned, ${what}`, () => client.appendToStream('hard', some(1), { streamState }))
  }
  await step('metadata of what is tombstoned', () => client.getStreamMetadata('hard'))
  await step('set metadata of what is tombstoned', () => client.setStreamMetadata('hard', { maxCount: 1 }))
  await step('tombstone what never was', () => client.tombstoneStream('never'))
  await step('append to what never was and is tombstoned', () => client.appendToStream('never', some(1)))
  await step('follow what is tombstoned', () => followed(client.subscribeToStream('hard'), transcript, hasFailed))
}

async function metadata(stage: Stage): Promise<void> {
  const { client, transcript } = stage
  const { some } = maker(stage)
  const step = (what: string, act: () => unknown) => transcript.step(`metadata: ${what}`, act)
  await client.appendToStream('described', some(6))
  await step('none', () => client.getStreamMetadata('described'))
  await step('of no stream', () => client.getStreamMetadata('none'))
  const all: Api.StreamMetadata = {
    maxAge: 3600, maxCount: 4, truncateBefore: 3, cacheControl: 60, mine: { nested: ['ö'] },
    acl: { readRoles: ['$all'], writeRoles: ['anna', 'bert'], deleteRoles: [], metaReadRoles: ['$all'], metaWriteRoles: ['$admins'] },
  }
  await step('all keys', () => client.setStreamMetadata('described', all))
  await step('all keys, read', () => client.getStreamMetadata('described'))
  await step('truncated', () => collect(client.readStream('described')))
  await step('less', () => client.setStreamMetadata('described', { maxCount: 2 }))
  await step('counted', () => collect(client.readStream('described')))
  await step('of a stream that is still to come', () => client.setStreamMetadata('to come', { truncateBefore: 'x' as never }))
  await step('of a stream that is still to come, read', () => client.getStreamMetadata('to come'))
  await step('as events', async () => (await collect(client.readStream('$$described'))).map(({ event }) => ({ ...event, id: '' })))
}

async function severalStreams(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { ANY, NO_STREAM, STREAM_EXISTS } = api
  const { json, binary, some } = maker(stage)
  const step = (what: string, ...requests: [streamName: string, events: Api.EventData[], expectedState: Api.AppendStreamState][]) =>
    transcript.step(`several streams: ${what}`, () =>
      client.multiStreamAppend(requests.map(([streamName, events, expectedState]) => ({ streamName, events, expectedState }))))
  const repeated = some(2)

  await step('two', ['multi b', repeated, NO_STREAM], ['multi a', some(2), ANY])
  await step('a repeat', ['multi b', repeated, NO_STREAM])
  await step('json and bytes with metadata', ['multi a', [json('placed', { a: 1 }, { metadata: { user: 'ü' } }), binary('bytes', 'b')], 1n])
  await step('none', ...[])
  await step('no events', ['multi a', [], ANY])
  await step('one twice', ['multi a', some(1), ANY], ['multi a', some(1), ANY])
  await step('no stream, but there is one', ['multi c', some(1), ANY], ['multi a', some(1), NO_STREAM])
  await step('exists, but there is none', ['none', some(1), STREAM_EXISTS])
  await step('a wrong revision', ['multi a', some(1), 99n])
  await step('a revision, but there is none', ['none', some(1), 0n])
  await step('tombstoned', ['multi a', some(1), ANY], ['hard', some(1), ANY])
  await step('metadata of numbers', ['multi a', [json('placed', {}, { metadata: { n: 1 } })], ANY])
  await step('a type with spaces', ['multi a', [json('no schema')], ANY])
  await step('to everything', ['$all', some(1), ANY])
  for (const stream of ['multi a', 'multi b', 'multi c']) {
    await transcript.step(`several streams: what is in ${stream}`, () => collect(client.readStream(stream)))
  }
}

async function records(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { NO_STREAM, STREAM_EXISTS, STREAM_STATE } = api
  const { json, some } = maker(stage)
  type Check = readonly [streamName: string, expectedState: Api.AppendStreamState]
  const step = (what: string, streams: string[], checks: Check[] = [], events: Api.EventData[] = some(streams.length)) =>
    transcript.step(`records: ${what}`, () => client.appendRecords(
      streams.map((streamName, i) => ({ streamName, record: events[i]! })),
      checks.map(([streamName, expectedState]) => ({ type: STREAM_STATE, streamName, expectedState: expectedState as Api.StreamState })),
    ))
  const repeated = some(3)

  await step('that alternate', ['record a', 'record b', 'record a'], [], repeated)
  await step('a repeat', ['record a', 'record b', 'record a'], [], repeated)
  await step('a repeat of a part', ['record a'], [['record a', NO_STREAM]], [repeated[0]!])
  await step('checks that hold', ['record a'], [['record a', 1n], ['record b', STREAM_EXISTS], ['none', NO_STREAM], ['hard', -6n]])
  await step('checks that do not', ['record a'], [['record a', 0n], ['record b', NO_STREAM], ['none', STREAM_EXISTS], ['one', -5n]])
  await step('a check of what is tombstoned', ['record a'], [['hard', STREAM_EXISTS]])
  await step('to what is tombstoned', ['record a', 'hard'])
  await step('one check twice', ['record a'], [['one', STREAM_EXISTS], ['one', STREAM_EXISTS]])
  await step('none', [])
  await step('metadata of numbers', ['record a'], [], [json('placed', {}, { metadata: { n: 1 } })])
  await step('to a stream without a name', [''])
  await transcript.step('records: what is there now', () => collect(client.readStream('record a')))
}

async function readsOfAll(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { BACKWARDS, END, eventTypeFilter, excludeSystemEvents, START, streamNameFilter } = api
  const brief = (events: Api.AllStreamResolvedEvent[]) => events.map(({ event }) => `${event!.revision}@${event!.streamId} ${event!.type}`)
  const step = (what: string, options: Api.ReadAllOptions) =>
    transcript.step(`all: ${what}`, async () => brief(await collect(client.readAll(options))))
  const [, middle] = await collect(client.readStream('two'))
  const position = middle!.event!.position!

  await transcript.step('all: everything', async () => (await collect(client.readAll())).map((each) => withoutChance(each)))
  await step('backwards', { direction: BACKWARDS, fromPosition: END })
  await step('five', { maxCount: 5 })
  await step('five backwards', { maxCount: 5, direction: BACKWARDS, fromPosition: END })
  await step('from a position', { fromPosition: position, maxCount: 4 })
  await step('from a position backwards', { fromPosition: position, direction: BACKWARDS, maxCount: 4 })
  await step('backwards from the start', { fromPosition: START, direction: BACKWARDS, maxCount: 4 })
  await step('a position that cannot be', { fromPosition: { commit: position.commit, prepare: position.commit + 1n } })
  const filters: Record<string, Api.Filter> = {
    'prefixes of streams': streamNameFilter({ prefixes: ['one', 'tw'] }),
    'a prefix that nothing has': streamNameFilter({ prefixes: ['nothing'] }),
    'an expression for streams': streamNameFilter({ regex: '^(multi|record) [ab]$' }),
    'prefixes of types': eventTypeFilter({ prefixes: ['placed', 'by'] }),
    'an expression for types': eventTypeFilter({ regex: '^\\$(>|metadata)$' }),
    'no system events': excludeSystemEvents(),
    'an expression that is none': streamNameFilter({ regex: '(((' }),
  }
  for (const [what, filter] of Object.entries(filters)) {
    await step(what, { filter })
    await step(`${what}, three backwards`, { filter, maxCount: 3, direction: BACKWARDS, fromPosition: END })
  }
}

/** Ids of the database's own events are random; that they are ids is enough. */
const withoutChance = ({ event, ...rest }: Api.AllStreamResolvedEvent) =>
  ({ ...rest, event: { ...event, id: SCRIPTED_ID.test(event!.id) ? event!.id : 'id' } })

/** What a subscription emits until `enough`, in order; then it is ended. */
async function followed(
  subscription: Subscription, transcript: Transcript, enough: (log: string[]) => boolean, begun: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const log: string[] = []
  await new Promise<void>((resolve, reject) => {
    let isBegun = false
    const note = (...lines: string[]) => {
      log.push(...lines)
      if (!isBegun && log.at(-1)!.startsWith('caughtUp')) {
        isBegun = true
        begun().catch(reject)
      }
      if (enough(log)) resolve()
    }
    const on = subscription.on.bind(subscription) as (name: string, listener: (...args: never[]) => void) => void
    on('confirmation', () => note('confirmation'))
    on('data', (event: Api.ResolvedEvent) => note(`data ${transcript.show(event)}`))
    on('caughtUp', (info: Api.CaughtUp) => note(`caughtUp ${transcript.show(info)}`))
    on('checkpoint' as never, (...args: never[]) => note(`checkpoint ${transcript.show(args)}`))
    on('error', (error: Error) => note('error', ...transcript.showError(error)))
  })
  await subscription.unsubscribe()
  return log
}

const hasCaughtUp = (log: string[]) => log.some((line) => line.startsWith('caughtUp'))
const hasFailed = (log: string[]) => log.includes('error')
/** What was appended meanwhile has come. */
const hasLast = (log: string[]) => hasCaughtUp(log) && log.at(-1)!.startsWith('data') && log.at(-1)!.includes('type: "last"')

async function subscriptionsToStreams(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { json, some } = maker(stage)
  await client.appendToStream('followed', some(3))
  const step = (what: string, options: Api.SubscribeToStreamOptions, stream = 'followed', live?: () => Promise<unknown>) =>
    transcript.step(`subscription: ${what}`, () => followed(
      client.subscribeToStream(stream, options), transcript, hasLast,
      live ?? (() => client.appendToStream(stream, [...some(1), json('last')]))))

  await step('from the start', { fromRevision: api.START })
  await step('by default', {})
  await step('after a revision', { fromRevision: 5n })
  await step('from the end', { fromRevision: api.END })
  await step('of a stream to come', {}, 'followed later')
  await transcript.step('subscription: tombstoned meanwhile', () => followed(
    client.subscribeToStream('followed later'), transcript, hasFailed, () => client.tombstoneStream('followed later')))
  await client.appendToStream('made anew', some(2))
  await step('deleted and made anew meanwhile', {}, 'made anew', async () => {
    await client.deleteStream('made anew')
    await client.appendToStream('made anew', json('last'))
  })
}

async function subscriptionsToAll(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { END, eventTypeFilter, excludeSystemEvents, START, streamNameFilter } = api
  const { json, some } = maker(stage)
  const [first] = await collect(client.readStream('one', { maxCount: 1 }))
  const { position } = first!.event!
  const step = (what: string, options: Api.SubscribeToAllOptions) => {
    const checkpoints: string[] = []
    const checkpointReached = (_: unknown, at: Api.Position) => void checkpoints.push(transcript.show(at))
    const filter = options.filter && { ...options.filter, checkpointReached }
    return transcript.step(`subscription to all: ${what}`, async () => {
      const log = await followed(
        client.subscribeToAll({ ...options, ...(filter && { filter: filter as Api.Filter }) }), transcript, hasLast,
        () => client.appendToStream('of all', [json('placed'), ...some(1), json('last')]))
      return [...log.map((line) => line.replace(/^data .*?(id: "[^"]*").*/, 'data $1')), ...checkpoints.map((each) => `checkpoint ${each}`)]
    })
  }

  await step('from a position', { fromPosition: position!, filter: streamNameFilter({ prefixes: ['one', 'of all'] }) })
  await step('prefixes of streams', { fromPosition: START, filter: streamNameFilter({ prefixes: ['two', 'of all'], maxSearchWindow: 10 }) })
  await step('an expression for streams', { fromPosition: START, filter: streamNameFilter({ regex: '^(two|of all)$', maxSearchWindow: 4, checkpointInterval: 3 }) })
  await step('prefixes of types', { fromPosition: START, filter: eventTypeFilter({ prefixes: ['placed', 'last'], maxSearchWindow: 7 }) })
  await step('no system events, from the end', { fromPosition: END, filter: excludeSystemEvents() })
  await step('from the end', { fromPosition: END })
  await transcript.step('subscription to all: an expression that is none', () => followed(
    client.subscribeToAll({ filter: streamNameFilter({ regex: '(((' }) }), transcript, hasFailed))
  await transcript.step('subscription to all: a position that cannot be', () => followed(
    client.subscribeToAll({ fromPosition: { commit: 1n, prepare: 2n } }), transcript, hasFailed))
}

async function refusals(stage: Stage): Promise<void> {
  const { api, client, transcript } = stage
  const { json, some } = maker(stage)
  const step = (what: string, act: () => unknown) => transcript.step(`refusal: ${what}`, act)
  await step('an append to everything', () => client.appendToStream('$all', some(1)))
  await step('an append to no name', () => client.appendToStream('', some(1)))
  await step('an append to the metadata of no name', () => client.appendToStream('$$', some(1)))
  await step('an event without a type', () => client.appendToStream('one', json('')))
  const zero = '00000000-0000-0000-0000-000000000000'
  await step('an event whose id is zero', () => client.appendToStream('one', api.jsonEvent({ id: zero, type: 'x', data: {} })))
  await step('an event whose id is none', () => client.appendToStream('one', api.jsonEvent({ id: 'none', type: 'x', data: {} })))
  await step('metadata that cannot be', () => client.setStreamMetadata('one', { maxCount: -1 }))
  await step('a read of no name', () => collect(client.readStream('')))
  await step('a deletion of no name', () => client.deleteStream(''))
  await step('metadata at a wrong revision', async () => (await client.setStreamMetadata('described', {}, { expectedRevision: 5n })).success)
  await step('a window of nothing', () => client.subscribeToAll({ filter: api.streamNameFilter({ prefixes: ['x'], maxSearchWindow: 0 }) }))
}
