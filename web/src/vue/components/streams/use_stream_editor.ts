import { computed, type ComputedRef, reactive, type ShallowRef, shallowRef } from 'vue'
import { StreamConflictError } from '../../../services/errors'
import type { CreateStreamRequest, Stream, StreamPermissions } from '../../../services/models'
import type { Session } from '../../../services/session'
import { currentSession } from '../../app_session'
import { lineOf, parseJson, type ParsedJson, pathParts, prettyJson } from '../parts/json'
import { type Difference, differences, isSame, merge } from '../parts/merge'
import { type Action, useAction } from '../parts/use_action'
import { changedFields, type Content, contentOf } from './content'

/** What a person may fill in. */
export interface StreamForm {
  name: string
  /** Only of new documents; empty: the database makes one. */
  id: string
  description: string
  /** Only of new documents, which keep it; empty: none. */
  kind: string
  /** Only of new documents; empty: the acting user, or the database's default. */
  owner: string
  tags: string[]
  read: string[]
  write: string[]
  admin: string[]
  /** JSON, as it is being typed. */
  data: string
}

/** Somebody else changed the document while it was being edited. */
export interface StreamEditConflict {
  /** The document that the editing began with. */
  readonly base: Stream
  /** The document now. */
  readonly theirs: Stream
  /** Where theirs and mine differ; places that only one side changed need no decision. */
  readonly differences: readonly Difference[]
}

export interface StreamEditor extends Pick<Action, 'busy' | 'error' | 'problems' | 'failure'> {
  readonly form: StreamForm
  readonly isNew: boolean
  /** The document that the form began with, or went on from. */
  readonly base: Readonly<ShallowRef<Stream | undefined>>
  /** What `form.data` means, or what is wrong with it. */
  readonly json: ComputedRef<ParsedJson>
  /** Something would be saved. */
  readonly isChanged: ComputedRef<boolean>
  /** Lines of `form.data` that the database complains about. */
  readonly badLines: ComputedRef<readonly number[]>
  readonly conflict: Readonly<ShallowRef<StreamEditConflict | null>>
  /** Writes what the form holds. The document as it is then; `null` when that failed, and `error` or `conflict` say why. */
  save(): Promise<Stream | null>
  /** Ends a conflict by saving both changes; `choose` decides where both sides changed the same place. */
  saveMerged(choose: (path: readonly string[]) => 'mine' | 'theirs'): Promise<Stream | null>
  /** Ends a conflict by forgetting what was typed: the form begins anew with the document as it is. */
  takeTheirs(): void
  /**
   * Goes on from `document`, which the caller has changed while the form was open; what was typed stays. When somebody else
   * changed it as well, nothing happens: saving meets the conflict.
   */
  rebase(document: Stream): void
  /** Goes back to the form; saving then meets the same conflict again. */
  leaveConflict(): void
}

function formOf(document: Stream | undefined): StreamForm {
  return {
    name: document?.name ?? '',
    id: document?.id ?? '',
    description: document?.description ?? '',
    kind: document?.kind ?? '',
    owner: document?.metadata.owner ?? '',
    tags: [...(document?.metadata.tags ?? [])],
    read: [...(document?.permissions.read ?? [])],
    write: [...(document?.permissions.write ?? [])],
    admin: [...(document?.permissions.admin ?? [])],
    data: document ? prettyJson(document.data) : '{\n  \n}',
  }
}

export interface StreamEditorOptions {
  /** The document to change. @defaultValue none: a new one is made */
  readonly document?: Stream
  /** What sort of document a new one is. @defaultValue none */
  readonly kind?: string
  /** @defaultValue the session of the app */
  readonly session?: Session
}

/**
 * Edits a document, or makes a new one when none is given. Saving writes what was changed and nothing else, and only over
 * the version that the editing began with.
 */
