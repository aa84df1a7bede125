import { ValidationError } from './errors'

/**
 * JSON text of `value`, as `JSON.stringify` makes it. What JSON cannot hold is refused with a `ValidationError` that
 * names the place, `field` being the name of the whole: functions, symbols and `undefined` as a whole, BigInt and
 * cycles anywhere. Sizes, names and hazardous keys are judged by the core.
 */
export function toJsonText(value: unknown, field: string): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (thrown) {
    throw explain(value, field, thrown)
  }
  if (text === undefined) throw refusal(field, `must be a value that JSON can hold, not ${describe(value)}.`)
  return text
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined'
  return typeof value === 'symbol' ? 'a symbol' : 'a function'
}

const refusal = (field: string, problem: string): ValidationError => new ValidationError([{ field, problem }])

/** Goes through `value` the way `JSON.stringify` did, up to what stopped it. */
function explain(value: unknown, field: string, thrown: unknown): ValidationError {
  const path = new PathTracker(field)
  let found: ValidationError | undefined
  try {
    JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
      path.enter(this, key)
      if (typeof part === 'bigint')
        found = refusal(path.text(), 'is a BigInt, which JSON cannot hold; use a number or text.')
      if (path.holds(part))
        found = refusal(path.text(), 'refers back to an object that contains it; JSON cannot hold a cycle.')
      if (found) throw found
      path.add(part)
      return part
    })
  } catch (again) {
    if (found) return found
    if (again instanceof RangeError) return refusal(field, 'is too large or nested too deeply.')
    const reason = again instanceof Error ? again.message : String(again)
    return refusal(path.text(), `cannot be turned into JSON: ${reason}`)
  }
  return refusal(field, `cannot be turned into JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
}

/** Follows a replacer function, which is told the holder of each value but not the way there. */
class PathTracker {
  private readonly holders: unknown[] = []
  private readonly keys: string[] = []

  constructor(private readonly field: string) {}

  /** The visit goes on with `key` of `holder`. */
  enter(holder: unknown, key: string): void {
    while (this.holders.length > 0 && this.holders.at(-1) !== holder) this.holders.pop()
    this.keys.length = Math.max(0, this.holders.length - 1)
    if (this.holders.length === 0) this.holders.push(holder)
    else this.keys.push(Array.isArray(holder) ? `[${key}]` : `.${key}`)
  }

  holds(part: unknown): boolean {
    return typeof part === 'object' && part !== null && this.holders.includes(part)
  }

  add(part: unknown): void {
    if (typeof part === 'object' && part !== null) this.holders.push(part)
  }

  text(): string {
    return this.field + this.keys.join('')
  }
}
