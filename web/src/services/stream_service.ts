import type { StoredEvent } from '../wasm/core'
import { toStream, toStreamHistory, toStreamPage } from './convert'
import { admitNew, admitReplacement, patchGuarded } from './document_guard'
import { StreamConflictError, ValidationError } from './errors'
import type {
  CallOptions,
  ChangeOptions,
  CreateStreamRequest,
  MergeStreamConflict,
  PatchStreamOptions,
  Stream,
  StreamDiff,
  StreamFilter,
  StreamHistoryOptions,
  StreamHistoryPage,
  StreamMoment,
  StreamPage,
  StreamPermissionsPatch,
  TagChanges,
  TransactionStep,
  UpdateStreamRequest,
} from './models'
import { type Followable, LiveStreamQuery } from './live_query'
import {
  type QueryExplanation,
  queryFieldsOf,
  type StreamPath,
  type StreamQuery,
  type StreamQueryPage,
  type StreamRow,
  type StreamRowsQuery,
  toQueryPage,
} from './query'
import type { UniqueClaims } from './kinds'
import { argumentsText, fieldsOf, nameText, required } from './request'
import type { Session } from './session'
import { transactGuarded } from './transaction_guard'
import { keepOutOfProxies } from '../wasm/opaque'

const createFields = ['id', 'kind', 'name', 'description', 'data', 'tags', 'owner', 'permissions'] as const
const updateFields = ['name', 'description', 'data', 'tags', 'permissions', 'expectedVersion'] as const
const filterFields = ['status', 'kind', 'owner', 'tags', 'search', 'sort', 'descending', 'offset', 'limit'] as const

const tagFields = ['add', 'remove'] as const
const historyFields = ['from', 'limit'] as const
const momentFields = ['version', 'time'] as const

/**
 * Documents: create, read, change, archive, delete, list, and their past. Each lives on the KurrentDB stream
 * `document-{id}`. Every method takes a deadline and a signal as its last argument, and may reject with
 * `ValidationError`, `ConnectionError`, `OperationTimeoutError`, `OperationCancelledError`, `OutOfMemoryError` and what
 * else is named there.
 */
export class StreamService {
  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  /** Rejects with `StreamConflictError` when the id is taken, also by a deleted document. */
  async create<T>(request: CreateStreamRequest<T>, options?: CallOptions): Promise<Stream<T>> {
    const fields = fieldsOf(request, 'request', createFields)
    required(fields.data, 'data')
    fields.data = await admitNew(this.session, fields)
    return toStream<T>(await this.session.call('createStream', argumentsText(fields), options))
  }

  /** `null` when there is no such document or it is deleted. */
  async get<T = unknown>(id: string, options?: CallOptions): Promise<Stream<T> | null> {
    const found = await this.session.call('getStream', idText(id), options)
    return found === null ? null : toStream<T>(found)
  }

  /**
   * Changes the given fields. Rejects with `DocumentNotFoundError` when the document is unknown or deleted, with
   * `StreamConflictError`, which carries both versions, when `expectedVersion` is given and stale; `onConflict` may merge
   * them instead.
   */
  async update<T = unknown>(
    id: string,
    changes: UpdateStreamRequest<T>,
    given: ChangeOptions<T, UpdateStreamRequest<T>> = {},
  ): Promise<Stream<T>> {
    const { onConflict, ...options } = changeOptions(given)
    return merging(id, changes, changes?.expectedVersion, onConflict, async (attempt, expectedVersion) => {
      const fields = { id: required(id, 'id'), ...fieldsOf(attempt, 'changes', updateFields), expectedVersion }
      fields.data = await admitReplacement(this.session, fields.id, fields.data, options)
      return toStream<T>(await this.session.call('updateStream', argumentsText(fields), options))
    })
  }

  /**
   * Changes parts of the data by a JSON merge patch (RFC 7396): members of objects replace or follow each other at every
   * depth, `null` removes a member. Only the patch is written; when the schema of the document's kind makes something
   * else of the outcome, that is written whole. Rejects as `update` does.
   */
  async patch<T = unknown>(id: string, patch: object, options: PatchStreamOptions<T> = {}): Promise<Stream<T>> {
    const { expectedVersion: expected, onConflict, ...limits } = changeOptions(options)
    return merging(id, patch, expected, onConflict, async (attempt, expectedVersion) => {
      const fields = { id: required(id, 'id'), with: required(attempt, 'with'), expectedVersion }
      return toStream<T>(await patchGuarded(this.session, fields, limits))
    })
  }

  /** Puts tags on and takes tags off; nothing is written when that changes nothing. Rejects with `DocumentNotFoundError`. */
  async tag<T = unknown>(id: string, changes: TagChanges, options?: CallOptions): Promise<Stream<T>> {
    const fields = { id: required(id, 'id'), ...fieldsOf(changes, 'changes', tagFields) }
    return toStream<T>(await this.session.call('tagStream', argumentsText(fields), options))
  }

