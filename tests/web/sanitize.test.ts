import { describe, expect, it } from 'vitest'
import { ConfigError, sanitize, type SanitizeRules, ValidationError } from '../../web/src/services'

/** Of one value: what became of it, and by which rules. */
const outcome = (value: unknown, rules: SanitizeRules | true) => {
  const { value: clean, report } = sanitize(value, rules)
  return [clean, report.map(({ path, rule }) => `${path} ${rule}`)]
}

function thrownBy<E>(act: () => unknown): E {
  try {
    act()
  } catch (thrown) {
    return thrown as E
  }
  throw new Error('nothing was thrown')
}

describe('rules for texts', () => {
  it.each<[string, string, string, SanitizeRules, string[]]>([
    ['trim', ' \u00a0a b\n\ufeff', 'a b', { trim: true }, ['trim']],
    ['collapse', 'a \t b\r\n\n c', 'a b\nc', { collapseWhitespace: true }, ['collapseWhitespace']],
    ['NFC', 'Zoe\u0308', 'Zoë', { normalize: true }, ['normalize']],
    ['NFKC', 'ｆｕｌｌ ①', 'full 1', { normalize: 'NFKC' }, ['normalize']],
    ['control characters', 'a\u0000\tb\u009f\u007f\n', 'a\tb\n', { stripControl: true }, ['stripControl']],
    ['carriage returns', 'a\r\nb\rc', 'a\nb\nc', { stripControl: true }, ['stripControl']],
    ['those to keep', 'a\r\nb\tc', 'a\rbc', { stripControl: { keep: '\r' } }, ['stripControl']],
    ['direction', 'user\u202egnp.exe\u2066', 'usergnp.exe', { stripBidi: true }, ['stripBidi']],
    ['a text too long', 'abcdef', 'abc', { maxTextLength: { limit: 3, then: 'truncate' } }, ['maxTextLength']],
    ['a pair cut in two', 'ab😀', 'ab', { maxTextLength: { limit: 3, then: 'truncate' } }, ['maxTextLength']],
    ['a cut before a blank', 'ab cd', 'ab', { trim: true, maxTextLength: { limit: 3, then: 'truncate' } }, ['maxTextLength']],
    ['a control character before a mark', 'e\u0000\u0308', 'ë', { stripControl: true, normalize: 'NFC' }, ['stripControl', 'normalize']],
    ['a compatibility blank at the end', 'a\u2003', 'a', { normalize: 'NFKC', trim: true }, ['normalize', 'trim']],
  ])('%s', (_what, given, wanted, rules, applied) => {
    expect(outcome(given, rules)).toEqual([wanted, applied.map((rule) => `data ${rule}`)])
    expect(outcome({ list: [0, given] }, rules)).toEqual([{ list: [0, wanted] }, applied.map((rule) => `data.list[1] ${rule}`)])
  })

  it('leave each other alone: what is not named does not happen', () => {
    const text = ' \u0000Zoe\u0308\u202e \t '
    expect(sanitize(text, {})).toEqual({ value: text, report: [] })
    expect(sanitize(text, { trim: false, normalize: false, stripControl: false })).toEqual({ value: text, report: [] })
  })

  it('true is trim, NFC, control characters and prototype keys', () => {
    const given = JSON.parse('{"a":" Zoe\\u0308\\u0000 ","constructor":1,"n":1.5,"none":null}')
    expect(outcome(given, true)).toEqual([
      { a: 'Zoë', n: 1.5, none: null },
      ['data.a stripControl', 'data.a normalize', 'data.a trim', 'data.constructor dropPrototypeKeys'],
    ])
  })
})

