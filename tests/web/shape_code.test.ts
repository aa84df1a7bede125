import { describe, expect, it } from 'vitest'
import { OutgoingEvents } from '../../web/src/wasm/outgoing_events'
import { ShapeDecoder } from '../../web/src/wasm/shape_code/decoder'
import { ROOM, ShapeEncoder } from '../../web/src/wasm/shape_code/encoder'
import { ShapeList } from '../../web/src/wasm/shape_code/tags'
import { randomOf } from './random_values'

/** Numbers for lists of keys, as the core gives them. */
function shapes(most = 65_535): ShapeList {
  const known: string[] = []
  return new ShapeList({
    shape: (number) => known[number]!,
    shapeNumber: (keys) => {
      const number = known.indexOf(keys)
      if (number >= 0) return number
      return known.length < most ? known.push(keys) - 1 : -1
    },
  })
}

class Codec {
  private readonly sink = { bytes: new Uint8Array(2 * ROOM), at: 0, parts: [] as string[], partCount: 0, units: 0 }
  readonly encoder: ShapeEncoder
  private readonly decoder: ShapeDecoder
  written = 0

  constructor(list = shapes()) {
    this.encoder = new ShapeEncoder(list)
    this.decoder = new ShapeDecoder(list)
  }

  /** What is read of `value`; what JSON reads where it is not for shape code. */
  through(value: unknown, type = 'type'): unknown {
    const { sink } = this
    sink.at = sink.partCount = sink.units = 0
    if (!this.encoder.write(value, type, true, sink)) {
      expect([sink.at, sink.partCount, sink.units]).toEqual([0, 0, 0])
      const text = JSON.stringify(value) as string | undefined
      return text === undefined ? undefined : JSON.parse(text)
    }
    this.written += 1
    expect(sink.at).toBe(2 + (sink.bytes[0]! | (sink.bytes[1]! << 8)))
    const text = sink.parts.slice(0, sink.partCount).join('')
    expect(text.length).toBe(sink.units)
    this.decoder.readTags(sink.bytes, 2)
    this.decoder.readText(text)
    return this.decoder.value()
  }
}

function byJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : JSON.parse(text)
}

/** Values, the order of keys, prototypes and -0 included. */
function expectSame(read: unknown, value: unknown): void {
  const wanted = byJson(value)
  expect(read).toStrictEqual(wanted)
  expect(JSON.stringify(read)).toBe(JSON.stringify(wanted))
}

