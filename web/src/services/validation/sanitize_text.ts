import type { CompiledRules, SanitizeRule } from './sanitize_rules'

/** What a rule did to the text or the value at hand. */
export type Note = (rule: SanitizeRule, detail: string) => void

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const CONTROLS = new RegExp(CONTROL, 'g')
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const NOT_ASCII = /[^\u0000-\u007f]/
const LONG_RUN = /\s{2}|[^\S \n]/
const HIGH_SURROGATE_AT_END = /[\ud800-\udbff]$/

/**
 * Applies the rules for texts. Their order makes the outcome one that they would not change again: what is taken out may
 * bring characters together, a normal form may make white space, and a cut may leave it at the end.
 */
export function sanitizeText(given: string, rules: CompiledRules, note: Note): string {
  let text = given
  if (rules.keepControl !== undefined && CONTROL.test(text)) text = withoutControls(text, rules.keepControl, note)
  if (rules.stripBidi) {
    const without = text.replace(DIRECTIONS, '')
    if (without !== text) note('stripBidi', `${count(text.length - without.length, 'character')} taken out`)
    text = without
  }
  if (rules.normalize && NOT_ASCII.test(text)) {
    const normal = text.normalize(rules.normalize)
    if (normal !== text) note('normalize', `brought into ${rules.normalize}`)
    text = normal
  }
  if (rules.collapseWhitespace && LONG_RUN.test(text)) {
    const collapsed = text.replace(/\s+/g, (run) => (run.includes('\n') ? '\n' : ' '))
    if (collapsed !== text) note('collapseWhitespace', `${text.length} characters became ${collapsed.length}`)
    text = collapsed
  }
  if (rules.trim) {
    const trimmed = text.trim()
    if (trimmed !== text) note('trim', `${count(text.length - trimmed.length, 'character')} taken off the ends`)
    text = trimmed
  }
  return text
}

function withoutControls(text: string, keep: string, note: Note): string {
  const unified = keep.includes('\r') ? text : text.replace(/\r\n?/g, '\n')
  const stripped = unified.replace(CONTROLS, (character) =>
    keep.includes(character) ? character : '',
  )
  if (stripped === text) return text
  const removed = text.length - stripped.length
  note('stripControl', removed > 0 ? `${count(removed, 'character')} taken out` : 'carriage returns became line feeds')
  return stripped
}

/** The beginning of a text that is too long. */
export function cutText(text: string, limit: number, trim: boolean): string {
  const cut = text.slice(0, limit)
  // A pair of surrogates is one character; what stood alone before may stay so.
  const whole = HIGH_SURROGATE_AT_END.test(cut) && /^[\udc00-\udfff]/.test(text.slice(limit)) ? cut.slice(0, -1) : cut
  return trim ? whole.trimEnd() : whole
}
