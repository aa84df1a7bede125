import { computed, type ComputedRef, readonly, ref, type Ref, shallowRef } from 'vue'
import type { Violation } from '../../../wasm/core'

/** One thing a person can do, as a form needs it. */
export interface Action {
  /** It is under way. */
  readonly busy: Readonly<Ref<boolean>>
  /** What it was rejected with last; `undefined` when it succeeded or was not tried. */
  readonly error: Readonly<Ref<unknown>>
  /** Of a `ValidationError`, as the services worded them, with exact paths such as `data.profile.age`. */
  readonly violations: ComputedRef<readonly Violation[]>
  /** The same by field of the form, in sentences. */
  readonly problems: ComputedRef<Readonly<Record<string, readonly string[]>>>
  /** What is wrong and belongs to no field of the form. */
  readonly failure: ComputedRef<string | undefined>
  /** Runs `work` unless it is already running. True when it succeeded. */
  run(work: () => Promise<unknown>): Promise<boolean>
  clear(): void
}

function violationsOf(error: unknown): readonly Violation[] {
  const violations = (error as { violations?: unknown } | null | undefined)?.violations
  return Array.isArray(violations) ? (violations as Violation[]) : []
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** `data.profile.name` and `data` belong to field `data`, `tags[2]` to `tags`. */
const fieldOf = (path: string) => /^[^.[]*/.exec(path)?.[0] ?? path

/**
 * One thing a person can do: whether it is under way, and what was wrong with it. Problems that name one of `fields` are
 * under `problems[field]`; everything else is `failure`.
 */
export function useAction(fields: readonly string[] = []): Action {
  const busy = ref(false)
  const error = shallowRef<unknown>()

  const violations = computed(() => violationsOf(error.value))
  const problems = computed(() => {
    const found: Record<string, string[]> = {}
    for (const { field, problem } of violations.value) (found[fieldOf(field)] ??= []).push(sentence(field, problem))
    return found
  })

  const failure = computed(() => {
    if (error.value === undefined) return undefined
    const elsewhere = violations.value.filter(({ field }) => !fields.includes(fieldOf(field)))
    if (violations.value.length > 0 && elsewhere.length === 0) return undefined
    if (elsewhere.length === 0) return messageOf(error.value)
    return elsewhere.map(({ field, problem }) => sentence(field, problem)).join(' ')
  })

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = undefined
    try {
      await work()
      return true
    } catch (reason) {
      error.value = reason ?? new Error('It failed without saying why.')
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy: readonly(busy), error, violations, problems, failure, run, clear: () => (error.value = undefined) }
}

/** The problem as it stands, preceded by the exact place when that says more than the field's label. */
function sentence(path: string, problem: string): string {
  if (/[.[]/.test(path) && !problem.includes(path)) return `${path}: ${problem}`
  return problem.charAt(0).toUpperCase() + problem.slice(1)
}
