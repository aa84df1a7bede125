/** Seeded changes of messages: what no client sends, and the same in every run. */

import { field } from './wire'

/** Numbers from a seed (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** An integer from 0 to below `bound`. */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }

  /** Mostly small, now and then as large as it gets. */
  number(): bigint {
    return this.chance(0.8) ? BigInt(this.below(6)) : this.pick([2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 32n, 2n ** 32n - 1n, 2n ** 31n])
  }
}

/** Where a field of a message begins, where its content does, and where it ends. */
interface Part {
  readonly number: number
  readonly begin: number
  readonly content: number
  readonly end: number
  readonly isDelimited: boolean
}

/** The fields of a message as far as they can be told. */
function partsOf(bytes: Buffer): Part[] {
  const parts: Part[] = []
  let at = 0
  const varint = (): number | undefined => {
    let value = 0
    for (let factor = 1; at < bytes.length && factor < 2 ** 49; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const begin = at
    const tag = varint()
    if (tag === undefined) break
    const kind = tag % 8
    const value = kind === 0 || kind === 2 ? varint() : 0
    if (value === undefined) break
    const content = at
    at += kind === 2 ? value : kind === 1 ? 8 : kind === 5 ? 4 : 0
    if (at > bytes.length) break
    parts.push({ number: Math.floor(tag / 8), begin, content, end: at, isDelimited: kind === 2 })
  }
  return parts
}

/** Changes single bytes, or whole fields however deep. */
export function mutate(random: Random, bytes: Buffer, depth = 0): Buffer {
  const parts = partsOf(bytes)
  if (parts.length === 0 || random.chance(0.3)) return withBytesChanged(random, bytes)
  const part = random.pick(parts)
  const [before, whole, after] = [bytes.subarray(0, part.begin), bytes.subarray(part.begin, part.end), bytes.subarray(part.end)]
  if (part.isDelimited && depth < 8 && random.chance(0.65)) {
    const content = mutate(random, bytes.subarray(part.content, part.end), depth + 1)
    return Buffer.concat([before, field(part.number, content), after])
  }
  switch (random.below(6)) {
    case 0: return Buffer.concat([before, after])
    case 1: return Buffer.concat([before, whole, whole, after])
    case 2: return Buffer.concat([before, after, whole])
    case 3: return Buffer.concat([before, field(part.number, random.number()), after])
    case 4: return Buffer.concat([before, field(1 + random.below(300), random.bytes(random.below(8))), whole, after])
    default: return Buffer.concat([before, field(part.number, random.pick([Buffer.alloc(3_000, 0x61), Buffer.from([0xff, 0xc0]), random.bytes(9)])), after])
  }
}

function withBytesChanged(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (random.below(5)) {
    case 0: return Buffer.concat([before, random.bytes(1), after.subarray(1)])
    case 1: return before
    case 2: return Buffer.concat([before, random.bytes(1 + random.below(12)), after])
    case 3: return Buffer.concat([before, Buffer.alloc(1 + random.below(11), 0xff), after])
    default: return Buffer.concat([before, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, random.below(16)]), after])
  }
}
