import { Session, type Database, type ImportedEvent } from '@/features/kurrentDB'
import { useDatabase } from './database'
import { sampleDocuments, sampleUsers } from './sample'
import {
  formatName,
  formatVersion,
  fromBase64,
  ImportError,
  toBase64,
  type FileDocument,
  type FileEvent,
  type FileUserData,
  type ImportContent,
} from './transfer'

type History = { readonly history?: readonly { readonly data?: unknown; readonly tags?: string[] }[] }

/** Every event of the present environment, in the order of the log. */
export async function exportEverything() {
  const { session, environment } = useDatabase()
  const database = await session.openDatabase()
  const events: FileEvent[] = readAll(database)
    .filter(({ streamId }) => !streamId.startsWith('$'))
    .map(({ streamId, type, id, data, metadata, created }) => ({
      stream: streamId,
      type,
      id,
      ...(data instanceof Uint8Array ? { data: toBase64(data), encoding: 'base64' as const } : { data }),
      ...(isJsonContent(metadata) && { metadata }),
      created: created.toISOString(),
    }))
  return {
    format: formatName,
    version: formatVersion,
    environment: environment.value,
    exported: new Date().toISOString(),
    events,
  }
}

const isJsonContent = (metadata: unknown) =>
  metadata !== undefined && metadata !== null && metadata !== '' && !(metadata instanceof Uint8Array)

function readAll(database: Database) {
  const events = []
  for (let after: bigint | undefined; ; ) {
    const page = database.readAllEvents({ ...(after !== undefined && { after }), maxCount: 1000 })
    events.push(...page)
    const last = page.at(-1)
    if (!last || page.length < 1000) return events
    after = last.position.commit
  }
}

/** Documents and user data as they are now, in the shape that a person would write. */
export async function exportDocuments(): Promise<{ documents: FileDocument[]; users: FileUserData[] }> {
  const { streams, userStreams } = useDatabase()
  const ordered = [...streams.value].sort((a, b) => (a.id < b.id ? -1 : 1))
  const documents = ordered.map(({ id, kind, name, description, data, metadata: { tags, owner }, permissions, status }) => ({
    id,
    ...(kind !== undefined && { kind }),
    name,
    ...(description !== undefined && { description }),
    data: data as unknown,
    tags,
    owner,
    permissions,
    ...(status === 'archived' && { status }),
  }))
  const users = userStreams.value.map(({ userId, type, category, data, isPublic }) => ({
    userId,
    type,
    ...(category !== undefined && { category }),
    data: data as unknown,
    isPublic,
  }))
  return { documents, users }
}

/**
 * Brings a file's content into the present environment: all of it or nothing. It is first written to a database of its
 * own, where the same rules judge it.
 * @throws ImportError, or what the services reject with
 */
export async function importContent(content: ImportContent, { replace }: { replace: boolean }): Promise<void> {
  const { session, noteChange } = useDatabase()
  const database = await session.openDatabase()
  const events = await tryOut((scratch) => fill(scratch, content))
  if (!replace) refuseKnown(database, content, events)

  const before = database.journal()
  try {
    if (replace) await session.reset()
    append(database, events)
  } catch (error) {
    // For example when memory runs out half-way: back to what was there.
    database.reset()
    database.replay(before)
    throw error
  } finally {
    noteChange()
  }
}

/** The sample data, added to what is there. */
export async function writeSamples(session: Session): Promise<void> {
  const events = await tryOut((scratch) => fill(scratch, { kind: 'documents', documents: sampleDocuments, users: sampleUsers }))
  const database = await session.openDatabase()
  refuseKnown(database, { kind: 'documents', documents: sampleDocuments, users: [] }, events)
  append(database, events)
}

interface PlannedEvent {
  readonly stream: string
  readonly event: ImportedEvent
}

/** What `write` makes of an empty database that nobody else sees. */
async function tryOut(write: (scratch: Session) => Promise<void>): Promise<PlannedEvent[]> {
  const scratch = new Session({ env: {}, environment: 'test', simulation: 'instant', sync: false })
  try {
    await write(scratch)
    return readAll(await scratch.openDatabase())
      .filter(({ streamId }) => !streamId.startsWith('$'))
      .map(({ streamId, id, type, data, metadata, created }) => ({
        stream: streamId,
        event: { id, type, data, created, ...(isJsonContent(metadata) && { metadata }) },
      }))
  } finally {
    scratch.dispose()
  }
}

async function fill(scratch: Session, content: ImportContent): Promise<void> {
  if (content.kind === 'events') {
    append(await scratch.openDatabase(), content.events.map(plan))
    return
  }
  const { documents, users } = content
  for (const [index, document] of documents.entries()) {
    await breathe(index)
    await named(`Document ${index + 1}`, () => fillDocument(scratch, document))
  }
  for (const [index, user] of users.entries()) {
    await breathe(index)
    await named(`User data ${index + 1}`, () => scratch.users.store(user))
  }
}

async function fillDocument(scratch: Session, { status, history, ...request }: FileDocument & History): Promise<void> {
  const { id } = await scratch.streams.create(request)
  for (const change of history ?? []) await scratch.streams.update(id, change)
  if (status === 'archived') await scratch.streams.archive(id)
}

/** Lets the page move now and then during a long piece of work. */
async function breathe(index: number): Promise<void> {
  if (index % 200 === 199) await new Promise((resolve) => setTimeout(resolve))
}

/** Says which entry of the file was refused. */
async function named(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new ImportError([`${what}: ${error instanceof Error ? error.message : String(error)}`])
  }
}

function plan({ stream, type, id, data, metadata, encoding, created }: FileEvent): PlannedEvent {
  return {
    stream,
    event: {
      type,
      data: encoding === 'base64' && typeof data === 'string' ? fromBase64(data) : data,
      ...(id !== undefined && { id }),
      ...(metadata !== undefined && { metadata }),
      ...(created !== undefined && { created: new Date(created) }),
    },
  }
}

/** One call for neighbours on the same stream, as long as they are few. */
function append(database: Database, events: readonly PlannedEvent[]): void {
  for (let from = 0; from < events.length; ) {
    const stream = events[from]?.stream ?? ''
    let to = from + 1
    while (to < events.length && to - from < 50 && events[to]?.stream === stream) to++
    database.appendEvents(
      stream,
      events.slice(from, to).map(({ event }) => event),
    )
    from = to
  }
}

/** Adding to a stream that is there already would mix two histories. User data are replaced, as storing always does. */
function refuseKnown(database: Database, content: ImportContent, events: readonly PlannedEvent[]): void {
  const streams = [...new Set(events.map(({ stream }) => stream))]
  const known = streams.filter(
    (stream) => !(content.kind === 'documents' && stream.startsWith('user-')) && database.readEvents(stream, { maxCount: 1 }).length > 0,
  )
  if (known.length === 0) return
  const names = known.slice(0, 4).join(', ') + (known.length > 4 ? ` and ${known.length - 4} more` : '')
  throw new ImportError([
    `Already in this environment: ${names}. Choose “Replace everything”, or give the documents in the file other ids.`,
  ])
}
