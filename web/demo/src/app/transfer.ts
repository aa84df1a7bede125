/**
 * The demo's files: reading, checking and writing them, without a database. What they look like is told to people in
 * `views/TransferFormat.vue`; whatever reads here is checked before anything is written.
 */

export const formatName = 'kurrentlite'
export const formatVersion = 1

/** A document as a person writes it; more or less a create request. */
export interface FileDocument {
  readonly id?: string
  readonly kind?: string
  readonly name: string
  readonly description?: string
  readonly data: unknown
  readonly tags?: string[]
  readonly owner?: string
  readonly permissions?: { read?: string[]; write?: string[]; admin?: string[] }
  readonly status?: 'active' | 'archived'
}

export interface FileUserData {
  readonly userId: string
  readonly type?: string
  readonly category?: string
  readonly data: unknown
  readonly isPublic?: boolean
}

/** One event of a full export, in the order of `$all`. */
export interface FileEvent {
  readonly stream: string
  readonly type: string
  readonly id?: string
  readonly data: unknown
  readonly metadata?: unknown
  /** When it was first written, as ISO 8601; without it the time of the import. */
  readonly created?: string
  /** Present on binary events: `data` is then text in this encoding. */
  readonly encoding?: 'base64'
}

export type ImportContent =
  | { readonly kind: 'documents'; readonly documents: readonly FileDocument[]; readonly users: readonly FileUserData[] }
  | { readonly kind: 'events'; readonly events: readonly FileEvent[] }

/** A file that cannot be taken as it is; each problem is a sentence with the place. */
export class ImportError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems[0] ?? 'The file cannot be imported.')
    this.name = 'ImportError'
  }
}

const maxShownProblems = 8

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)

/** Reads a file's text. @throws ImportError with every problem found (at most a handful are kept) */
export function readImport(text: string): ImportContent {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new ImportError([`This file is not JSON: ${error instanceof Error ? error.message : String(error)}`])
  }
  if (Array.isArray(value)) return readDocuments(value, [], '')
  if (!isObject(value)) throw new ImportError(['The file should hold a list of documents, or an object.'])
  if ('format' in value || 'events' in value) return readEvents(value)
  const { documents = [], users = [] } = value
  if (!('documents' in value || 'users' in value)) {
    throw new ImportError(['The file should hold "documents", "users" or "events"; it has none of them.'])
  }
  if (!Array.isArray(documents)) throw new ImportError(['documents: should be a list.'])
  if (!Array.isArray(users)) throw new ImportError(['users: should be a list.'])
  return readDocuments(documents, users, 'documents')
}

function readDocuments(documents: readonly unknown[], users: readonly unknown[], path: string): ImportContent {
  const problems: string[] = []
  const seen = new Set<string>()
  documents.forEach((document, index) => {
    const at = path === '' ? `Document ${index + 1}` : `${path}[${index}]`
    problems.push(...documentProblems(document).map((problem) => `${at}: ${problem}`))
    if (!isObject(document) || !isText(document['id'])) return
    if (seen.has(document['id'])) problems.push(`${at}: the id "${document['id']}" appears twice in this file.`)
    seen.add(document['id'])
  })
  users.forEach((user, index) => {
    problems.push(...userProblems(user).map((problem) => `users[${index}]: ${problem}`))
  })
  refuse(problems)
  if (documents.length + users.length === 0) throw new ImportError(['The file holds no documents and no user data.'])
  return { kind: 'documents', documents: documents.map(withModelFields) as FileDocument[], users: users as FileUserData[] }
}

/** A document as the store hands it out keeps tags and owner in its metadata. */
function withModelFields(document: unknown): unknown {
  if (!isObject(document) || !isObject(document['metadata'])) return document
  const { tags, owner } = document['metadata']
  return { ...(isTexts(tags) && { tags }), ...(isText(owner) && { owner }), ...document }
}

