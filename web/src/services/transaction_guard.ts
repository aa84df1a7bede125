import { isObject, mergePatch, read, subjectOf } from './document_guard'
import { StreamConflictError, ValidationError, type Violation } from './errors'
import type { CallOptions } from './models'
import { argumentsText } from './request'
import type { Session } from './session'

/** Times that a transaction is begun anew because others changed what a patch is applied to. */
const ATTEMPTS_MAX = 100

/**
 * Runs a transaction whose data follow the rules of their kinds. Patches are checked by what they make of the document,
 * as the steps before leave it; when somebody changes it in between, the transaction is begun anew.
 */
export async function transactGuarded(session: Session, steps: unknown, options?: CallOptions): Promise<unknown> {
  const run = (given: unknown) => session.call('runStreamTransaction', argumentsText({ steps: given }), options)
  if (session.guards.documents.isEmpty || !Array.isArray(steps)) return run(steps)
  const clean = new Map<string, unknown>()
  for (let attempt = 1; ; attempt += 1) {
    const admission = new Admission(session, clean, options)
    const admitted = await admission.admit(steps)
    try {
      return await run(admitted)
    } catch (thrown) {
      const isOurs = thrown instanceof StreamConflictError && admission.expects(thrown.id, thrown.expectedVersion)
      if (!isOurs || attempt === ATTEMPTS_MAX) throw thrown
    }
  }
}

/** What is known of a document between two steps. */
interface Known {
  readonly kind: string | undefined
  readonly data: unknown
  /** The version that it was read at; new documents have none. */
  readonly version?: number
}

/** A step as it was given: whatever is wrong with it is for the core to tell. */
type Step = Readonly<Record<string, unknown>>

class Admission {
  /** `undefined` for documents that there are not. */
  private readonly documents = new Map<string, Known | undefined>()
  /** Versions that this adds to the steps. */
  private readonly expected = new Map<string, number>()
  private readonly violations: Violation[] = []

  constructor(
    private readonly session: Session,
    /** What was sanitized (and told) at an earlier attempt, by path. */
    private readonly clean: Map<string, unknown>,
    private readonly options?: CallOptions,
  ) {}

  expects(id: string, version: number | undefined): boolean {
    return version !== undefined && this.expected.get(id) === version
  }

  async admit(steps: readonly unknown[]): Promise<unknown[]> {
    const admitted: unknown[] = []
    for (const [i, step] of steps.entries()) admitted.push(isObject(step) ? await this.step(step, `steps[${i}]`) : step)
    if (this.violations.length > 0) throw new ValidationError(this.violations)
    return admitted
  }

  private async step(step: Step, path: string): Promise<unknown> {
    if (isObject(step.create)) return { ...step, create: await this.create(step.create, `${path}.create.data`) }
    const id = step.update ?? step.patch
    const given = step.update === undefined ? step.with : step.data
    if (typeof id !== 'string' || given === undefined) return step
    const known = await this.find(id)
    if (!known || !this.session.guards.documents.guards(known.kind)) return step
    const field = `${path}.data`
    const changes = this.sanitized(given, id, known.kind, field)
    if (step.update !== undefined) {
      const data = await this.checked(changes, known.kind, field)
      this.documents.set(id, { ...known, data })
      return { ...step, data }
    }
    const merged = mergePatch(known.data, changes)
    const data = await this.checked(merged, known.kind, field)
    this.documents.set(id, { ...known, data })
    const expectedVersion = step.expectedVersion ?? this.expect(id, known.version)
    return data === merged ? { ...step, with: changes, expectedVersion } : { update: id, data, expectedVersion }
  }

  private async create(fields: Step, field: string): Promise<unknown> {
    const { id, data: given } = fields
    const kind = typeof fields.kind === 'string' ? fields.kind : undefined
    const guard = this.session.guards.documents
    const isGuarded = given !== undefined && guard.guards(kind)
    const data = isGuarded ? await this.checked(this.sanitized(given, id, kind, field), kind, field) : given
    if (typeof id === 'string') this.documents.set(id, { kind, data })
    return { ...fields, data }
  }

  private async find(id: string): Promise<Known | undefined> {
    if (!this.documents.has(id)) {
      const document = await read(this.session, id, this.options)
      const known = document && { kind: document.kind, data: document.data, version: document.metadata.version }
      this.documents.set(id, known ?? undefined)
    }
    return this.documents.get(id)
  }

  /** A document that the transaction itself makes has no version to expect. */
  private expect(id: string, version: number | undefined): number | undefined {
    if (version !== undefined) this.expected.set(id, version)
    return version
  }

  private sanitized(data: unknown, id: unknown, kind: string | undefined, field: string): unknown {
    if (!this.clean.has(field)) {
      const clean = this.collect(() => this.session.guards.documents.sanitize(data, subjectOf(id, kind), field))
      this.clean.set(field, clean)
    }
    return this.clean.get(field)
  }

  private async checked(data: unknown, kind: string | undefined, field: string): Promise<unknown> {
    try {
      return await this.session.guards.documents.check(data, kind, field)
    } catch (thrown) {
      return this.collect(() => {
        throw thrown
      })
    }
  }

  /** Violations of all steps are told at once. */
  private collect<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch (thrown) {
      if (!(thrown instanceof ValidationError)) throw thrown
      this.violations.push(...thrown.violations)
      return undefined
    }
  }
}
