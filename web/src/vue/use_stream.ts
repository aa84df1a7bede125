import { computed, type ComputedRef, type MaybeRefOrGetter, shallowReadonly, shallowRef, type ShallowRef, toValue } from 'vue'
import { DocumentNotFoundError, type KurrentLiteError, StreamConflictError, toKurrentLiteError } from '../services/errors'
import type { ChangeOptions, PatchStreamOptions, Stream, StreamPermissionsPatch, TagChanges, UpdateStreamRequest } from '../services/models'
import { streamIdentity } from '../services/stream_identity'
import type { Session } from '../services/session'
import { currentSession } from './app_session'
import { useLiveValue } from './live_value'

/** Options of `useStream`. */
export interface UseStreamOptions {
  /** @defaultValue the one of the current app */
  readonly session?: Session
}

/**
 * A document as it is now, and what can be done with it. What fails rejects, and is `error` until something succeeds. After
 * a change `data` already shows it.
 */
export interface UseStream<T> {
  /** `null` before it is loaded, when there is no such document, and when it is deleted. */
  readonly data: Readonly<ShallowRef<Stream<T> | null>>
  /** Why the last reading or change failed. */
  readonly error: ComputedRef<KurrentLiteError | null>
  /** True until the document was read, also after another id. */
  readonly isLoading: Readonly<ShallowRef<boolean>>
  /** True while a change is under way. */
  readonly isSaving: ComputedRef<boolean>
  /** Somebody else changed the document first; until a change succeeds, or `dismissConflict`. */
  readonly conflict: Readonly<ShallowRef<StreamConflictError | null>>
  /** Reads it now. */
  refresh(): Promise<void>
  /**
   * Changes the document that `data` shows: rejects with `StreamConflictError`, and sets `conflict`, when it has changed
   * since. Say `expectedVersion: undefined` to overwrite whatever there is.
   */
  update(changes: UpdateStreamRequest<T>, options?: ChangeOptions<T, UpdateStreamRequest<T>>): Promise<Stream<T>>
  /** Changes parts of the data by a JSON merge patch (RFC 7396); conflicts as with `update`. */
  patch(patch: object, options?: PatchStreamOptions<T>): Promise<Stream<T>>
  tag(changes: TagChanges): Promise<Stream<T>>
  setPermissions(permissions: StreamPermissionsPatch): Promise<Stream<T>>
  transferOwner(owner: string): Promise<Stream<T>>
  archive(): Promise<Stream<T>>
  restore(): Promise<Stream<T>>
  /** Deletes the document; `data` is `null` then. */
  remove(): Promise<void>
  dismissConflict(): void
}

/**
 * Follows a document for as long as the caller's scope lives, whoever changes it. `id` may change; nothing is read while it
 * is empty.
 *
 * ```ts
 * const { data: profile, isLoading, update } = useStream<Profile>(() => props.id)
 * await update({ data: { ...profile.value!.data, theme: 'dark' } })
 * ```
 */
export function useStream<T = any>(
  id: MaybeRefOrGetter<string | null | undefined>,
  { session = currentSession() }: UseStreamOptions = {},
): UseStream<T> {
  const { streams } = session
  const known = useLiveValue<string, Stream<T> | null>(session, {
    key: () => toValue(id) || undefined,
    read: async (key) => same(await streams.get<T>(key)),
    empty: null,
    events: ['streams'],
  })
  const saving = shallowRef(0)
  const failure = shallowRef<KurrentLiteError | null>(null)
  const conflict = shallowRef<StreamConflictError | null>(null)

  /** The object that is shown already when nothing is different, so that nothing is rendered anew. */
  function same(read: Stream<T> | null): Stream<T> | null {
    const shown = known.data.value
    return read && shown && streamIdentity(read) === streamIdentity(shown) ? shown : read
  }

  async function change<R>(run: (id: string) => Promise<R>, shown: (result: R) => Stream<T> | null): Promise<R> {
    saving.value += 1
    const target = toValue(id)
    try {
      if (!target) throw new DocumentNotFoundError('There is no document to change: the id is empty.', '')
      const result = await run(target)
      if (target === toValue(id)) known.overtake(shown(result))
      failure.value = null
      conflict.value = null
      return result
    } catch (thrown) {
      const error = toKurrentLiteError(thrown)
      failure.value = error
      if (error instanceof StreamConflictError) {
        conflict.value = error
        void known.refresh()
      }
      throw error
    } finally {
      saving.value -= 1
    }
  }
  const itself = (document: Stream<T>): Stream<T> => document
  const shownVersion = () => {
    const version = known.data.value?.metadata.version
    return version === undefined ? {} : { expectedVersion: version }
  }

  return {
    data: shallowReadonly(known.data),
    error: computed(() => failure.value ?? known.error.value),
    isLoading: shallowReadonly(known.isLoading),
    isSaving: computed(() => saving.value > 0),
    conflict: shallowReadonly(conflict),
    refresh: known.refresh,
    update: (changes, options) =>
      change((key) => streams.update<T>(key, { ...shownVersion(), ...changes }, options), itself),
    patch: (patch, options) => change((key) => streams.patch<T>(key, patch, { ...shownVersion(), ...options }), itself),
    tag: (changes) => change((key) => streams.tag<T>(key, changes), itself),
    setPermissions: (permissions) => change((key) => streams.setPermissions<T>(key, permissions), itself),
    transferOwner: (owner) => change((key) => streams.transferOwner<T>(key, owner), itself),
    archive: () => change((key) => streams.archive<T>(key), itself),
    restore: () => change((key) => streams.restore<T>(key), itself),
    remove: () => change((key) => streams.delete(key), () => null),
    dismissConflict: () => {
      conflict.value = null
      failure.value = null
    },
  }
}
