import { ConfigError, type Violation } from '../errors'
import { parsePathPattern, type PathPattern } from './paths'

/** A limit: what exceeds it is refused with a `ValidationError`, or cut off. A number alone refuses. */
export type SanitizeLimit = number | { readonly limit: number; readonly then: 'reject' | 'truncate' }

/**
 * What to do to data before they are checked and stored. Only the rules that are named apply; keys of objects stay as
 * they are, unless they are dropped.
 */
export interface SanitizeRules {
  /** Takes white space off both ends of texts. */
  readonly trim?: boolean
  /** Makes every run of white space one blank, or one line feed when it contains one. */
  readonly collapseWhitespace?: boolean
  /** Brings texts into a Unicode normal form; `true` is NFC. NFKC also replaces look-alikes, such as full-width letters. */
  readonly normalize?: boolean | 'NFC' | 'NFKC'
  /**
   * Takes control characters (U+0000–U+001F, U+007F–U+009F) out of texts, but for those in `keep`. `true` keeps line feed
   * and tab. Carriage returns that are not kept become line feeds, and CR LF one.
   */
  readonly stripControl?: boolean | { readonly keep: string }
  /** Takes the invisible characters that change the direction of text (U+202A–U+202E, U+2066–U+2069, …) out. */
  readonly stripBidi?: boolean
  /** Drops the keys `__proto__`, `constructor` and `prototype`. Without it the first, and `constructor.prototype`, are refused. */
  readonly dropPrototypeKeys?: boolean
  /** How deep objects and arrays may nest, the outermost being 1. Cut off: `null` in the place of what is deeper. */
  readonly maxDepth?: SanitizeLimit
  /** UTF-16 units of a text, after the rules above. Cut off: the beginning stays, whole characters only. */
  readonly maxTextLength?: SanitizeLimit
  /** Items of an array. Cut off: the first ones stay. */
  readonly maxItems?: SanitizeLimit
  /** Keys of an object that stay. Cut off: the first ones. */
  readonly maxKeys?: SanitizeLimit
  /**
   * What is never stored: a mark takes its place, whatever it is (but for `null`, which hides nothing). A name (`password`)
   * means keys of that name everywhere, upper and lower case alike; a path (`data.items[*].card`, or the JSON pointer
   * `/data/a~1b`) one place.
   */
  readonly redact?: readonly string[]
  /** The mark. @defaultValue `[redacted]` */
  readonly redactWith?: string
}

export type SanitizeRule = Exclude<keyof SanitizeRules, 'redactWith'>

/** The rules that `sanitize: true` stands for. */
export const DEFAULT_SANITIZE_RULES: SanitizeRules = {
  trim: true,
  normalize: 'NFC',
  stripControl: true,
  dropPrototypeKeys: true,
}

export interface Limit {
  readonly limit: number
  readonly rejects: boolean
}

/** Rules in the form that they are applied in. */
export interface CompiledRules {
  readonly trim: boolean
  readonly collapseWhitespace: boolean
  readonly normalize: 'NFC' | 'NFKC' | undefined
  /** Control characters that stay; `undefined`: all. */
  readonly keepControl: string | undefined
  readonly stripBidi: boolean
  readonly dropPrototypeKeys: boolean
  readonly maxDepth: Limit | undefined
  readonly maxTextLength: Limit | undefined
  readonly maxItems: Limit | undefined
  readonly maxKeys: Limit | undefined
  /** In lower case. */
  readonly redactNames: ReadonlySet<string>
  readonly redactPaths: readonly PathPattern[]
  readonly mark: string
}

const booleans = ['trim', 'collapseWhitespace', 'stripBidi', 'dropPrototypeKeys'] as const
const limits = ['maxDepth', 'maxTextLength', 'maxItems', 'maxKeys'] as const
const others = ['normalize', 'stripControl', 'redact', 'redactWith'] as const
const known: ReadonlySet<string> = new Set([...booleans, ...limits, ...others])

