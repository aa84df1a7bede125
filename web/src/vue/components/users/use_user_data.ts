import { computed, type ComputedRef, type MaybeRefOrGetter, ref, type Ref, shallowReadonly, type ShallowRef, toValue } from 'vue'
import type { KurrentLiteError } from '../../../services/errors'
import type { UserStream } from '../../../services/models'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'
import { useLiveValue } from '../../live_value'

/** A user and everything stored for that user. */
export interface UserWithData {
  readonly userId: string
  readonly entries: readonly UserStream[]
}

export interface UserData {
  /** Part of a user's name; empty: everybody. */
  readonly search: Ref<string>
  readonly users: ComputedRef<readonly UserWithData[]>
  readonly isLoading: Readonly<ShallowRef<boolean>>
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  refresh(): Promise<void>
}

export interface UserDataOptions {
  /** @defaultValue the session of the app */
  readonly session?: Session
  /** Only this user's data. @defaultValue everybody's */
  readonly userId?: MaybeRefOrGetter<string | undefined>
}

/** What is stored for users, as far as the acting user may see it; followed for as long as the caller's scope lives. */
export function useUserData({ session = currentSession(), userId }: UserDataOptions = {}): UserData {
  const search = ref('')
  const { data, isLoading, error, refresh } = useLiveValue<{ userId?: string }, readonly UserStream[]>(session, {
    key: () => {
      const only = toValue(userId)
      return only === undefined ? {} : { userId: only }
    },
    read: (key) => session.users.list(key.userId),
    empty: [],
    events: ['users', 'user', 'connection'],
  })
  const users = computed(() => {
    const text = search.value.trim().toLowerCase()
    const byUser = new Map<string, UserStream[]>()
    for (const entry of data.value) {
      if (!entry.userId.toLowerCase().includes(text)) continue
      byUser.set(entry.userId, [...(byUser.get(entry.userId) ?? []), entry])
    }
    return [...byUser].map(([name, entries]) => ({ userId: name, entries }))
  })
  return { search, users, isLoading: shallowReadonly(isLoading), error: shallowReadonly(error), refresh }
}
