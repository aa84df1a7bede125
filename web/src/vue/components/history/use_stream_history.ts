import { computed, type ComputedRef, type MaybeRefOrGetter, ref, type Ref, toValue, watch, type WritableComputedRef } from 'vue'
import type { Stream, StreamDiff, StreamHistoryEntry, StreamHistoryPage } from '../../../services/models'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'
import { useLiveValue } from '../../live_value'
import { type Action, useAction } from '../parts/use_action'
import { changedFields, contentOf } from '../streams/content'

/** What a version is compared with. */
export type HistoryComparison = 'before' | 'latest'

export interface StreamHistory {
  /** Versions, newest first, as far as they are loaded. */
  readonly entries: ComputedRef<readonly StreamHistoryEntry[]>
  readonly hasOlder: ComputedRef<boolean>
  loadOlder(): Promise<void>
  /** The oldest version there is (more than 1 when events were truncated), and the latest; 0 before they are known. */
  readonly first: ComputedRef<number>
  readonly latest: ComputedRef<number>
  /** The version to look at. At the latest it stays at the latest, whatever is written. */
  readonly version: WritableComputedRef<number>
  /** What happened at that version. */
  readonly entry: ComputedRef<StreamHistoryEntry | undefined>
  /** The document as it was at that version. */
  readonly document: ComputedRef<Stream | null>
  readonly comparison: Ref<HistoryComparison>
  /** What makes the version differ from the one before, or the latest from it. */
  readonly diff: ComputedRef<StreamDiff | null>
  readonly isLoading: ComputedRef<boolean>
  /** Why something could not be read. */
  readonly error: ComputedRef<Error | null>
  /** Goes to the version that the document had at a time; false when it did not exist yet. */
  goTo(time: Date): Promise<boolean>
  /** Makes the version's content the document's content again, as a new version. */
  readonly restoring: Action
  restore(): Promise<Stream | null>
}

export interface StreamHistoryOptionsOfView {
  /** @defaultValue the session of the app */
  readonly session?: Session
}

interface Moment {
  readonly entry: StreamHistoryEntry | undefined
  readonly document: Stream | null
  readonly diff: StreamDiff
}

const pageSize = 50

/** The history of a document, and one moment of it, followed for as long as the caller's scope lives. */
export function useStreamHistory(
  id: MaybeRefOrGetter<string>,
  { session = currentSession() }: StreamHistoryOptionsOfView = {},
): StreamHistory {
  const { streams } = session
  const loaded = ref(pageSize)
  /** 0: the latest. */
  const chosen = ref(0)
  const comparison = ref<HistoryComparison>('before')
  const restoring = useAction()

  const past = useLiveValue<string, StreamHistoryPage | null>(session, {
    key: () => toValue(id),
    read: (of) => readEntries(session, of, loaded.value),
    empty: null,
    events: ['streams', 'user'],
  })
  const latest = computed(() => past.data.value?.items[0]?.version ?? 0)
  const first = computed(() => (past.data.value ? latest.value - past.data.value.total + 1 : 0))
  const version = computed({
    get: () => (chosen.value === 0 ? latest.value : Math.min(Math.max(chosen.value, first.value), latest.value)),
    set: (wanted) => (chosen.value = wanted >= latest.value ? 0 : wanted),
  })
  watch(() => toValue(id), () => {
    chosen.value = 0
    loaded.value = pageSize
  })

  const moment = useLiveValue<{ of: string; from: number; to: number; at: number }, Moment | null>(session, {
    key: () => {
      if (latest.value === 0) return undefined
      const at = version.value
      const against = comparison.value === 'before' ? [Math.max(0, at - 1), at] : [at, latest.value]
      return { of: toValue(id), at, from: against[0]!, to: against[1]! }
    },
    read: async ({ of, at, from, to }) => {
      const [page, document, diff] = await Promise.all([
        streams.history(of, { from: at, limit: 1 }),
        streams.at(of, { version: at }),
        streams.diff(of, from, to),
      ])
      return { entry: page.items[0], document, diff }
    },
    empty: null,
    events: ['user'],
  })

  async function loadOlder(): Promise<void> {
    loaded.value += pageSize
    await past.refresh()
  }

  async function goTo(time: Date): Promise<boolean> {
    const then = await streams.at(toValue(id), { time })
    if (!then) return false
    version.value = then.metadata.version
    return true
  }

  async function restore(): Promise<Stream | null> {
    let restored: Stream | null = null
    await restoring.run(async () => {
      const [now, then] = [await streams.at(toValue(id), { version: latest.value }), moment.data.value?.document]
      if (!now || !then) return
      const changes = changedFields(contentOf(now), contentOf(then))
      restored = changes ? await streams.update(now.id, { ...changes, expectedVersion: now.metadata.version }) : now
      chosen.value = 0
    })
    return restored
  }

  return {
    entries: computed(() => past.data.value?.items ?? []),
    hasOlder: computed(() => (past.data.value?.next ?? null) !== null),
    loadOlder,
    first,
    latest,
    version,
    entry: computed(() => moment.data.value?.entry),
    document: computed(() => moment.data.value?.document ?? null),
    comparison,
    diff: computed(() => moment.data.value?.diff ?? null),
    isLoading: computed(() => past.isLoading.value || moment.isLoading.value),
    error: computed(() => past.error.value ?? moment.error.value),
    goTo,
    restoring,
    restore,
  }
}

/** The newest `count` entries; a page holds 1000 of them at most. */
async function readEntries(session: Session, id: string, count: number): Promise<StreamHistoryPage> {
  const page = await session.streams.history(id, { limit: Math.min(count, 1000) })
  while (page.items.length < count && page.next !== null) {
    const older = await session.streams.history(id, { from: page.next, limit: Math.min(count - page.items.length, 1000) })
    page.items.push(...older.items)
    page.next = older.next
  }
  return page
}
