import { ValidationError } from '../errors'
import { sanitizeCompiled, type SanitizeChange } from './sanitize'
import { type CompiledRules, compileRules, DEFAULT_SANITIZE_RULES, type SanitizeRules } from './sanitize_rules'
import { type AnySchema, checkSchema } from './schema'

/** What happens to data before they are stored: first they are sanitized, then checked. */
export interface DataRules<S extends AnySchema = AnySchema> {
  /** What the data must be. What a Standard Schema makes of them is stored; a JSON Schema changes nothing. */
  readonly schema?: S
  /** `true`: `DEFAULT_SANITIZE_RULES`. Rules of a kind win over those of `'*'`, but all redactions hold. */
  readonly sanitize?: SanitizeRules | true
  /** Told what sanitizing changed, before the data are checked and written. An error that it throws stops the write. */
  readonly onSanitized?: (sanitized: SanitizedData) => void
}

/** What sanitizing changed in one write. */
export interface SanitizedData {
  readonly subject: 'document' | 'user-data' | 'event'
  /** Kind of the document, type of the user data, or type of the event. */
  readonly kind?: string
  /** Id of the document, the user's id, or the name of the event's stream; absent for a document that gets its id later. */
  readonly id?: string
  readonly changes: readonly SanitizeChange[]
}

/** Whose data they are. */
export type GuardedSubject = Omit<SanitizedData, 'changes'>

/** What paths to redact begin with, whatever the data are called where they are checked. */
const ROOT = 'data'

/** Applies the rules that an option declares by name. */
export class DataGuard {
  private readonly compiled = new Map<string | undefined, CompiledRules | undefined>()
  private readonly rules: ReadonlyMap<string, DataRules>

  constructor(
    private readonly option: 'kinds' | 'userData' | 'eventSchemas',
    rules: Readonly<Record<string, DataRules>> = {},
    private readonly tell: (sanitized: SanitizedData, handled: boolean) => void,
  ) {
    // What else a kind declares is for the core.
    const isOurs = ({ schema, sanitize }: DataRules) => schema !== undefined || sanitize !== undefined
    this.rules = new Map(Object.entries(rules).filter(([, each]) => isOurs(each)))
  }

  /** Whether anything holds for data of this name. */
  guards(name: string | undefined): boolean {
    return this.rulesOf(name).length > 0
  }

  /** Whether something holds for some name only, so that it matters to know it. */
  get dependsOnName(): boolean {
    return [...this.rules.keys()].some((name) => name !== '*')
  }

  get isEmpty(): boolean {
    return this.rules.size === 0
  }

  /** Sanitizes, tells, and checks. Throws `ValidationError` with every bad place. */
  async admit(value: unknown, subject: GuardedSubject, field = 'data'): Promise<unknown> {
    return this.check(this.sanitize(value, subject, field), subject.kind, field)
  }

  sanitize(value: unknown, subject: GuardedSubject, field = 'data'): unknown {
    const rules = this.sanitizingOf(subject.kind)
    if (!rules) return value
    const { value: clean, report } = sanitizeCompiled(value, rules, field)
    if (report.length > 0) {
      const sanitized: SanitizedData = { ...subject, changes: report }
      const listeners = this.rulesOf(subject.kind).flatMap(([, { onSanitized }]) => onSanitized ?? [])
      for (const listener of listeners) listener(sanitized)
      this.tell(sanitized, listeners.length > 0)
    }
    return clean
  }

  /** Checks by the schema of `'*'` and by that of the name, each on what the one before made of the data. */
  async check(value: unknown, name: string | undefined, field = 'data'): Promise<unknown> {
    let checked = value
    const violations = []
    for (const [rule, { schema }] of this.rulesOf(name)) {
      if (schema === undefined) continue
      const outcome = await checkSchema(schema, checked, field, `${this.option}.${rule}.schema`)
      violations.push(...outcome.violations)
      checked = outcome.value
    }
    if (violations.length > 0) throw new ValidationError(violations)
    return checked
  }

  private rulesOf(name: string | undefined): readonly (readonly [name: string, rules: DataRules])[] {
    const names = name === undefined || name === '*' ? ['*'] : ['*', name]
    return names.filter((each) => this.rules.has(each)).map((each) => [each, this.rules.get(each)!])
  }

  private sanitizingOf(name: string | undefined): CompiledRules | undefined {
    if (!this.compiled.has(name)) this.compiled.set(name, this.compile(name))
    return this.compiled.get(name)
  }

  private compile(name: string | undefined): CompiledRules | undefined {
    const given = this.rulesOf(name).filter(([, { sanitize }]) => sanitize !== undefined)
    for (const [rule, { sanitize }] of given) compileRules(sanitize!, ROOT, `${this.option}.${rule}.sanitize`)
    if (given.length === 0) return undefined
    const each = given.map(([, { sanitize }]): SanitizeRules => (sanitize === true ? DEFAULT_SANITIZE_RULES : sanitize!))
    const redact = each.flatMap((rules) => rules.redact ?? [])
    return compileRules(Object.assign({}, ...each, { redact }) as SanitizeRules, ROOT, `${this.option}.sanitize`)
  }
}
