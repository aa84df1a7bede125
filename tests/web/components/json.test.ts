import { describe, expect, test } from 'vitest'
import { findMistake, parseJson, tokenize } from '../../../web/src/vue/components/parts/json'

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
