/** Values as programs hand them to `JSON.stringify`, odd ones included, drawn from a seed. */
export interface RandomValues {
  pick<T>(from: readonly T[]): T
  value(): unknown
}

export function randomOf(seed: number): RandomValues {
  let state = seed >>> 0
  /** Below `count`; mulberry32. */
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }
  const pick = <T>(from: readonly T[]) => from[below(from.length)]!
  const keys = ['id', 'name', 'total', 'a', 'b', 'c', 'ä', '1', '02', '7', '', '__proto__', 'constructor', 'toJSON?', 'x y', '"', '\\u00e4']
  const pieces = ['a', 'bc', 'ä', '€', '😀', '\ud83d', '\ude00', '\0', '\n', '"', '\\', '\u2028', '\ufeff', ' ', '{}', 'x'.repeat(150)]
  const numbers = [0, -0, 1, -1, 127, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.1, 0.25, 12.34,
    -99.99, 1.005, 1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER, NaN, Infinity, 21_474_836.47, 1 / 3]
  const text = () => Array.from({ length: below(4) }, () => pick(pieces)).join('')
  const scalars: (() => unknown)[] = [
    () => pick(numbers), () => below(100_000) / 100, () => below(1000), text, text, () => null, () => true, () => false,
    () => undefined, () => new Date(below(1e9)), () => () => 1, () => Symbol('s'), () => new Map([[1, 2]]), () => new Number(3),
    () => ({ toJSON: (key: string) => ({ key }) }), () => ({ toJSON: () => undefined }), () => new (class Point { x = 1; y = text() })(),
  ]
  const value = (depth: number): unknown => {
    const kind = below(10)
    if (depth > 4 || kind < 4) return pick(scalars)()
    if (kind < 6) return Array.from({ length: below(4) }, () => value(depth + 1))
    const object = (kind === 9 ? Object.create(null) : {}) as Record<string, unknown>
    for (let i = below(6); i > 0; i--) {
      const key = below(12) === 0 ? text() : pick(keys)
      Object.defineProperty(object, key, { value: value(depth + 1), enumerable: below(20) > 0, configurable: true, writable: true })
    }
    if (below(30) === 0) {
      const kept = value(5)
      Object.defineProperty(object, 'got', { get: () => kept, enumerable: true })
    }
    return object
  }
  // Most of a type look alike.
  const regular = () => ({
    id: `order-${below(1000)}`, customer: { name: text(), loyal: below(2) === 0 }, total: below(100_000) / 100,
    lines: Array.from({ length: below(3) }, () => ({ sku: text(), count: below(300) })), ...(below(3) === 0 && { note: text() }),
  })
  return { pick, value: () => (below(3) === 0 ? regular() : value(0)) }
}