describe('rules for structure', () => {
  it('prototype keys are dropped wherever they are, and nothing else is reached', () => {
    const given = JSON.parse('{"__proto__":{"x":1},"a":[{"prototype":1,"b":{"constructor":2,"c":3}}]}')
    const { value, report } = sanitize(given, { dropPrototypeKeys: true })
    expect(JSON.stringify(value)).toBe('{"a":[{"b":{"c":3}}]}')
    expect(report.map(({ path }) => path)).toEqual(['data.__proto__', 'data.a[0].prototype', 'data.a[0].b.constructor'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('a __proto__ key that is not dropped stays a key in the copy', () => {
    const { value } = sanitize(JSON.parse('{"__proto__":{"x":" 1 "}}'), { trim: true })
    expect(JSON.stringify(value)).toBe('{"__proto__":{"x":"1"}}')
    expect((value as { x?: unknown }).x).toBeUndefined()
  })

  it('depth, items and keys are cut', () => {
    const given = { a: { b: { c: 1 } }, list: [1, 2, 3], z: 1 }
    expect(outcome(given, { maxDepth: { limit: 2, then: 'truncate' } })).toEqual([
      { a: { b: null }, list: [1, 2, 3], z: 1 },
      ['data.a.b maxDepth'],
    ])
    expect(outcome(given, { maxItems: { limit: 2, then: 'truncate' } })).toEqual([
      { ...given, list: [1, 2] },
      ['data.list maxItems'],
    ])
    expect(outcome(given, { maxKeys: { limit: 2, then: 'truncate' } })).toEqual([
      { a: { b: { c: 1 } }, list: [1, 2, 3] },
      ['data maxKeys'],
    ])
  })

  it('a limit that rejects names every place at once', () => {
    const given = { a: 'long text', b: [1, 2, 3], c: { d: { e: 'another' } } }
    const failure = thrownBy<ValidationError>(() => sanitize(given, { maxTextLength: 4, maxItems: 2, maxDepth: 2 }))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.violations.map(({ field }) => field)).toEqual(['data.a', 'data.b', 'data.c.d'])
    expect(failure.message).not.toContain('long text')
  })

  it('redacts by name and by path', () => {
    const given = {
      password: 'p',
      user: { Password: { hash: 1 }, name: 'Ann', passwords: 1, card: 'kept' },
      items: [{ card: 1, note: 'x' }, { card: null }, { card: '2' }],
      'a.b': { secret: 'y' },
    }
    const { value, report } = sanitize(given, { redact: ['password', 'data.items[*].card', '/data/a.b/secret'], redactWith: '***' })
    expect(value).toEqual({
      password: '***',
      user: { Password: '***', name: 'Ann', passwords: 1, card: 'kept' },
      items: [{ card: '***', note: 'x' }, { card: null }, { card: '***' }],
      'a.b': { secret: '***' },
    })
    expect(report.map(({ path }) => path)).toEqual([
      'data.password',
      'data.user.Password',
      'data.items[0].card',
      'data.items[2].card',
      'data.a.b.secret',
    ])
    expect(JSON.stringify(report)).not.toContain('"p"')
    expect(sanitize({ items: [{ card: 1 }, { card: 2 }] }, { redact: ['data.items[1].card'] }).value).toEqual({
      items: [{ card: 1 }, { card: '[redacted]' }],
    })
  })

  it('looks at what JSON would hold', () => {
    const when = new Date(0)
    const given = { when, own: { toJSON: () => ({ text: ' a ' }) }, boxed: new String(' b '), map: new Map([[' x ', ' y ']]) }
    const { value, report } = sanitize(given, { trim: true })
    expect(JSON.parse(JSON.stringify(value))).toEqual({ when: when.toJSON(), own: { text: 'a' }, boxed: 'b', map: {} })
    expect(value.when).toBe(when)
    expect(report.map(({ path }) => path)).toEqual(['data.own.text', 'data.boxed'])
  })

  it('goes as deep as the data, without a stack', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}" a "${']'.repeat(50_000)}`)
    const { value, report } = sanitize(deep, { trim: true })
    expect(report).toHaveLength(1)
    expect(report[0]!.path).toHaveLength('data'.length + 50_000 * '[0]'.length)
    let at: unknown = value
    while (Array.isArray(at)) at = at[0]
    expect(at).toBe('a')
  })

  it('leaves cycles to whoever writes the JSON', () => {
    const cyclic: Record<string, unknown> = { text: ' a ' }
    cyclic.self = cyclic
    const { value } = sanitize(cyclic, { trim: true })
    expect(value.text).toBe('a')
    expect(value.self).toBe(cyclic)
    expect(thrownBy<ValidationError>(() => sanitize(endless(), { trim: true }))).toMatchObject({ field: 'data' })
  })
})

/** Its JSON has no end. */
const endless = (): object => ({ next: { toJSON: endless } })

describe('bad rules', () => {
  it.each<[string, any, string]>([
    ['an unknown rule', { triim: true }, 'sanitize.triim'],
    ['a flag that is none', { trim: 'yes' }, 'sanitize.trim'],
    ['a form that is none', { normalize: 'nfc' }, 'sanitize.normalize'],
    ['a limit below 0', { maxDepth: -1 }, 'sanitize.maxDepth'],
    ['a limit without what to do', { maxDepth: { limit: 3 } }, 'sanitize.maxDepth'],
    ['a path that leads elsewhere', { redact: ['password', 'user.name'] }, 'sanitize.redact[1]'],
    ['a broken path', { redact: ['data.items[x'] }, 'sanitize.redact[0]'],
    ['nothing', null, 'sanitize'],
  ])('%s', (_what, rules, field) => {
    const failure = thrownBy<ConfigError>(() => sanitize({}, rules))
    expect(failure).toBeInstanceOf(ConfigError)
    expect(failure.violations[0]).toMatchObject({ field })
  })
})

/** Draws from a seed, the same on every machine. */
function generator(seed: number) {
  let state = seed
  const below = (n: number): number => {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) | 0
    return ((state ^ (state >>> 14)) >>> 0) % n
  }
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const pieces = [' ', '\t', '\n', '\r', '\u0000', '\u0085', 'a', 'Z', 'e\u0308', '\u0308', 'ﬁ', '\u2003', '😀', '\u202e', '\ufeff', '각', 'ᄀ', '한']
  const text = (): string => Array.from({ length: below(7) }, () => pick(pieces)).join('')
  const keys = ['a', 'b', 'password', 'items', '__proto__', 'constructor', 'x.y']
  const value = (depth: number): unknown => {
    const kind = below(depth > 4 ? 5 : 9)
    if (kind < 2) return text()
    if (kind < 5) return pick([null, true, 0, -1.5, undefined])
    if (kind < 7) return Array.from({ length: below(4) }, () => value(depth + 1))
    const made = {}
    for (let i = below(4); i > 0; i -= 1) {
      Object.defineProperty(made, pick(keys), { value: value(depth + 1), enumerable: true, configurable: true, writable: true })
    }
    return made
  }
  const then = pick(['truncate'] as const)
  const rules = (): SanitizeRules => ({
    ...(below(2) && { trim: true }),
    ...(below(2) && { collapseWhitespace: true }),
    ...(below(2) && { normalize: pick(['NFC', 'NFKC'] as const) }),
    ...(below(2) && { stripControl: pick([true, { keep: '\r' }]) }),
    ...(below(2) && { stripBidi: true }),
    ...(below(2) && { dropPrototypeKeys: true }),
    ...(below(3) === 0 && { maxDepth: { limit: below(4), then } }),
    ...(below(3) === 0 && { maxTextLength: { limit: below(5), then } }),
    ...(below(3) === 0 && { maxItems: { limit: below(3), then } }),
    ...(below(3) === 0 && { maxKeys: { limit: below(3), then } }),
    ...(below(2) && { redact: ['PASSWORD', 'data.items[*].a'], redactWith: pick(['[redacted]', ' x ']) }),
  })
  return { value: () => value(0), rules }
}

describe('whatever is given', () => {
  it('doing it twice is doing it once, nothing given is changed, and a report means a change', () => {
    const draw = generator(7)
    let changed = 0
    for (let i = 0; i < 4_000; i += 1) {
      const [given, rules] = [draw.value(), draw.rules()]
      const before = JSON.stringify(given)
      freeze(given)
      const { value, report } = sanitize(given, rules)
      const again = sanitize(value, rules)
      const what = `${before} by ${JSON.stringify(rules)}`
      expect(again.report, what).toEqual([])
      expect(again.value, what).toBe(value)
      expect(JSON.stringify(given)).toBe(before)
      expect(value === given, what).toBe(report.length === 0)
      if (report.length > 0) changed += 1
    }
    expect(changed).toBeGreaterThan(1_000)
  })
})

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const key of Object.keys(value)) freeze((value as Record<string, unknown>)[key])
}
