/**
 * Messages that no proper client sends, to every method that there is: each call ends with a status, and afterwards all is well.
 * `KURRENTLITE_SEED=<number>` repeats or varies a run, `KURRENTLITE_FUZZ_CALLS=<number>` makes it longer.
 */

import { randomUUID } from 'node:crypto'
import * as grpc from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mutate, Random } from './support/mutate'
import { RunningServer } from './support/server'
import { type Answer, answerOf, field, identifier, message, NOTHING, operations, paths, proposed, RawClient, uuid } from './support/wire'

const seed = Number(process.env.KURRENTLITE_SEED ?? 20261123)
const callCount = Number(process.env.KURRENTLITE_FUZZ_CALLS ?? 4000)
const IN_FLIGHT = 16

let server: RunningServer
let client: KurrentDBClient
let raw: RawClient
beforeAll(async () => {
  server = await RunningServer.start()
  client = KurrentDBClient.connectionString(server.uri)
  raw = new RawClient(server.port)
})
afterAll(async () => {
  await client.dispose()
  raw.close()
  expect(await server.stop()).toMatchObject({ code: 0, signal: null, stderr: '' })
})

// Proper messages, from which the others are made

const name = (random: Random) => random.pick(['a', 'b', 'c', 'größe', '$$a', '$users', '$all', '', '$$', 'b', 'c'])
const id = (random: Random) => uuid(1n, BigInt(1 + random.below(500)))
const login = (random: Random) => random.pick(['anna', 'bert', 'admin', ''])
const empty = (number: number) => field(number, NOTHING)
const options = (...fields: Buffer[]) => field(1, message(...fields))
/** Field 2 is a revision in every request of the first protocol, 3 to 5 are no stream, any and stream exists. */
const expected = (random: Random) => (random.chance(0.3) ? field(2, random.number()) : empty(3 + random.below(3)))
const event = (random: Random) => proposed({
  id: id(random), type: random.pick(['happened', '$>', '$metadata']), data: random.pick(['{}', '0@a', '{"$maxCount":1}']),
})

function readRequest(random: Random): Buffer {
  const [start, number] = [empty(random.pick([2, 3])), field(2, random.number())]
  const ofStream = field(1, message(field(1, identifier(name(random))), random.pick([number, empty(3), empty(4)])))
  const ofAll = field(2, random.chance(0.3) ? field(1, message(field(1, random.number()), field(2, random.number()))) : start)
  const expression = field(random.pick([1, 2]), message(field(1, random.pick(['', '^a', '(a+)+$', '((('])), field(2, random.pick(['', 'a', '$']))))
  const filter = field(7, message(expression, random.chance(0.5) ? field(3, random.number()) : empty(4), field(5, random.number())))
  const isOfAll = random.chance(0.5)
  return options(
    isOfAll ? ofAll : ofStream, field(3, random.below(2)), field(4, random.below(2)),
    random.chance(0.75) ? field(5, random.number()) : empty(6),
    isOfAll && random.chance(0.6) ? filter : empty(8), field(9, empty(1 + random.below(2))), field(10, field(1, random.number())))
}

function batch(random: Random): Buffer {
  const deadline = field(random.pick([6, 7]), message(field(1, random.number()), field(2, random.number())))
  const into = message(field(1, identifier(name(random))), expected(random), ...(random.chance(0.3) ? [deadline] : []))
  return message(field(1, id(random)), field(2, into), field(3, event(random)), field(3, event(random)), field(4, random.below(2)))
}

function record(random: Random): Buffer {
  let value = field(3, 'text')
  for (let depth = random.below(random.chance(0.1) ? 200 : 3); depth > 0; depth--) {
    value = field(random.pick([6, 5]), field(1, random.pick([value, message(field(1, 'k'), field(2, value))])))
  }
  return message(
    field(1, random.chance(0.9) ? randomText(random) : ''), field(2, message(field(1, 'property'), field(2, value))),
    field(3, message(field(1, random.below(6)), field(2, random.pick(['happened', 'größe', 'no name', ''])))),
    field(4, '{}'), field(5, name(random)))
}
const randomText = (random: Random) => `00000000-0000-4000-8000-${random.below(5000).toString().padStart(12, '0')}`

const ofUsers = (method: string) => `/event_store.client.users.Users/${method}`
const ofControl = (method: string) => `/kurrentlite.Control/${method}`
const ofLogin = (random: Random) => [
  options(field(1, login(random)), field(2, 'secret'), field(3, random.pick(['secret', 'Anna'])), field(4, '$admins')),
]
const nothing = () => [NOTHING]
const ofId = (random: Random) => [field(1, random.number())]

