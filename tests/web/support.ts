import { afterEach, expect } from 'vitest'
import { type KurrentLiteOptions, Session } from '../../web/src/services'

const sessions = new Set<Session>()
afterEach(() => {
  for (const session of sessions) session.dispose()
  sessions.clear()
})

/** A session of the test environment without latency, disposed of after the test. */
export function openSession(options: KurrentLiteOptions = {}): Session {
  const session = new Session({ env: {}, environment: 'test', sync: false, ...options })
  sessions.add(session)
  return session
}

/** What `promise` rejects with; fails when it resolves. */
export async function failureOf<E = Error & { type: string }>(promise: Promise<unknown>): Promise<E> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  expect(outcome, 'should have been rejected').toHaveProperty('error')
  return (outcome as { error: E }).error
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean, what = 'condition'): Promise<void> {
  const end = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come true within 5 s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