export function useStreamEditor({ document, kind, session = currentSession() }: StreamEditorOptions = {}): StreamEditor {
  const action = useAction(['name', 'id', 'kind', 'description', 'owner', 'tags', 'permissions', 'data'])
  const form = reactive({ ...formOf(document), ...(!document && kind !== undefined && { kind }) })
  const base = shallowRef(document)
  const conflict = shallowRef<StreamEditConflict | null>(null)
  const json = computed(() => parseJson(form.data))
  const isChanged = computed(() => {
    if (!base.value) return true
    return !json.value.ok || !isSame(contentOf(base.value), content(json.value.value))
  })
  const badLines = computed(() => {
    if (!json.value.ok) return []
    const paths = action.violations.value.map(({ field }) => pathParts(field)).filter(([first, second]) => first === 'data' && second)
    return paths.map((path) => lineOf(form.data, path.slice(1)))
  })

  const content = (data: unknown): Content => ({
    name: form.name,
    description: form.description,
    tags: [...form.tags],
    permissions: { read: [...form.read], write: [...form.write], admin: [...form.admin] },
    data,
  })

  async function save(): Promise<Stream | null> {
    if (!json.value.ok) return null
    const wanted = content(json.value.value)
    return base.value ? update(base.value, wanted) : create(wanted)
  }

  async function create(wanted: Content): Promise<Stream | null> {
    let created: Stream | null = null
    await action.run(async () => (created = await session.streams.create(createRequest(form, wanted))))
    return created
  }

  async function update(from: Stream, wanted: Content): Promise<Stream | null> {
    let saved: Stream | null = null
    await action.run(async () => {
      const changes = changedFields(contentOf(from), wanted)
      const expectedVersion = from.metadata.version
      try {
        saved = changes ? await session.streams.update(from.id, { ...changes, expectedVersion }) : from
      } catch (error) {
        if (!(error instanceof StreamConflictError) || !error.theirs) throw error
        const { theirs } = error
        conflict.value = { base: from, theirs, differences: differences(contentOf(from), wanted, contentOf(theirs)) }
      }
    })
    if (saved) conflict.value = null
    return saved
  }

  async function saveMerged(choose: (path: readonly string[]) => 'mine' | 'theirs'): Promise<Stream | null> {
    const { base: before, theirs } = conflict.value ?? {}
    if (!before || !theirs || !json.value.ok) return null
    const both = merge(contentOf(before), content(json.value.value), contentOf(theirs), choose) as Content
    return update(theirs, both)
  }

  function takeTheirs(): void {
    base.value = conflict.value?.theirs ?? base.value
    Object.assign(form, formOf(base.value))
    leaveConflict()
  }

  function rebase(next: Stream): void {
    const before = base.value
    if (!before || next.metadata.version !== before.metadata.version + 1) return
    for (const right of ['read', 'write', 'admin'] as const) {
      if (isSame(form[right], before.permissions[right])) form[right] = [...next.permissions[right]]
    }
    form.owner = next.metadata.owner
    base.value = next
  }

  function leaveConflict(): void {
    conflict.value = null
    action.clear()
  }

  const { busy, error, problems, failure } = action
  return {
    form, isNew: !document, base, json, isChanged, badLines, conflict, busy, error, problems, failure,
    save, saveMerged, takeTheirs, rebase, leaveConflict,
  }
}

/** Empty fields are left to the database's defaults, so that its rules judge what is there and nothing else. */
function createRequest({ id, kind, owner }: StreamForm, { name, description, tags, permissions, data }: Content): CreateStreamRequest {
  const given = Object.entries(permissions).filter(([, names]) => names.length > 0)
  return {
    name,
    data,
    tags,
    ...(id !== '' && { id }),
    ...(kind !== '' && { kind }),
    ...(owner !== '' && { owner }),
    ...(description !== '' && { description }),
    ...(given.length > 0 && { permissions: Object.fromEntries(given) as Partial<StreamPermissions> }),
  }
}
