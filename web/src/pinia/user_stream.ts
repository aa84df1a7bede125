import { defaultSession } from '../services/session'
import { useKurrentDBStore } from './store'
import type { UserDataActions } from './types'

/**
 * The user data actions of the store, by themselves. Where no Pinia is active they work on the default session.
 *
 * ```ts
 * const userStreamService = useUserStreamService()
 * await userStreamService.storeUserData('user-id', { profile: { name: 'John' } })
 * const userData = await userStreamService.getUserData('user-id')
 * ```
 */
export function useUserStreamService(): UserDataActions {
  const store = activeStore()
  if (!store) return overDefaultSession()
  // The store's actions are looked up when they are called: tests and hot replacement exchange them.
  return {
    storeUserData: (...given: unknown[]) => (store.storeUserData as Variadic)(...given),
    getUserData: (...key) => store.getUserData(...key),
    updateUserData: (...given: unknown[]) => (store.updateUserData as Variadic)(...given),
    deleteUserData: (...key) => store.deleteUserData(...key),
  }
}

type Variadic = (...given: unknown[]) => Promise<any>

function overDefaultSession(): UserDataActions {
  const { users } = defaultSession()
  return {
    storeUserData: users.store,
    getUserData: async (...key) => (await users.get<any>(...key))?.data ?? null,
    updateUserData: users.update,
    deleteUserData: (...key) => users.delete(...key),
  }
}

/** Pinia has no way to ask for a store that does not fail without an active Pinia. */
function activeStore(): ReturnType<typeof useKurrentDBStore> | undefined {
  try {
    return useKurrentDBStore()
  } catch {
    return undefined
  }
}
