/** Calls by their bytes: what no proper client sends. */

import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'

/** A field of a protobuf message: text, bytes or a message; or a number. */
export function field(number: number, value: string | Uint8Array | bigint | number): Buffer {
  if (typeof value === 'bigint' || typeof value === 'number') return Buffer.concat([varint(BigInt(number) << 3n), varint(BigInt(value))])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes])
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 0x80 : low)
  } while (rest > 0n)
  return Buffer.from(bytes)
}

/** What a message holds, in order: numbers, or the bytes of texts and messages. */
export function fieldsOf(bytes: Buffer): (readonly [number: number, value: bigint | Buffer])[] {
  const fields: [number, bigint | Buffer][] = []
  let at = 0
  const next = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = next()
    const value = next()
    const isNumber = (tag & 7n) === 0n
    fields.push([Number(tag >> 3n), isNumber ? value : bytes.subarray(at, at + Number(value))])
    if (!isNumber) at += Number(value)
  }
  return fields
}

/** The number at the end of a path of fields; 0, which is not sent, when there is none. */
export function numberAt(bytes: Buffer, ...[number, ...inner]: readonly number[]): bigint {
  const [, value = 0n] = fieldsOf(bytes).find(([each]) => each === number) ?? []
  return typeof value === 'bigint' ? value : numberAt(value, ...inner)
}

/** The texts, bytes or messages of every field of that number, in order. */
export const contentsOf = (bytes: Buffer, number: number): Buffer[] =>
  fieldsOf(bytes).flatMap(([each, value]) => (each === number && typeof value !== 'bigint' ? [value] : []))

/** The text of that field; empty when there is none. */
export const textAt = (bytes: Buffer, number: number): string => contentsOf(bytes, number)[0]?.toString() ?? ''

export const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields)
export const NOTHING = Buffer.alloc(0)

/** How a call ended, and what came before. */
export interface Answer {
  readonly code: grpc.status
  readonly details: string
  readonly messages: Buffer[]
  /** Texts that came after the messages, by name. */
  readonly trailers: Record<string, string>
}

/** Who calls, `login:password`, the file with the authority of a server with TLS, and more options of the channel. */
export interface Caller {
  readonly user?: string
  readonly authority?: string
  readonly channel?: grpc.ChannelOptions
}

const pass = (bytes: Buffer) => bytes

/** A connection of its own. */
export class RawClient {
  private readonly client: grpc.Client
  private readonly metadata = new grpc.Metadata()

  constructor(port: number, { user, authority, channel = {} }: Caller = {}) {
    if (user !== undefined) this.metadata.set('authorization', `Basic ${Buffer.from(user).toString('base64')}`)
    const options = {
      'grpc.max_send_message_length': -1, 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': 'localhost', ...channel,
    }
    const credentials = authority === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(readFileSync(authority))
    this.client = new grpc.Client(`127.0.0.1:${port}`, credentials, options)
  }

  /** A call to which messages can be written one by one; all four kinds of calls look the same on the wire. */
  open(path: string, options: grpc.CallOptions = {}): grpc.ClientDuplexStream<Buffer, Buffer> {
    return this.client.makeBidiStreamRequest(path, pass, pass, this.metadata, options)
  }

  /** Sends all messages and waits for the end. */
  async call(path: string, ...messages: Buffer[]): Promise<Answer> {
    const call = this.open(path)
    const answer = answerOf(call)
    for (const each of messages) call.write(each)
    call.end()
    return answer
  }

  close(): void {
    this.client.close()
  }
}

/** What comes until the call has ended. */
export function answerOf(call: grpc.ClientDuplexStream<Buffer, Buffer>): Promise<Answer> {
  return new Promise((resolve) => {
    const messages: Buffer[] = []
    call.on('data', (bytes: Buffer) => messages.push(bytes))
    call.on('error', () => undefined)
    call.on('status', ({ code, details, metadata }: grpc.StatusObject) => {
      const trailers = Object.fromEntries(Object.entries(metadata.getMap()).map(([name, text]) => [name, String(text)]))
      resolve({ code, details, messages, trailers })
    })
  })
}

