import { describe, expect, test } from 'vitest'
import { findMistake, lineOf, parseJson, pathParts, tokenize } from '../../../web/src/vue/components/parts/json'

describe('what the JSON editor says', () => {
  test.for([
    ['{\n  "a": 1,\n}', 'Line 3: “}” stands where a name in double quotes should be.'],
    ['{"a" 1}', 'Line 1: “1” stands where a colon should be.'],
    ['[1 2]', 'Line 1: “2” stands where a comma or the closing bracket should be.'],
    ['{"a": tru}', 'Line 1: “tru” stands where a value should be.'],
    ['[1', 'Line 1: the end of the text stands where a comma or the closing bracket should be.'],
    ['{}}', 'Line 1: “}” stands where the end of the text should be.'],
    ['\n"abc', 'Line 2: this text has no closing quote, or a character that must be escaped.'],
    [' ', 'Enter JSON, for example {}.'],
  ] as const)('%j', ([text, problem]) => {
    expect(parseJson(text)).toMatchObject({ ok: false, problem })
  })

  test('it finds a mistake exactly in what JSON.parse refuses', () => {
    const letters = '{}[]",:1 a\\\n'
    let seed = 7
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: random(9) }, () => letters[random(letters.length)]).join('')
      // After the end of a whole value, and only there, the mark is the mistake.
      const { at, wanted } = findMistake(`${text}\u0001`)
      expect(wanted === 'the end of the text' && at === text.length, JSON.stringify(text)).toBe(isJson(text))
    }
  })

  test('coloured pieces, joined, are the text', () => {
    for (const text of ['{"a\\"b": [1e3, -0.5, true, "x" ]}\n', '{"half', "{'odd': undefined, ?}"]) {
      expect(tokenize(text).map((token) => token.text).join('')).toBe(text)
    }
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('where in a text a value stands', () => {
  const text = JSON.stringify({ a: 1, items: [{ sku: 'x' }, { sku: 'y', 'a.b/c': { deep: null } }], items2: [[], [1]] }, null, 2)
  test.for([
    ['a', '"a": 1'],
    ['items[1].sku', '"sku": "y"'],
    ['items.0.sku', '"sku": "x"'],
    ['/items/1/a.b~1c/deep', '"deep": null'],
    ['items2[1][0]', '1'],
    ['items[1].missing', '{'],
    ['nowhere.at.all', '{'],
  ])('%s', ([path, line]) => {
    expect(text.split('\n')[lineOf(text, pathParts(path!)) - 1]!.trim().replace(/,$/, '')).toBe(line)
  })

  test('a missing element is said at its array, and everything at the first line of a bare value', () => {
    expect(lineOf(text, ['items', '7'])).toBe(3)
    expect(lineOf('\n\n5', ['a'])).toBe(3)
  })
})
