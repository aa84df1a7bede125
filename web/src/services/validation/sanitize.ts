import { ValidationError, type Violation } from '../errors'
import { ANY_KEY, childPath, type PathPattern } from './paths'
import { compileRules, type CompiledRules, type Limit, type SanitizeRule, type SanitizeRules } from './sanitize_rules'
import { cutText, sanitizeText } from './sanitize_text'

/** One thing that a rule changed. It never repeats the data. */
export interface SanitizeChange {
  /** Where, e.g. `data.items[2].sku`. */
  readonly path: string
  readonly rule: SanitizeRule
  /** What was done, in words. */
  readonly detail: string
}

export interface Sanitized<T> {
  /** The given value itself when nothing had to be changed; else a copy that shares what stayed as it was. */
  readonly value: T
  /** Everything that was changed; empty when nothing was. */
  readonly report: readonly SanitizeChange[]
}

/** More than the database takes: 16 MiB of text, and 512 levels. Data that never end are told by these. */
const VALUES_MAX = 1 << 24
const LEVELS_MAX = 100_000

/**
 * Applies `rules` (`true`: `DEFAULT_SANITIZE_RULES`) to data of any size and depth, and tells what it changed. The given
 * value stays as it is, whatever happens. Doing it twice is doing it once.
 *
 * Looks at what JSON would hold: own enumerable keys, and what `toJSON` gives. A cycle is left alone, for whoever turns
 * the data into JSON to refuse.
 *
 * @param root names the value in paths
 * @throws `ConfigError` for rules that there are not, `ValidationError` with every place that exceeds a limit that rejects
 */
export function sanitize<T>(value: T, rules: SanitizeRules | true, root = 'data'): Sanitized<T> {
  return new Sanitizer(compileRules(rules, root, 'sanitize'), root).run(value) as Sanitized<T>
}

/** The same with rules that are compiled already. */
export function sanitizeCompiled(value: unknown, rules: CompiledRules, root: string): Sanitized<unknown> {
  return new Sanitizer(rules, root).run(value)
}

type Container = Record<string, unknown> | unknown[]

/** An object or array on the way from the root to the value at hand. */
interface Frame {
  readonly parent: Frame | undefined
  /** Key in the parent. */
  readonly key: string
  readonly depth: number
  /** What is looked at: the object, or what its `toJSON` gave. */
  readonly source: Container
  /** What the parent holds. */
  readonly held: unknown
  readonly keys: readonly string[]
  /** Paths to redact whose beginnings led here. */
  readonly patterns: readonly PathPattern[]
  next: number
  copy: Container | undefined
}

class Sanitizer {
  private readonly report: SanitizeChange[] = []
  private readonly violations: Violation[] = []
  /** The sources of the frames on the way. */
  private readonly above = new Set<unknown>()
  private frame: Frame | undefined
  private key = ''
  private seen = 0

  constructor(
    private readonly rules: CompiledRules,
    private readonly root: string,
  ) {}

  run(value: unknown): Sanitized<unknown> {
    let result = this.visit(value)
    for (let frame = this.frame; frame; frame = this.frame) {
      if (frame.next < frame.keys.length) this.visitNext(frame)
      else {
        const finished = this.leave(frame)
        if (frame.parent) this.put(frame.parent, frame.key, frame.held, finished)
        else result = finished
      }
    }
    if (this.violations.length > 0) throw new ValidationError(this.violations)
    return { value: result, report: this.report }
  }

  private visitNext(frame: Frame): void {
    const key = frame.keys[frame.next++]!
    this.key = key
    const value = (frame.source as Record<string, unknown>)[key]
    if (!Array.isArray(frame.source) && this.rules.dropPrototypeKeys && isPrototypeKey(key)) {
      this.note('dropPrototypeKeys', 'key dropped')
      delete (this.copyOf(frame) as Record<string, unknown>)[key]
    } else if (this.isSecret(frame, key, value)) {
      if (value === this.rules.mark) return
      this.put(frame, key, value, this.rules.mark)
      this.note('redact', 'value replaced')
    } else {
      const visited = this.visit(value)
      if (this.frame === frame) this.put(frame, key, value, visited)
    }
  }

  /** The value to put in its place; for an object that has to be looked into, itself, and `frame` is a new one. */
  private visit(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    const held = jsonForm(value, this.key)
    if (typeof held === 'string') {
      const text = this.text(held)
      return text === held ? value : text
    }
    if (typeof held !== 'object' || held === null || this.above.has(held)) return value
    return this.enter(held as Container, value)
  }

