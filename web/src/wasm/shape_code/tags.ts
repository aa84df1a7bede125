/** Tags of shape code; see src/engine/shape_code.hpp. Below `Text` a tag is the length of a string in UTF-16 units. */
export const enum Tag {
  Text = 192,
  Json = 193,
  Number = 194,
  Null = 195,
  False = 196,
  True = 197,
  Unsigned8 = 198,
  Unsigned16 = 199,
  Signed32 = 200,
  Hundredths = 201,
  Object = 202,
  Array = 203,
}

/** Bounds of src/engine/shapes.hpp and shape_code.hpp. */
export const KEYS_MAX = 64
export const KEY_BYTES_MAX = 72
export const DEPTH_MAX = 24

/** The shapes of one database by number; those of others are asked for when they are met. */
export interface ShapeSource {
  /** The keys, as a JSON array. */
  shape(number: number): string
  /** A number for keys, a JSON array; -1 when they cannot have one. */
  shapeNumber(keys: string): number
}

/** Lists of keys by number, each asked for once. */
export class ShapeList {
  private readonly lists: (readonly string[])[] = []

  constructor(readonly source: ShapeSource) {}

  keys(number: number): readonly string[] {
    return this.lists[number] ?? (this.lists[number] = JSON.parse(this.source.shape(number)) as string[])
  }

  /** The number of the shape with these keys; -1 when they cannot have one. */
  numberOf(keys: readonly string[]): number {
    const number = this.source.shapeNumber(JSON.stringify(keys))
    if (number >= 0) this.lists[number] = keys
    return number
  }
}
