export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'mark' | 'space'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const tokenPattern = /("(?:[^"\\\n]|\\.)*"?)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z]+)|(\s+)|([^\s])/gy

/**
 * Cuts JSON (also while it is being typed, and still wrong) into coloured pieces. Joined, the pieces are the text; they are
 * shown as text nodes only, so nothing in a document can become markup.
 */
export function tokenize(json: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  for (let match = tokenPattern.exec(json); match; match = tokenPattern.exec(json)) {
    const [text, string, digits, word, space] = match
    if (string !== undefined) tokens.push({ kind: isKey(json, tokenPattern.lastIndex) ? 'key' : 'string', text })
    else if (digits !== undefined) tokens.push({ kind: 'number', text })
    else if (word !== undefined) tokens.push({ kind: 'word', text })
    else tokens.push({ kind: space === undefined ? 'mark' : 'space', text })
  }
  return tokens
}

function isKey(json: string, after: number): boolean {
  let at = after
  while (at < json.length && /\s/.test(json.charAt(at))) at++
  return json.charAt(at) === ':'
}

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string; readonly line: number | undefined }

/** Parses what a person typed; a failure says what is wrong and in which line. */
export function parseJson(text: string): ParsedJson {
  if (text.trim() === '') return { ok: false, problem: 'Enter JSON, for example {}.', line: undefined }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    const { at, wanted } = findMistake(text)
    const line = text.slice(0, at).split('\n').length
    const isOpenText = text.charAt(at) === '"' && (wanted === 'a value' || wanted === 'a name in double quotes')
    if (isOpenText) return { ok: false, problem: `Line ${line}: this text has no closing quote, or a character that must be escaped.`, line }
    const found = at >= text.length ? 'the end of the text' : `“${/^(\w+|.)/su.exec(text.slice(at))?.[0] ?? ''}”`
    return { ok: false, problem: `Line ${line}: ${found} stands where ${wanted} should be.`, line }
  }
}

const valuePattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y
const spacePattern = /[ \t\r\n]*/y

type Expectation = 'a value' | 'a name in double quotes' | 'a colon' | 'a comma or the closing bracket' | 'the end of the text'

/**
 * Where a text that is not JSON first goes wrong. Browsers word this differently and mostly keep the place to themselves.
 */
export function findMistake(text: string): { at: number; wanted: Expectation } {
  const open: ('{' | '[')[] = []
  let wanted: Expectation = 'a value'
  let mayClose = false
  for (let at = skipSpace(text, 0); ; at = skipSpace(text, at)) {
    const character = text.charAt(at)
    const inside = open.at(-1)
    const closes = character !== '' && character === (inside === '{' ? '}' : inside === '[' ? ']' : undefined)
    if (closes && (mayClose || wanted === 'a comma or the closing bracket')) {
      open.pop()
      at++
    } else if (wanted === 'a colon' && character === ':') {
      wanted = 'a value'
      mayClose = false
      at++
      continue
    } else if (wanted === 'a comma or the closing bracket' && character === ',') {
      wanted = inside === '{' ? 'a name in double quotes' : 'a value'
      mayClose = false
      at++
      continue
    } else if (wanted === 'a value' && (character === '{' || character === '[')) {
      open.push(character)
      wanted = character === '{' ? 'a name in double quotes' : 'a value'
      mayClose = true
      at++
      continue
    } else {
      valuePattern.lastIndex = at
      const isName = wanted === 'a name in double quotes'
      const takesValue = wanted === 'a value' || (isName && character === '"')
      if (!takesValue || !valuePattern.test(text)) return { at, wanted }
      at = valuePattern.lastIndex
      mayClose = false
      if (isName) {
        wanted = 'a colon'
        continue
      }
    }
    wanted = open.length > 0 ? 'a comma or the closing bracket' : 'the end of the text'
    mayClose = false
  }
}

function skipSpace(text: string, from: number): number {
  spacePattern.lastIndex = from
  spacePattern.test(text)
  return spacePattern.lastIndex
}

/** Two-space JSON for showing and editing; bigints, which JSON has no word for, become their digits in quotes. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}` : part), 2) ?? 'undefined'
}

/** `data.items[2].sku` and `data.items.2.sku` → `['data', 'items', '2', 'sku']`; `/data/a~1b` → `['data', 'a/b']`. */
export function pathParts(path: string): string[] {
  if (path.startsWith('/')) return path.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return path.split(/[.[\]]/).filter((part) => part !== '')
}

/**
 * The line (from 1) in which the value at `parts` begins in valid JSON, or that of the nearest value around it: what is
 * missing is said where it should be.
 */
export function lineOf(json: string, parts: readonly string[]): number {
  const open: { isArray: boolean; key: string }[] = []
  let [line, found, depth] = [1, 1, -1]
  let isValue = true
  for (const { kind, text } of tokenize(json)) {
    const inside = open.at(-1)
    if (kind === 'space') line += text.split('\n').length - 1
    else if (kind === 'key' && inside && !isValue) inside.key = JSON.parse(text) as string
    else if (text === ':') isValue = true
    else if (text === ',') {
      isValue = inside?.isArray ?? true
      if (inside?.isArray) inside.key = String(Number(inside.key) + 1)
    } else if (text === '}' || text === ']') open.pop()
    else {
      const isOnTheWay = open.length <= parts.length && open.every(({ key }, level) => key === parts[level])
      if (isOnTheWay && open.length > depth) [found, depth] = [line, open.length]
      if (text === '[' || text === '{') {
        open.push({ isArray: text === '[', key: text === '[' ? '0' : '' })
        isValue = text === '['
      } else isValue = false
    }
  }
  return found
}