  private enter(source: Container, held: unknown): unknown {
    const depth = (this.frame?.depth ?? 0) + 1
    if (this.exceeds(this.rules.maxDepth, depth, () => `is nested deeper than ${this.rules.maxDepth!.limit} levels.`)) {
      if (this.rules.maxDepth!.rejects) return held
      this.note('maxDepth', `became null: nested deeper than ${this.rules.maxDepth!.limit}`)
      return null
    }
    const keys = Object.keys(source)
    if ((this.seen += keys.length) > VALUES_MAX || depth > LEVELS_MAX) {
      throw new ValidationError([{ field: this.root, problem: 'is too large or nested too deeply.' }])
    }
    const [parent, key] = [this.frame, this.key]
    const kept = this.withinLimit(source, keys)
    const copy = kept === keys ? undefined : partOf(source, kept)
    this.above.add(source)
    this.frame = { parent, key, depth, source, held, keys: kept, patterns: this.patternsAt(), next: 0, copy }
    return held
  }

  /** The keys that `maxItems` and `maxKeys` leave. Those that are dropped anyway do not count. */
  private withinLimit(source: Container, keys: readonly string[]): readonly string[] {
    const isArray = Array.isArray(source)
    const limit = isArray ? this.rules.maxItems : this.rules.maxKeys
    if (limit === undefined) return keys
    const drops = (key: string) => !isArray && this.rules.dropPrototypeKeys && isPrototypeKey(key)
    const staying = keys.filter((key) => !drops(key))
    const what = isArray ? 'items' : 'keys'
    const problem = () => `has ${staying.length} ${what}; at most ${limit.limit} are allowed.`
    if (!this.exceeds(limit, staying.length, problem) || limit.rejects) return keys
    this.note(isArray ? 'maxItems' : 'maxKeys', `cut from ${staying.length} to ${limit.limit} ${what}`)
    return [...keys.filter(drops), ...staying.slice(0, limit.limit)]
  }

  /** Everything in the frame was looked at. */
  private leave(frame: Frame): unknown {
    this.frame = frame.parent
    this.key = frame.key
    this.above.delete(frame.source)
    return frame.copy ?? frame.held
  }

  private text(given: string): string {
    const text = sanitizeText(given, this.rules, (rule, detail) => this.note(rule, detail))
    const { maxTextLength: limit, trim } = this.rules
    const problem = () => `has ${text.length} characters; at most ${limit!.limit} are allowed.`
    if (!this.exceeds(limit, text.length, problem) || limit!.rejects) return text
    this.note('maxTextLength', `cut from ${text.length} to ${limit!.limit} characters`)
    return cutText(text, limit!.limit, trim)
  }

  private exceeds(limit: Limit | undefined, actual: number, problem: () => string): boolean {
    if (limit === undefined || actual <= limit.limit) return false
    if (limit.rejects) this.violations.push({ field: this.path(), problem: problem() })
    return true
  }

  private isSecret(frame: Frame, key: string, value: unknown): boolean {
    const { redactNames, redactPaths } = this.rules
    if (redactNames.size + redactPaths.length === 0) return false
    if (value === undefined || value === null) return false
    if (redactNames.has(key.toLowerCase()) && !Array.isArray(frame.source)) return true
    return frame.patterns.some((pattern) => pattern.length === frame.depth && leadsTo(pattern, frame.depth, key))
  }

  /** The patterns that go on below the value at hand. */
  private patternsAt(): readonly PathPattern[] {
    const { frame, key } = this
    if (!frame) return this.rules.redactPaths
    return frame.patterns.filter((pattern) => pattern.length > frame.depth && leadsTo(pattern, frame.depth, key))
  }

  private put(frame: Frame, key: string, before: unknown, after: unknown): void {
    if (after !== before) setOwn(this.copyOf(frame), key, after)
  }

  private copyOf(frame: Frame): Container {
    const { source } = frame
    return (frame.copy ??= Array.isArray(source) ? source.slice() : partOf(source, frame.keys))
  }

  private note(rule: SanitizeRule, detail: string): void {
    this.report.push({ path: this.path(), rule, detail })
  }

  /** Of the value at hand. */
  private path(): string {
    const parts: [key: string, ofArray: boolean][] = []
    let key = this.key
    for (let frame = this.frame; frame; frame = frame.parent) {
      parts.push([key, Array.isArray(frame.source)])
      key = frame.key
    }
    return parts.reverse().reduce((path, [part, ofArray]) => childPath(path, part, ofArray), this.root)
  }
}

const isPrototypeKey = (key: string): boolean => key === '__proto__' || key === 'constructor' || key === 'prototype'

const leadsTo = (pattern: PathPattern, depth: number, key: string): boolean =>
  pattern[depth - 1] === ANY_KEY || pattern[depth - 1] === key

/** What JSON would hold in the place of an object. One that cannot be asked is left for `JSON.stringify` to refuse. */
function jsonForm(value: object, key: string): unknown {
  if (value instanceof String) return String(value)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON !== 'function') return value
  try {
    return toJSON.call(value, key) as unknown
  } catch {
    return undefined
  }
}

function partOf(source: Container, keys: readonly string[]): Container {
  if (Array.isArray(source)) return source.slice(0, keys.length)
  const part: Record<string, unknown> = {}
  for (const key of keys) setOwn(part, key, source[key])
  return part
}

/** An assignment to `__proto__` would change the prototype instead. */
function setOwn(target: Container, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else (target as Record<string, unknown>)[key] = value
}
