import { type CheckFailure, CoreError, type CoreErrorCode, type Violation } from './core'

interface FailureJson {
  readonly code: CoreErrorCode
  readonly message: string
  readonly facts: Readonly<Record<string, string | { readonly n: string }>>
  readonly violations: readonly Violation[]
  readonly checks?: readonly CheckFailure[]
}

/** The error that stands in the core's JSON. */
export function failureFromJson(json: string): CoreError {
  const { code, message, facts, violations, checks } = JSON.parse(json) as FailureJson
  const converted: Record<string, string | bigint> = {}
  for (const [name, value] of Object.entries(facts)) converted[name] = typeof value === 'string' ? value : BigInt(value.n)
  return new CoreError({ code, message, facts: converted, violations, ...(checks && { checks }) })
}

/** An error that arose on this side of the boundary. */
export function failure(code: CoreErrorCode, message: string): CoreError {
  return new CoreError({ code, message, facts: {}, violations: [] })
}
