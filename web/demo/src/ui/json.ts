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

/** Parses what a person typed; a failure says where, as far as the browser tells. */
export function parseJson(text: string): ParsedJson {
  if (text.trim() === '') return { ok: false, problem: 'Enter JSON, for example {}.', line: undefined }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = /position (\d+)/.exec(message)?.[1]
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length
    const where = line === undefined ? '' : `Line ${line}: `
    return { ok: false, problem: `${where}${tidy(message)}`, line }
  }
}

function tidy(message: string): string {
  const cut = message
    .replace(/^JSON\.parse: /, '')
    .replace(/,? ?\.\.\.".*" is not valid JSON/s, '')
    .replace(/,? ?".*" is not valid JSON/s, '')
    .replace(/ (in JSON )?at position \d+( \(line \d+ column \d+\))?/, '')
    .replace(/ in JSON$/, '')
  return `This is not valid JSON: ${cut.charAt(0).toLowerCase()}${cut.slice(1)}.`
}

/** Two-space JSON for showing and editing; bigints, which JSON has no word for, become their digits in quotes. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}` : part), 2) ?? 'undefined'
}