  /** Changes who may do what, part by part. Takes `admin`. Rejects with `DocumentNotFoundError`. */
  async setPermissions<T = unknown>(
    id: string,
    permissions: StreamPermissionsPatch,
    options?: CallOptions,
  ): Promise<Stream<T>> {
    const fields = { id: required(id, 'id'), permissions }
    return toStream<T>(await this.session.call('setStreamPermissions', argumentsText(fields), options))
  }

  /**
   * Gives the document to another owner, who also takes the place of the former one in its permissions. Takes `admin`.
   * Rejects with `DocumentNotFoundError`.
   */
  async transferOwner<T = unknown>(id: string, owner: string, options?: CallOptions): Promise<Stream<T>> {
    const fields = { id: required(id, 'id'), owner }
    return toStream<T>(await this.session.call('transferStream', argumentsText(fields), options))
  }

  /**
   * Makes several changes, all of them or none, in one multi-stream append: 1 to 1000 steps in their order; several may be
   * about one document, whose `expectedVersion` is what it has at the beginning. Answers each step's document as it is
   * after all of them. Rejects as the operations do; a `ValidationError` names `steps[2].name` and so on.
   */
  async transaction(steps: readonly TransactionStep[], options?: CallOptions): Promise<Stream<any>[]> {
    const documents = await transactGuarded(this.session, required(steps, 'steps'), options)
    return (documents as unknown[]).map((document) => toStream<any>(document))
  }

  /** Takes `admin`. Rejects with `DocumentNotFoundError` when the document is unknown or already deleted. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.session.call('deleteStream', idText(id), options)
  }

  /** Archived documents stay readable and changeable. Rejects with `DocumentNotFoundError`. */
  async archive<T = unknown>(id: string, options?: CallOptions): Promise<Stream<T>> {
    return toStream<T>(await this.session.call('archiveStream', idText(id), options))
  }

  /** Makes an archived document active again. Rejects with `DocumentNotFoundError`, also for a deleted one. */
  async restore<T = unknown>(id: string, options?: CallOptions): Promise<Stream<T>> {
    return toStream<T>(await this.session.call('restoreStream', idText(id), options))
  }

  /** One page of the documents that `filter` matches. */
  async list<T = unknown>(filter: StreamFilter = {}, options?: CallOptions): Promise<StreamPage<T>> {
    const fields = fieldsOf(filter, 'filter', filterFields)
    return toStreamPage<T>(await this.session.call('listStreams', argumentsText(fields), options))
  }

  /**
   * One page of the documents that `query` describes and the acting user may read, as they are at one moment. Rejects with
   * `ValidationError` that names every bad place of the query.
   *
   * ```ts
   * const query: StreamQuery = { where: { 'data.total': { gte: 100 }, tags: { contains: 'vip' } }, sort: '-updatedAt' }
   * const { items, next } = await streams.query(query)
   * const more = next && (await streams.query({ ...query, cursor: next }))
   * ```
   */
  query<P extends StreamPath>(query: StreamRowsQuery<P>, options?: CallOptions): Promise<StreamQueryPage<StreamRow<P>>>
  query<T = any>(query?: StreamQuery, options?: CallOptions): Promise<StreamQueryPage<Stream<T>>>
  async query(query: Partial<StreamRowsQuery> = {}, options?: CallOptions): Promise<StreamQueryPage<any>> {
    const text = argumentsText(queryFieldsOf(query))
    return toQueryPage(await this.session.call('queryStreams', text, options), query.select)
  }

  /** Carries `query` out and tells how: whether an index was used, how many documents were looked at, how long it took. */
  async explain(query: StreamQuery = {}, options?: CallOptions): Promise<QueryExplanation> {
    const text = argumentsText(queryFieldsOf(query))
    return (await this.session.call('explainStreams', text, options)) as QueryExplanation
  }

  /**
   * The result of `query`, kept up to date until it is closed: once a turn it tells what was added, changed and removed.
   * It starts by itself; `ready()` waits for the first result. Throws `ValidationError` only when JSON cannot hold the
   * query; what else is wrong comes as its `error`.
   *
   * ```ts
   * const live = streams.live({ where: { status: 'active' }, sort: '-updatedAt', limit: 20 })
   * live.on('change', ({ items, changes }) => …)
   * ```
   */
  live<P extends StreamPath>(query: Followable<StreamRowsQuery<P>>): LiveStreamQuery<StreamRow<P>>
  live<T = any>(query?: Followable<StreamQuery>): LiveStreamQuery<Stream<T>>
  live(query: Followable<Partial<StreamRowsQuery>> = {}): LiveStreamQuery<any> {
    const fields = { ...queryFieldsOf(query), total: undefined }
    return new LiveStreamQuery(this.session, this.session.live, { operation: 'watchStreams', fields, select: query.select })
  }