describe('shape code', () => {
  it.each([
    ['numbers', [0, -0, 1, 255, 256, 65_535, 65_536, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.1, 0.01, 1.005, 12.34, -0.05,
      21_474_836.47, 21_474_836.48, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, NaN, Infinity, -Infinity]],
    ['strings', ['', 'a', 'x'.repeat(191), 'x'.repeat(192), 'x'.repeat(70_000), 'ä€😀', '\u0000\n"\\', '\ufeffb', '\ud83d']],
    ['nothing', [undefined, null, () => 1, Symbol('s'), [undefined, () => 1, Symbol('s')], { a: undefined, b: () => 1 }]],
    ['dates and the like', [new Date(0), { at: new Date(5) }, new Map([[1, 2]]), new Set([1]), /a/, new Number(5), new String('s'),
      new Boolean(false), new Uint8Array([1, 2]), Object.create(null), Object.create({ inherited: 1 }), new (class A { b = 1 })()]],
    ['keys', [{ 2: 'b', 1: 'a', c: 'c' }, JSON.parse('{"__proto__":{"x":1}}'), { 'ä': 1, 'with "quotes"': 2, '': 3, 'a\nb': 4 },
      { ['k'.repeat(100)]: 1 }, { '\ud83d': 1 }, { constructor: 1, toString: 2, hasOwnProperty: 3 }]],
    ['arrays', [[], [[]], [1, [2, [3]]], new Array(3), Object.assign([1], { extra: 2 }), Array.from({ length: 40_000 }, (_, i) => i)]],
  ])('keeps %s as JSON does', (_name, values) => {
    const codec = new Codec()
    for (const value of values) {
      expectSame(codec.through(value), value)
      expectSame(codec.through({ value }), { value })
      expectSame(codec.through([value, { value, after: 1 }]), [value, { value, after: 1 }])
    }
  })

  it('asks toJSON as JSON does', () => {
    const asked: [unknown, string][] = []
    const asking = (answer: unknown) => ({ toJSON(this: unknown, key: string) { asked.push([this, key]); return answer } })
    const text = asking('text')
    const object = asking({ a: 1, nested: { toJSON: () => 2 } })
    const never = asking({ toJSON: () => 'asked twice' })
    const callable = Object.assign(() => 1, { toJSON: () => 'called' })
    for (const value of [text, { text }, [text], object, { object }, [1, { object }], never, { never }, callable, { callable }, asking(undefined), [asking(undefined)]]) {
      const codec = new Codec()
      asked.length = 0
      const read = codec.through(value)
      const keys = asked.map(([, key]) => key)
      asked.length = 0
      expectSame(read, value)
      expect(new Set(asked.map(([, key]) => key))).toEqual(new Set(keys))
    }
  })

  it('throws what JSON throws', () => {
    const cycle: Record<string, unknown> = { a: 1 }
    cycle['self'] = { cycle }
    const list: unknown[] = [1]
    list.push(list)
    const bad = { get a() { throw new RangeError('no') } }
    for (const value of [cycle, { deep: [cycle] }, list, 1n, { big: 2n }, bad, [bad]]) {
      const thrown = (act: () => unknown) => { try { act() } catch (error) { return String(error) } return undefined }
      const codec = new Codec()
      expect(thrown(() => codec.through(value))).toBe(thrown(() => JSON.stringify(value)))
      expectSame(codec.through({ after: 1 }), { after: 1 })
    }
  })

  it('gives up on objects that differ too much, and on no others', () => {
    const codec = new Codec()
    for (let i = 0; i < 300; i++) {
      const value = { id: i, map: { [`key ${i}`]: i }, same: { a: i } }
      expectSame(codec.through(value), value)
    }
    for (let i = 0; i < 300; i++) {
      const value = { [`root ${i}`]: i }
      expectSame(codec.through(value), value)
    }
    expect(codec.written).toBe(600)
    const small = new Codec(shapes(3))
    for (let i = 0; i < 100; i++) expectSame(small.through({ [`k${i % 10}`]: { a: i } }), { [`k${i % 10}`]: { a: i } })
  })

  it('is not for keys that everything inherits', () => {
    const codec = new Codec()
    Object.defineProperty(Object.prototype, 'polluted', { value: 1, enumerable: true, configurable: true, writable: true })
    try {
      expectSame(codec.through({ a: 1 }), { a: 1 })
      expect(codec.written).toBe(0)
    } finally {
      delete (Object.prototype as { polluted?: unknown }).polluted
    }
  })

  it('is read as JSON is, whatever the value', () => {
    const random = randomOf(Number(process.env['KURRENTLITE_SEED'] ?? 20261124))
    const rounds = Number(process.env['KURRENTLITE_SHAPE_ROUNDS'] ?? 400)
    let written = 0
    for (let round = 0; round < rounds; round++) {
      const codec = new Codec(round % 4 === 0 ? shapes(5) : shapes())
      for (let i = 0; i < 50; i++) {
        const value = random.value()
        if (byJson(value) === undefined) continue
        const read = codec.through(value, random.pick(['a', 'b']))
        const wanted = byJson(value)
        if (JSON.stringify(read) !== JSON.stringify(wanted)) expectSame(read, value)
      }
      written += codec.written
    }
    expect(written).toBeGreaterThan(rounds * 10)
  }, 20_000 + Number(process.env['KURRENTLITE_SHAPE_ROUNDS'] ?? 0) * 10)
})

describe('events on their way', () => {
  const place = new ShapeEncoder(shapes())
  const heap = new Uint8Array(1 << 20)
  const make = (...values: unknown[]) => {
    const events = OutgoingEvents.with(place)
    for (const value of values) {
      events.begin(undefined, 'type')
      events.text('', false)
      if (!events.value(value, true)) events.text(JSON.stringify(value), true)
      events.end(true)
    }
    return events
  }
  const textOf = (events: OutgoingEvents) => {
    heap.fill(0)
    expect(events.write(heap, 8, 's', 'any')).toBe(true)
    return new TextDecoder().decode(heap).replace(/\0/g, '')
  }

  it('stay what they were while others cross', () => {
    const first = make({ a: 'first' })
    const second = make({ a: 'second' }, { a: 'third' })
    expect(textOf(make({ a: 'between' }))).toContain('between')
    expect(textOf(second)).toContain('secondtypethird')
    expect(textOf(first)).toContain('first')
  })

  it('become text again', () => {
    expect(textOf(make({ a: 'x', n: [1.5] }, 'text', { b: null }).asText())).toMatch(/type\{"a":"x","n":\[1\.5\]\}type"text"type\{"b":null\}/)
  })

  it('are written another way with half a character, even when two halves meet', () => {
    expect(make({ a: 'x'.repeat(300) + '\ud83d' }, { a: '\ude00' + 'x' }).write(heap, 8, 's', 'any')).toBe(false)
    expect(make({ a: '\ud83d' }, '\ude00').write(heap, 8, 's', 'any')).toBe(false)
    expect(textOf(make({ a: '\ud83d' }, '\ude00').asText())).toContain('{"a":"\\ud83d"}type"\\ude00"')
  })

  it('may be made while a value is asked for its JSON', () => {
    let inner = ''
    const value = { before: 'b', asking: { toJSON: () => ((inner = textOf(make({ inner: 'i' }))), 'answer') }, after: 'a'.repeat(400) }
    expect(textOf(make({ x: 1 }, value))).toContain('banswer' + 'a'.repeat(400))
    expect(inner).toContain('{"inner":"i"}')
  })
})