/** Throws `ConfigError` that names every bad rule, `where` being the name of the whole. */
export function compileRules(given: SanitizeRules | true, root: string, where: string): CompiledRules {
  const rules = given === true ? DEFAULT_SANITIZE_RULES : given
  const violations = checkRules(rules, root, where)
  if (violations.length > 0) throw new ConfigError(violations)
  const { trim = false, collapseWhitespace = false, stripBidi = false, dropPrototypeKeys = false } = rules
  const redact = rules.redact ?? []
  return {
    trim,
    collapseWhitespace,
    stripBidi,
    dropPrototypeKeys,
    normalize: rules.normalize === true ? 'NFC' : rules.normalize || undefined,
    keepControl: rules.stripControl === true ? '\n\t' : rules.stripControl ? rules.stripControl.keep : undefined,
    maxDepth: limitOf(rules.maxDepth),
    maxTextLength: limitOf(rules.maxTextLength),
    maxItems: limitOf(rules.maxItems),
    maxKeys: limitOf(rules.maxKeys),
    redactNames: new Set(redact.filter(isName).map((name) => name.toLowerCase())),
    redactPaths: redact.filter((entry) => !isName(entry)).map((entry) => parsePathPattern(entry, root)!),
    mark: rules.redactWith ?? '[redacted]',
  }
}

const isName = (entry: string): boolean => !/[.[\]/]/.test(entry)

const limitOf = (limit: SanitizeLimit | undefined): Limit | undefined =>
  limit === undefined
    ? undefined
    : typeof limit === 'number'
      ? { limit, rejects: true }
      : { limit: limit.limit, rejects: limit.then === 'reject' }

/** Rules may come from JavaScript or from JSON: what the compiler refuses is refused here too. */
function checkRules(rules: SanitizeRules, root: string, where: string): Violation[] {
  if (typeof rules !== 'object' || rules === null) return [{ field: where, problem: 'must be true or an object of rules.' }]
  const found: Violation[] = []
  const expect = (isRight: boolean, rule: string, problem: string): void => {
    if (!isRight) found.push({ field: `${where}.${rule}`, problem })
  }
  for (const rule of Object.keys(rules)) expect(known.has(rule), rule, 'is no rule that there is.')
  for (const rule of booleans) expect([undefined, true, false].includes(rules[rule]), rule, 'must be true or false.')
  for (const rule of limits) expect(isLimit(rules[rule]), rule, 'must be a whole number from 0, or { limit, then }.')
  const { normalize, stripControl, redact, redactWith } = rules
  expect([undefined, true, false, 'NFC', 'NFKC'].includes(normalize), 'normalize', 'must be true, false, NFC or NFKC.')
  const keeps = typeof stripControl === 'object' ? typeof stripControl?.keep === 'string' : undefined
  expect(
    keeps ?? [undefined, true, false].includes(stripControl as boolean | undefined),
    'stripControl',
    'must be true, false or { keep }.',
  )
  expect(redactWith === undefined || typeof redactWith === 'string', 'redactWith', 'must be a text.')
  if (redact === undefined) return found
  expect(Array.isArray(redact), 'redact', 'must be a list of names and paths.')
  for (const [i, entry] of Array.isArray(redact) ? redact.entries() : []) {
    const isRight = typeof entry === 'string' && entry !== '' && (isName(entry) || parsePathPattern(entry, root) !== undefined)
    expect(isRight, `redact[${i}]`, `must be the name of a key, or a path below ${root}, such as ${root}.items[*].card.`)
  }
  return found
}

function isLimit(limit: unknown): boolean {
  if (limit === undefined || isCount(limit)) return true
  if (typeof limit !== 'object' || limit === null) return false
  const { limit: count, then } = limit as { limit?: unknown; then?: unknown }
  return isCount(count) && (then === 'reject' || then === 'truncate')
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
