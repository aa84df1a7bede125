/** Event ids: UUIDs as text and as bytes. */

import { randomBytes16 } from './environment'
import { failure } from './failure'

/** Writes the bytes of `id`, of a new one when there is none. Throws CoreError when it is no UUID, or the one of zeros. */
export function writeId(heap: Uint8Array, at: number, id: string | undefined): void {
  if (id === undefined) {
    heap.set(randomId(), at)
    return
  }
  let seen = 0
  let digit = 0
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) seen |= id[digit++] === '-' ? 0 : NO_DIGIT
    const high = DIGITS[id.charCodeAt(digit)] ?? NO_DIGIT
    const low = DIGITS[id.charCodeAt(digit + 1)] ?? NO_DIGIT
    seen |= high | low
    heap[at + i] = (high << 4) | low
    digit += 2
  }
  if (seen > 15 || id.length !== 36) throw failure('InvalidArgument', `The event id "${id}" is no UUID.`)
  if (seen === 0) throw failure('InvalidArgument', 'The event id must not be the UUID of zeros.')
}

const NO_DIGIT = 16
/** Hexadecimal digits by their character codes. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(value) ? NO_DIGIT : value
})

/** The bytes of a random (version 4) UUID; good until the next call. */
function randomId(): Uint8Array {
  const bytes = randomBytes16()
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

/** A random (version 4) UUID as text. */
export function newEventId(): string {
  return uuidText(randomId(), 0)
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function uuidText(heap: Uint8Array, at: number): string {
  const h = (i: number) => HEX[heap[at + i]!]!
  return (
    h(0) + h(1) + h(2) + h(3) + '-' + h(4) + h(5) + '-' + h(6) + h(7) + '-' + h(8) + h(9) + '-' +
    h(10) + h(11) + h(12) + h(13) + h(14) + h(15)
  )
}