function documentProblems(document: unknown): string[] {
  if (!isObject(document)) return ['should be an object with "name" and "data".']
  const problems: string[] = []
  const { id, kind, name, description, tags, owner, permissions, status } = document
  if (!isText(name) || name === '') problems.push('"name" should be a text that is not empty.')
  if (!('data' in document)) problems.push('"data" is missing.')
  if (id !== undefined && (!isText(id) || id === '')) problems.push('"id" should be a text that is not empty.')
  if (kind !== undefined && !isText(kind)) problems.push('"kind" should be a text.')
  if (description !== undefined && !isText(description)) problems.push('"description" should be a text.')
  if (tags !== undefined && !isTexts(tags)) problems.push('"tags" should be a list of texts.')
  if (owner !== undefined && !isText(owner)) problems.push('"owner" should be a text.')
  if (status !== undefined && status !== 'active' && status !== 'archived') {
    problems.push('"status" should be "active" or "archived".')
  }
  if (permissions !== undefined) {
    const fine =
      isObject(permissions) && ['read', 'write', 'admin'].every((part) => permissions[part] === undefined || isTexts(permissions[part]))
    if (!fine) problems.push('"permissions" should hold lists of texts named read, write and admin.')
  }
  return problems
}

function userProblems(user: unknown): string[] {
  if (!isObject(user)) return ['should be an object with "userId" and "data".']
  const problems: string[] = []
  const { userId, type, category, isPublic } = user
  if (!isText(userId) || userId === '') problems.push('"userId" should be a text that is not empty.')
  if (!('data' in user)) problems.push('"data" is missing.')
  if (type !== undefined && !isText(type)) problems.push('"type" should be a text.')
  if (category !== undefined && !isText(category)) problems.push('"category" should be a text.')
  if (isPublic !== undefined && typeof isPublic !== 'boolean') problems.push('"isPublic" should be true or false.')
  return problems
}

function readEvents(file: JsonObject): ImportContent {
  if (file['format'] !== formatName) throw new ImportError([`"format" should be "${formatName}".`])
  if (file['version'] !== formatVersion) {
    throw new ImportError([`"version" should be ${formatVersion}; this page knows no other.`])
  }
  const events = file['events']
  if (!Array.isArray(events)) throw new ImportError(['events: should be a list.'])
  const problems = events.flatMap((event: unknown, index) => eventProblems(event).map((problem) => `events[${index}]: ${problem}`))
  refuse(problems)
  if (events.length === 0) throw new ImportError(['The file holds no events.'])
  return { kind: 'events', events: events as FileEvent[] }
}

const uuidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

function eventProblems(event: unknown): string[] {
  if (!isObject(event)) return ['should be an object with "stream", "type" and "data".']
  const problems: string[] = []
  const { stream, type, id, encoding, created } = event
  if (!isText(stream) || stream === '') problems.push('"stream" should be a text that is not empty.')
  else if (stream.startsWith('$')) problems.push(`"${stream}" belongs to the database itself and cannot be imported.`)
  if (!isText(type) || type === '') problems.push('"type" should be a text that is not empty.')
  if (!('data' in event)) problems.push('"data" is missing.')
  if (id !== undefined && !(isText(id) && uuidPattern.test(id))) problems.push('"id" should be a UUID.')
  if (created !== undefined && !(isText(created) && !Number.isNaN(Date.parse(created)))) {
    problems.push('"created" should be a time such as "2026-11-23T10:15:00Z".')
  }
  if (encoding !== undefined && !(encoding === 'base64' && isBase64(event['data']))) {
    problems.push('"encoding" should be "base64", and "data" such a text.')
  }
  return problems
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return
  const more = problems.length - maxShownProblems
  throw new ImportError(more > 0 ? [...problems.slice(0, maxShownProblems), `… and ${more} more.`] : problems)
}

function isBase64(value: unknown): boolean {
  return isText(value) && value.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(value)
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Offers `content` as a download. */
export function saveFile(name: string, content: unknown): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(content, null, 2)}\n`], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
