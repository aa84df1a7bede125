import { Learning, Place } from './places'
import { DEPTH_MAX, Tag, type ShapeList } from './tags'

/** Where tags and strings go. */
export interface CodeSink {
  /** At least ROOM bytes are free behind `at` when a value begins. Perhaps another array after `toJSON` or a getter ran. */
  bytes: Uint8Array
  at: number
  readonly parts: string[]
  partCount: number
  units: number
}

/** A value whose tags take more than this, a last object apart, is not for shape code. */
const TAGS_MAX = 32_768
export const ROOM = TAGS_MAX + 1024

/**
 * Writes values as shape code, and learns their shapes. What is read back equals `JSON.parse(JSON.stringify(value))`; what
 * cannot be written so that it does is left to `JSON.stringify`.
 */
export class ShapeEncoder {
  private readonly learning: Learning
  private readonly data = new Map<string, Place>()
  private readonly metadata = new Map<string, Place>()
  private sink!: CodeSink
  private limit = 0
  private isOdd = false
  private isBusy = false

  constructor(readonly shapes: ShapeList) {
    this.learning = new Learning(shapes)
  }

  /**
   * Writes the tags of `value`, data or metadata of an event of type `type`, behind the u16 of their size. False, with
   * nothing written, when it is to be JSON text. Throws what getters and `toJSON` throw.
   */
  write(value: unknown, type: string, isData: boolean, sink: CodeSink): boolean {
    // From within a getter or `toJSON`.
    if (this.isBusy || hasInheritedKeys()) return false
    this.isBusy = true
    const { at, units } = sink
    const { partCount } = sink
    this.sink = sink
    this.limit = at + TAGS_MAX
    this.isOdd = false
    let isWritten = false
    try {
      sink.at += 2
      const places = isData ? this.data : this.metadata
      let place = places.get(type)
      if (place === undefined) {
        // Types without end are no types.
        if (places.size >= 1024) return false
        places.set(type, (place = new Place()))
      }
      isWritten = this.value(value, place, '', 0) && !this.isOdd && sink.at <= this.limit
    } finally {
      this.isBusy = false
      if (!isWritten) {
        sink.at = at
        sink.units = units
        sink.partCount = partCount
      }
    }
    if (isWritten) {
      const size = sink.at - at - 2
      sink.bytes[at] = size & 255
      sink.bytes[at + 1] = size >> 8
    }
    return isWritten
  }

  /** False when JSON has nothing for it. */
  private value(given: unknown, place: Place, key: string | number, depth: number): boolean {
    const { sink } = this
    switch (typeof given) {
      case 'string':
        this.text(given)
        return true
      case 'number':
        this.number(given)
        return true
      case 'boolean':
        sink.bytes[sink.at++] = given ? Tag.True : Tag.False
        return true
      case 'object':
        return this.objectOrNull(given, place, key, depth)
      case 'undefined':
      case 'symbol':
        return false
      default: {
        // Functions are objects, and may have a `toJSON`; BigInt has none but one that somebody gave it.
        if (typeof given === 'bigint' || (given as { toJSON?: unknown }).toJSON !== undefined) this.isOdd = true
        return false
      }
    }
  }

  private objectOrNull(given: object | null, place: Place, key: string | number, depth: number): boolean {
    const { sink } = this
    if (given === null) {
      sink.bytes[sink.at++] = Tag.Null
      return true
    }
    const { toJSON } = given as { toJSON?: unknown }
    if (typeof toJSON === 'function') {
      const other: unknown = toJSON.call(given, `${key}`)
      if (typeof other !== 'object' || other === null) return this.value(other, place, key, depth)
      // It is not asked again; if parts of it become JSON text, `JSON.stringify` would.
      if (typeof (other as { toJSON?: unknown }).toJSON === 'function') return this.odd()
      return this.objectOf(other, place, depth)
    }
    return this.objectOf(given, place, depth)
  }

  private objectOf(given: object, place: Place, depth: number): boolean {
    const { sink } = this
    if (depth >= DEPTH_MAX || sink.at > this.limit) return this.odd()
    if (Array.isArray(given)) return this.array(given, place.elements(), depth)
    const prototype: unknown = Object.getPrototypeOf(given)
    if (prototype !== Object.prototype && prototype !== null) return this.odd()
    return this.object(given as Record<string, unknown>, place, depth)
  }