/** Calls by path: the messages that a client would send. */
const methods: Record<string, (random: Random) => Buffer[]> = {
  [paths.read]: (random) => [readRequest(random)],
  [paths.append]: (random) => [
    options(field(1, identifier(name(random))), expected(random)), field(2, event(random)), field(2, event(random)),
  ],
  [paths.batchAppend]: (random) => [batch(random), batch(random)],
  [paths.delete]: (random) => [options(field(1, identifier(name(random))), expected(random))],
  [paths.tombstone]: (random) => [options(field(1, identifier(`t${random.below(20)}`)), expected(random))],
  [paths.appendSession]: (random) => [0, 1].map(() => message(field(1, name(random)), field(2, record(random)), field(3, random.number()))),
  [paths.appendRecords]: (random) => {
    const check = field(2, field(1, message(field(1, name(random)), field(2, random.number()))))
    return [message(field(1, record(random)), field(1, record(random)), check)]
  },
  [paths.features]: nothing,
  [paths.gossip]: nothing,
  ...Object.fromEntries(
    ['Create', 'Update', 'Delete', 'Disable', 'Enable', 'Details', 'ChangePassword', 'ResetPassword'].map((method) => [ofUsers(method), ofLogin])),
  [operations.startScavenge]: (random) => [options(field(1, random.number()), field(2, random.number()))],
  [operations.stopScavenge]: () => [options(field(1, 'id'))],
  [operations.mergeIndexes]: nothing,
  [operations.resignNode]: nothing,
  [operations.setNodePriority]: ofId,
  [operations.restartPersistentSubscriptions]: nothing,
  [operations.stats]: (random) => [message(field(1, 1), field(4, random.number()))],
  ...Object.fromEntries(['Reset', 'Snapshot', 'ClearFaults'].map((method) => [ofControl(method), nothing])),
  ...Object.fromEntries(['Restore', 'DropSnapshot', 'AdvanceClock', 'RemoveFault'].map((method) => [ofControl(method), ofId])),
}
/** On its own: the delays that it brings about may be long. */
function injectFault(random: Random): Buffer[] {
  const facts = [field(3, message(field(1, 'stream'), field(2, 'a'))), field(4, message(field(1, 'actual'), field(2, random.number())))]
  const failure = message(field(1, random.pick(['Unavailable', 'nothing', 'WrongExpectedVersion'])), field(2, 'words'), ...facts)
  const numbers = [3, 4, 5].map((number) => field(number, random.number()))
  return [message(field(1, random.below(5)), field(2, random.below(4)), ...numbers, field(6, failure))]
}

/** Messages as they come: proper ones, mutated ones, too many or none. */
function storm(random: Random, messages: Buffer[]): Buffer[] {
  const changed = messages.map((bytes) => {
    if (random.chance(0.2)) return bytes
    if (random.chance(0.05)) return random.bytes(random.below(40))
    return Array.from({ length: 1 + random.below(3) }).reduce<Buffer>((each) => mutate(random, each), bytes)
  })
  if (random.chance(0.03)) return [...changed, ...changed]
  return random.chance(0.02) ? [] : changed
}

/** Sends all messages and waits for the end; ends itself what would go on for ever, once it has begun. */
function finished(path: string, messages: Buffer[]): Promise<Answer> {
  const call = raw.open(path)
  const answer = answerOf(call)
  call.on('data', (bytes: Buffer) => {
    const isConfirmation = path === paths.read && bytes[0] === 0x12
    if (isConfirmation || path === operations.stats) call.cancel()
  })
  for (const each of messages) call.write(each)
  call.end()
  return answer
}

/** How often calls ended with each code. */
async function send(count: number, make: () => readonly [path: string, messages: Buffer[]]): Promise<Map<grpc.status, number>> {
  const codes = new Map<grpc.status, number>()
  const lost: string[] = []
  let left = count
  const sender = async () => {
    while (left-- > 0) {
      const [path, messages] = make()
      const { code, details } = await finished(path, messages)
      codes.set(code, (codes.get(code) ?? 0) + 1)
      const isLost = code === grpc.status.UNAVAILABLE || /RST_STREAM|stream closed/i.test(details)
      if (isLost) lost.push(`${path} ${messages.map((bytes) => bytes.toString('hex')).join(' ')}: ${details}`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender))
  expect(lost).toEqual([])
  return codes
}

describe(`messages that no proper client sends, seed ${seed}`, () => {
  const random = new Random(seed)
  const watched = `watched-${randomUUID()}`

  it('every call ends with a status, of all methods', async () => {
    const codes = await send(callCount, () => {
      const [path, make] = random.pick(Object.entries(methods))
      return [path, storm(random, make(random))]
    })
    // Some are done, some are refused, or nothing of worth was tried.
    for (const code of [grpc.status.OK, grpc.status.INTERNAL, grpc.status.INVALID_ARGUMENT, grpc.status.UNKNOWN, grpc.status.NOT_FOUND]) {
      expect(codes.get(code), grpc.status[code]).toBeGreaterThan(callCount / 200)
    }
  }, 600_000)

  it('faults that nobody would inject are refused, or taken back', async () => {
    await send(callCount / 20, () => [ofControl('InjectFault'), storm(random, injectFault(random))])
    expect(await raw.call(ofControl('ClearFaults'), NOTHING)).toMatchObject({ code: grpc.status.OK })
  })

  it('afterwards appends, reads and subscriptions work', async () => {
    const subscription = client.subscribeToStream(watched)
    const delivered = new Promise<string>((resolve, reject) => {
      subscription.on('data', ({ event: each }) => resolve(each!.type)).on('error', reject)
    })
    expect(await client.appendToStream(watched, jsonEvent({ type: 'well', data: {} }))).toMatchObject({ success: true, nextExpectedRevision: 0n })
    expect(await delivered).toBe('well')
    await subscription.unsubscribe()
    const types: string[] = []
    for await (const { event: each } of client.readStream(watched)) types.push(each!.type)
    expect(types).toEqual(['well'])
    expect(server.isAlive).toBe(true)
  })
})