  /** What `list` answers, kept up to date as `live` does; its limit may be up to 100,000. */
  liveList<T = any>(filter: StreamFilter = {}): LiveStreamQuery<Stream<T>> {
    const fields = fieldsOf(filter, 'filter', filterFields)
    return new LiveStreamQuery(this.session, this.session.live, { operation: 'watchStreamList', fields })
  }

  /**
   * Keeps an index of the values at `path`, of the documents of `kind` only when one is given. Resolves when queries use
   * it. For indexes that are known from the start see the option `kinds`.
   */
  async declareIndex(path: StreamPath, kind?: string, options?: CallOptions): Promise<void> {
    await this.session.call('declareStreamIndex', argumentsText({ path: required(path, 'path'), kind }), options)
  }

  /**
   * Claims the unique values of documents that were written before `kinds` declared them, and gives back claims whose
   * document no longer has the value, since a program that knows nothing of them changed it. Of several documents that
   * have a value, the one that holds it keeps it, else the oldest gets it; the others come as `conflicts` and stay as they
   * are. May be called at any time, also while others write; after an error it goes on where it stopped, for instance when
   * many documents take longer than the deadline. Rejects with `ValidationError` (`kind`) when the kind has no unique
   * values, with `PermissionDeniedError` when somebody acts (option `user`): it goes over documents of all users.
   */
  async claimUnique(kind: string, options?: CallOptions): Promise<UniqueClaims> {
    const text = argumentsText({ kind: required(kind, 'kind') })
    return (await this.session.call('claimStreamValues', text, options)) as UniqueClaims
  }

  /**
   * What happened to a document, newest first, a page at a time; a deleted document keeps its history. Pages stay as they
   * are while the document changes. Rejects with `DocumentNotFoundError` when there never was such a document.
   */
  async history(
    id: string,
    part: StreamHistoryOptions = {},
    options?: CallOptions,
  ): Promise<StreamHistoryPage> {
    const fields = { id: required(id, 'id'), ...fieldsOf(part, 'options', historyFields) }
    return toStreamHistory(await this.session.call('getStreamHistory', argumentsText(fields), options))
  }

  /**
   * The document as it was at a version or a time; once it is deleted, its last content with status `deleted`. `null`
   * before it was created. A time to come is now. Rejects with `DocumentNotFoundError` when there never was such a
   * document, or it has no such version yet.
   */
  async at<T = unknown>(id: string, moment: StreamMoment, options?: CallOptions): Promise<Stream<T> | null> {
    const fields = { id: required(id, 'id'), ...fieldsOf(moment, 'moment', momentFields) }
    if (fields.time instanceof Date) fields.time = fields.time.getTime()
    if (Number.isNaN(fields.time)) throw new ValidationError([{ field: 'time', problem: 'must be a valid date.' }])
    const found = await this.session.call('getStreamAt', argumentsText(fields), options)
    return found === null ? null : toStream<T>(found)
  }

  /**
   * What makes version `to` of a document differ from version `from`, value by value: its content, status, owner, tags
   * and permissions. Arrays are compared index by index; version 0 is nothing yet. Rejects with `DocumentNotFoundError`
   * when there never was such a document, or it has no such version yet.
   */
  async diff(id: string, from: number, to: number, options?: CallOptions): Promise<StreamDiff> {
    const fields = { id: required(id, 'id'), from: required(from, 'from'), to: required(to, 'to') }
    return (await this.session.call('diffStream', argumentsText(fields), options)) as StreamDiff
  }

  /** The events behind a document, oldest first; none for an unknown one. Not part of the simulated network. */
  async events(id: string): Promise<StoredEvent[]> {
    const core = await this.session.openCore()
    return this.session.readEvents(core.documentStreamName(nameText(id, 'id')))
  }
}

/** The options of a change after checking that they are an object, and `onConflict` a function. */
function changeOptions<Options extends ChangeOptions<any, any>>(options: Options): Options {
  const { onConflict } = fieldsOf(options, 'options', ['onConflict'])
  if (onConflict === undefined || typeof onConflict === 'function') return options
  throw new ValidationError([{ field: 'options.onConflict', problem: 'must be a function that answers changes or null.' }])
}

/** Makes a change; at each conflict `merge` is asked what to change instead. */
async function merging<T, Changes>(
  id: string,
  changes: Changes,
  expected: number | undefined,
  merge: MergeStreamConflict<T, Changes> | undefined,
  make: (changes: Changes, expectedVersion: number | undefined) => Promise<Stream<T>>,
): Promise<Stream<T>> {
  for (let expectedVersion = expected; ; ) {
    try {
      return await make(changes, expectedVersion)
    } catch (thrown) {
      if (!(thrown instanceof StreamConflictError) || !thrown.theirs || !merge) throw thrown
      const merged = await merge({ id, base: thrown.base ?? null, theirs: thrown.theirs, changes })
      if (!merged) throw thrown
      changes = merged
      expectedVersion = thrown.theirs.metadata.version
    }
  }
}

const idText = (id: string): string => argumentsText({ id: required(id, 'id') })