export const paths = {
  read: '/event_store.client.streams.Streams/Read',
  append: '/event_store.client.streams.Streams/Append',
  batchAppend: '/event_store.client.streams.Streams/BatchAppend',
  delete: '/event_store.client.streams.Streams/Delete',
  tombstone: '/event_store.client.streams.Streams/Tombstone',
  appendSession: '/kurrentdb.protocol.v2.streams.StreamsService/AppendSession',
  appendRecords: '/kurrentdb.protocol.v2.streams.StreamsService/AppendRecords',
  features: '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
  gossip: '/event_store.client.gossip.Gossip/Read',
  createUser: '/event_store.client.users.Users/Create',
  userDetails: '/event_store.client.users.Users/Details',
} as const

/** What the operator of a node asks of it: one of them ends it. */
export const operations = {
  startScavenge: '/event_store.client.operations.Operations/StartScavenge',
  stopScavenge: '/event_store.client.operations.Operations/StopScavenge',
  shutdown: '/event_store.client.operations.Operations/Shutdown',
  mergeIndexes: '/event_store.client.operations.Operations/MergeIndexes',
  resignNode: '/event_store.client.operations.Operations/ResignNode',
  setNodePriority: '/event_store.client.operations.Operations/SetNodePriority',
  restartPersistentSubscriptions: '/event_store.client.operations.Operations/RestartPersistentSubscriptions',
  stats: '/event_store.client.monitoring.Monitoring/Stats',
} as const

// Messages of the first protocol
export const identifier = (name: string | Uint8Array) => field(3, name)
export const uuid = (high: bigint, low: bigint) => field(1, message(field(1, high), field(2, low)))
const entry = (key: string, value: string | Uint8Array) => message(field(1, key), field(2, value))
/** Of an Append: options, then events. `expected` 4 is "any". */
export const appendOptions = (stream: string | Uint8Array, expected: Buffer = field(4, NOTHING)) =>
  field(1, message(field(1, identifier(stream)), expected))
export interface EventFields {
  readonly id?: Buffer
  readonly type?: string | Uint8Array
  readonly contentType?: string
  readonly data?: string | Uint8Array
}
let ids = 0n
/** A proposed message without its tag. */
export const proposed = ({ id = uuid(1n, ++ids), type = 'happened', contentType = 'application/json', data = '{}' }: EventFields = {}) =>
  message(field(1, id), field(2, entry('type', type)), field(2, entry('content-type', contentType)), field(4, data))
export const appendEvent = (fields: EventFields = {}) => field(2, proposed(fields))

/** A read of a stream forwards from its start. */
export const readOptions = (stream: string | Uint8Array, ...rest: Buffer[]) =>
  field(1, message(field(1, message(field(1, identifier(stream)), field(3, NOTHING))), field(8, NOTHING), field(9, field(1, NOTHING)), ...rest))
export const counted = (count: bigint | number) => field(5, count)
export const subscribed = field(6, NOTHING)

/** A part of a batch, told by its correlation id: options, events and perhaps the word that it was the last. */
export const batchPart = (id: bigint, stream: string, events: readonly Buffer[], isFinal: boolean) =>
  message(field(1, uuid(7n, id)), field(2, message(field(1, identifier(stream)), field(4, NOTHING))),
    ...events.map((each) => field(3, each)), field(4, isFinal ? 1 : 0))

/** Of `kurrentlite.Control`: the first call of that operation (0 append, 1 read, 2 delete, 3 subscribe) waits. */
export const delayed = (operation: number, milliseconds: number, times = 1) =>
  message(field(1, operation), field(2, 2), field(4, times), field(5, milliseconds))
export const injectFault = '/kurrentlite.Control/InjectFault'
