import { Tag, type ShapeList } from './tags'

const NOTHING = new Uint8Array()

/**
 * Reads values from tags and text by plain assignment: the policy of a page may bar `eval`, and nothing of it is needed.
 * Trusts both, which the core has checked.
 */
export class ShapeDecoder {
  private bytes: Uint8Array = NOTHING
  private at = 0
  private text = ''
  private from = 0

  constructor(private readonly shapes: ShapeList) {}

  /** What follows reads from the tags at `at` in `bytes`. */
  readTags(bytes: Uint8Array, at: number): void {
    this.bytes = bytes
    this.at = at
  }

  /** What follows cuts its strings from the beginning of `text`. */
  readText(text: string): void {
    this.text = text
    this.from = 0
  }

  value(): unknown {
    const { bytes } = this
    const tag = bytes[this.at++]!
    if (tag < Tag.Text) return this.cut(tag)
    switch (tag) {
      case Tag.Text:
        return this.cut(this.u32())
      case Tag.Json:
        return JSON.parse(this.cut(this.u32()))
      case Tag.Number:
        return +this.cut(bytes[this.at++]!)
      case Tag.Null:
        return null
      case Tag.False:
        return false
      case Tag.True:
        return true
      case Tag.Unsigned8:
        return bytes[this.at++]!
      case Tag.Unsigned16:
        return bytes[this.at++]! | (bytes[this.at++]! << 8)
      case Tag.Signed32:
        return this.i32()
      case Tag.Hundredths:
        return this.i32() / 100
      case Tag.Object: {
        const keys = this.shapes.keys(bytes[this.at++]! | (bytes[this.at++]! << 8))
        const object: Record<string, unknown> = {}
        for (let i = 0; i < keys.length; i++) object[keys[i]!] = this.value()
        return object
      }
      default: {
        const count = this.u32()
        const array: unknown[] = []
        for (let i = 0; i < count; i++) array.push(this.value())
        return array
      }
    }
  }

  private cut(units: number): string {
    const { from } = this
    return this.text.substring(from, (this.from = from + units))
  }

  private u32(): number {
    return this.i32() >>> 0
  }

  private i32(): number {
    const { bytes, at } = this
    this.at = at + 4
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }
}