  private odd(): boolean {
    this.isOdd = true
    return true
  }

  private object(given: Record<string, unknown>, place: Place, depth: number): boolean {
    if (place.isJson) return this.json(given)
    const { sink } = this
    const { at, units } = sink
    const { partCount } = sink
    sink.bytes[at] = Tag.Object
    sink.at = at + 3
    let node = place.root
    for (const key in given) {
      const next = node.next(key) ?? place.learn(node, key, this.learning)
      if (next === undefined) return this.giveUp(given, place, at, units, partCount)
      if (this.value(given[key], next.place, key, depth + 1)) node = next
      if (this.isOdd) return true
    }
    const shape = node.shape < 0 ? place.shapeOf(node, this.learning) : node.shape
    if (shape < 0) return this.giveUp(given, place, at, units, partCount)
    sink.bytes[at + 1] = shape & 255
    sink.bytes[at + 2] = shape >> 8
    return true
  }

  /** This object alone becomes JSON text. */
  private giveUp(given: object, place: Place, at: number, units: number, parts: number): boolean {
    const { sink } = this
    sink.at = at
    sink.units = units
    sink.partCount = parts
    place.fail()
    return this.json(given)
  }

  private array(given: readonly unknown[], place: Place, depth: number): boolean {
    const { sink } = this
    const { length } = given
    sink.bytes[sink.at] = Tag.Array
    this.u32(sink.at + 1, length)
    sink.at += 5
    for (let i = 0; i < length; i++) {
      if (!this.value(given[i], place, i, depth + 1)) sink.bytes[sink.at++] = Tag.Null
      if (this.isOdd || sink.at > this.limit) return this.odd()
    }
    return true
  }

  private json(given: object): boolean {
    const { sink } = this
    let text: string
    try {
      text = JSON.stringify(given)
    } catch {
      return this.odd() // to be told of the whole
    }
    sink.bytes[sink.at] = Tag.Json
    this.u32(sink.at + 1, text.length)
    sink.at += 5
    sink.parts[sink.partCount++] = text
    sink.units += text.length
    return true
  }

  private text(text: string): void {
    const { sink } = this
    const { length } = text
    if (length < Tag.Text) {
      sink.bytes[sink.at++] = length
    } else {
      sink.bytes[sink.at] = Tag.Text
      this.u32(sink.at + 1, length)
      sink.at += 5
    }
    sink.parts[sink.partCount++] = text
    sink.units += length
  }

  private number(value: number): void {
    const { sink } = this
    const { bytes } = sink
    // Also -0, which JSON does not know.
    if ((value | 0) === value) {
      if (value >= 0 && value < 256) {
        bytes[sink.at] = Tag.Unsigned8
        bytes[sink.at + 1] = value
        sink.at += 2
      } else if (value >= 0 && value < 65_536) {
        bytes[sink.at] = Tag.Unsigned16
        bytes[sink.at + 1] = value & 255
        bytes[sink.at + 2] = value >> 8
        sink.at += 3
      } else {
        bytes[sink.at] = Tag.Signed32
        this.u32(sink.at + 1, value)
        sink.at += 5
      }
      return
    }
    const hundredths = Math.round(value * 100)
    if ((hundredths | 0) === hundredths && hundredths / 100 === value) {
      bytes[sink.at] = Tag.Hundredths
      this.u32(sink.at + 1, hundredths)
      sink.at += 5
    } else if (value - value !== 0) {
      bytes[sink.at++] = Tag.Null
    } else {
      const text = `${value}`
      bytes[sink.at] = Tag.Number
      bytes[sink.at + 1] = text.length
      sink.at += 2
      sink.parts[sink.partCount++] = text
      sink.units += text.length
    }
  }

  private u32(at: number, value: number): void {
    const { bytes } = this.sink
    bytes[at] = value & 255
    bytes[at + 1] = (value >> 8) & 255
    bytes[at + 2] = (value >> 16) & 255
    bytes[at + 3] = (value >> 24) & 255
  }
}

/** Then `for … in` meets keys that JSON does not. */
function hasInheritedKeys(): boolean {
  for (const key in EMPTY) return key !== undefined
  return false
}
const EMPTY = {}
