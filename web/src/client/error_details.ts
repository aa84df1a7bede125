/** Reads what the v2 protocol tells of a failure: a `google.rpc.Status` in a binary trailer. */

import { textDecoder } from '../wasm/environment'
import { type Failure, trailersOf } from './error_base'
import type {
  AppendConsistencyViolationDetails,
  AppendRecordSizeExceededDetails,
  RevisionConflictDetails,
  StreamDetails,
  TransactionSizeExceededDetails,
} from './types/error_details'

/** The details of one failure: the name of their type, and a reader for each type. */
export interface StatusDetails {
  readonly name: string
  stream(): StreamDetails
  revisionConflict(): RevisionConflictDetails
  recordSize(): AppendRecordSizeExceededDetails
  transactionSize(): TransactionSizeExceededDetails
  consistencyViolation(): AppendConsistencyViolationDetails
}

/** The details in the trailers of `error`; undefined when there are none. */
export function statusDetails(error: Failure): StatusDetails | undefined {
  const bytes = trailersOf(error)['grpc-status-details-bin']
  if (!ArrayBuffer.isView(bytes)) return undefined
  const any = message(message(bytes as Uint8Array).bytes(3))
  const value = message(any.bytes(2))
  return {
    name: any.text(1).replace(/.*[./]/, ''),
    stream: () => ({ stream: value.text(1) }),
    revisionConflict: () => ({
      stream: value.text(1),
      expectedRevision: value.signed(2),
      actualRevision: value.signed(3),
    }),
    recordSize: () => ({
      stream: value.text(1),
      recordId: value.text(2),
      size: value.number(3),
      maxSize: value.number(4),
    }),
    transactionSize: () => ({ size: value.number(1), maxSize: value.number(2) }),
    consistencyViolation: () => ({
      violationsList: value.messages(1).map((violation) => {
        const state = message(violation.bytes(2))
        return {
          checkIndex: violation.number(1),
          streamState: { stream: state.text(1), expectedState: state.signed(2), actualState: state.signed(3) },
        }
      }),
    }),
  }
}

type Field = bigint | Uint8Array

interface Message {
  messages(field: number): Message[]
  bytes(field: number): Uint8Array
  text(field: number): string
  number(field: number): number
  /** Zigzag: the sign is the lowest bit. */
  signed(field: number): string
}

/** A protobuf message by the numbers of its fields. What is cut off or of another kind reads as absent: it is foreign data. */
function message(bytes: Uint8Array): Message {
  const fields = new Map<number, Field[]>()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) break
    }
    return BigInt.asUintN(64, value)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const kind = tag & 7
    let field: Field = 0n
    if (kind === 0) field = varint()
    else if (kind === 2) {
      const length = Number(varint())
      field = bytes.subarray(at, (at += length))
    } else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else break
    const known = fields.get(tag >>> 3)
    if (known) known.push(field)
    else fields.set(tag >>> 3, [field])
  }
  const all = (field: number) => fields.get(field) ?? []
  const integer = (field: number) => {
    const last = all(field).at(-1)
    return typeof last === 'bigint' ? last : 0n
  }
  const part = (field: number) => {
    const last = all(field).at(-1)
    return last === undefined || typeof last === 'bigint' ? new Uint8Array() : last
  }
  return {
    messages: (field: number) => all(field).filter((each) => typeof each !== 'bigint').map(message),
    bytes: part,
    text: (field: number) => textDecoder.decode(part(field)),
    number: (field: number) => Number(BigInt.asIntN(32, integer(field))),
    signed: (field: number) => String((integer(field) >> 1n) ^ -(integer(field) & 1n)),
  }
}
