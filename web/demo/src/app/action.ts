import { useAction as usePlainAction } from 'kurrentlite/vue'
import { announce } from './messages'

/** The package's action; what `done` says is announced when it succeeded. */
export function useAction(fields: readonly string[] = []) {
  const action = usePlainAction(fields)
  async function run(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    const succeeded = await action.run(work)
    if (succeeded && done !== undefined) announce(done)
    return succeeded
  }
  return { ...action, run }
}
