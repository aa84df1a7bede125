/**
 * The regular expressions of filters, which KurrentDB takes in the dialect of .NET, as JavaScript's. An expression that
 * might mean something else here is refused: a filter must never give a wrong answer.
 */

/** What .NET's classes hold. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}',
  s: '\\f\\n\\r\\t\\v\\x85\\p{Z}',
}
/** Ends of words and texts, where the two dialects differ. */
const WORD = `[${CLASSES.w}\\u200c\\u200d]`
const ASSERTIONS: Readonly<Record<string, string>> = {
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  A: '(?<![^])',
  z: '(?![^])',
  Z: '(?=\\n?(?![^]))',
}
const SAME_ESCAPES = /^[nrtfvk0-9^$\\.*+?()[\]{}|/]$/
/** Escapes that go on: characters by number, and Unicode categories by the names that both dialects have. */
const LONG_ESCAPE = /^(?:u[0-9a-f]{4}|x[0-9a-f]{2}|p\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdsefio]?|S[mcko]?|Z[slp]?)\})/i
/** Anything but a line feed; JavaScript's leaves out other ends of lines too. */
const DOT = '[^\\n]'
/** Options within an expression that would change what `.` and `$` mean. */
const OPTIONS = /^\(\?(?!-?i[:)])[a-z]*-?[a-z]*[:)]/i

/** The expression, or undefined when it is invalid or not to be had here. */
export function compileDotNetPattern(pattern: string): RegExp | undefined {
  const source = translate(pattern)
  if (source === undefined) return undefined
  try {
    return new RegExp(source, 'u')
  } catch {
    return undefined
  }
}

function translate(pattern: string): string | undefined {
  let out = ''
  let inClass = false
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!
    if (char === '\\') {
      const long = LONG_ESCAPE.exec(pattern.slice(at + 1, at + 8))
      if (long) {
        out += `\\${long[0]}`
        at += long[0].length
        continue
      }
      at += 1
      const escaped = translateEscape(pattern[at], inClass)
      if (escaped === undefined) return undefined
      out += escaped
    } else if (inClass) {
      // Subtraction of classes, `[a-z-[aeiou]]`.
      if (char === '[' && pattern[at - 1] === '-') return undefined
      if (char === ']') inClass = false
      out += char === '[' ? '\\[' : char
    } else if (char === '[') {
      inClass = true
      out += char
      if (pattern[at + 1] === '^') out += pattern[(at += 1)]!
      // In .NET a bracket that comes first stands for itself.
      if (pattern[at + 1] === ']') {
        at += 1
        out += '\\]'
      }
    } else if (char === '$') {
      out += ASSERTIONS.Z
    } else if (char === '.') {
      out += DOT
    } else if (char === '(' && pattern[at + 1] === '?' && OPTIONS.test(pattern.slice(at))) {
      if (pattern[at + 2] !== ':') return undefined
      out += char
    } else if (char === ']' || ((char === '{' || char === '}') && !isQuantifier(pattern, at))) {
      out += `\\${char}`
    } else {
      out += char
    }
  }
  return out
}

function translateEscape(char: string | undefined, inClass: boolean): string | undefined {
  if (char === undefined) return undefined
  const members = CLASSES[char.toLowerCase()]
  if (members !== undefined) {
    if (char === char.toLowerCase()) return inClass ? members : `[${members}]`
    if (!inClass) return `[^${members}]`
    return char === 'D' ? '\\P{Nd}' : undefined
  }
  if (inClass) return char === 'b' ? '\\b' : plainEscape(char, true)
  return ASSERTIONS[char] ?? plainEscape(char, false)
}

/** Both dialects have it, or it is an escape of a sign that needs none. */
function plainEscape(char: string, inClass: boolean): string | undefined {
  if (char === '-' && inClass) return '\\-'
  if (SAME_ESCAPES.test(char)) return `\\${char}`
  return /[\p{L}\p{N}_]/u.test(char) ? undefined : char
}

function isQuantifier(pattern: string, at: number): boolean {
  if (pattern[at] === '{') return /^\{\d+(,\d*)?\}/.test(pattern.slice(at))
  return /\{\d+(,\d*)?$/.test(pattern.slice(0, at))
}

/** Expressions in use, by number. */
export class RegexTable {
  private readonly expressions = new Map<number, RegExp>()
  private last = 0

  /** -1 when the pattern cannot be used. */
  compile(pattern: string): number {
    const expression = compileDotNetPattern(pattern)
    if (expression === undefined) return -1
    this.expressions.set(++this.last, expression)
    return this.last
  }

  test(number: number, text: string): boolean {
    return this.expressions.get(number)?.test(text) ?? false
  }

  drop(number: number): void {
    this.expressions.delete(number)
  }
}
