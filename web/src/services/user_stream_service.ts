import type { StoredEvent } from '../wasm/core'
import { toUserStream } from './convert'
import { StreamConflictError, ValidationError } from './errors'
import type { CallOptions, StoreUserDataRequest, UserStream } from './models'
import { argumentsText, fieldsOf, nameText, required } from './request'
import type { Session } from './session'
import { keepOutOfProxies } from '../wasm/opaque'

const storeRequestFields = ['userId', 'type', 'category', 'data', 'isPublic'] as const

/** Ways to store a user's data. Storing replaces what was stored under the same user, type and category. */
export interface StoreUserData {
  /** Stores `data` whole, as type `data`. */
  <T extends object>(userId: string, data: T, options?: CallOptions): Promise<UserStream<T>>
  <T>(
    userId: string,
    type: string,
    category: string | null | undefined,
    data: T,
    isPublic?: boolean,
    options?: CallOptions,
  ): Promise<UserStream<T>>
  <T>(request: StoreUserDataRequest<T>, options?: CallOptions): Promise<UserStream<T>>
}

/** Ways to change a user's data: the top-level keys of `changes` are merged into it. */
export interface UpdateUserData {
  <T = unknown>(userId: string, changes: object, options?: CallOptions): Promise<UserStream<T>>
  <T = unknown>(userId: string, type: string, changes: object, options?: CallOptions): Promise<UserStream<T>>
  <T = unknown>(
    userId: string,
    type: string,
    category: string | null | undefined,
    changes: object,
    options?: CallOptions,
  ): Promise<UserStream<T>>
}

/**
 * Data of users, by user, type (`data` unless said otherwise) and, perhaps, category. Each lives on the KurrentDB
 * stream `user-{userId}-{type}[-{category}]`. Every method takes a deadline and a signal as its last argument, and may
 * reject with `ValidationError`, `ConnectionError`, `OperationTimeoutError`, `OperationCancelledError`,
 * `OutOfMemoryError` and what else is named there.
 */
export class UserStreamService {
  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  /** Stores data in the place of what was there. */
  readonly store: StoreUserData = (...given: unknown[]) => this.storeFrom(given)

  /** `store` with its arguments in one array. @internal */
  async storeFrom(given: readonly unknown[]): Promise<UserStream<any>> {
    const { fields, options } = storeArguments(given)
    const subject = subjectOf(fields)
    const guard = this.session.guards.users
    const data = guard.guards(subject.kind) ? await guard.admit(fields.data, subject) : fields.data
    return toUserStream(await this.session.call('storeUserData', argumentsText({ ...fields, data }), options))
  }

  /** `null` when nothing is stored. */
  async get<T = unknown>(
    userId: string,
    type?: string,
    category?: string | null,
    options?: CallOptions,
  ): Promise<UserStream<T> | null> {
    const found = await this.session.call('getUserData', keyText(userId, type, category), options)
    return found === null ? null : toUserStream<T>(found)
  }

  /** Merges top-level keys. Rejects with `DocumentNotFoundError` when nothing is stored. */
  readonly update: UpdateUserData = (...given: unknown[]) => this.updateFrom(given)

  /** `update` with its arguments in one array. @internal */
  async updateFrom(given: readonly unknown[]): Promise<UserStream<any>> {
    const { fields, options } = updateArguments(given)
    const { kind } = subjectOf(fields)
    if (this.session.guards.users.guards(kind)) return this.updateGuarded(fields, options)
    return toUserStream(await this.session.call('updateUserData', argumentsText({ ...fields }), options))
  }

  /** What is checked is the outcome of the merge, so that nobody may change the data in between. */
  private async updateGuarded(fields: UserDataFields, options?: CallOptions): Promise<UserStream<any>> {
    const { session } = this
    const subject = subjectOf(fields)
    const changes = session.guards.users.sanitize(fields.data, subject)
    while (true) {
      const { data: _data, ...where } = fields
      const present = (await session.call('getUserData', argumentsText(where), options)) as UserStream | null
      const merged = isKeyed(present?.data) && isKeyed(changes) ? { ...present.data, ...changes } : undefined
      // Without something to merge into it is the core that says what is wrong.
      const data = merged && (await session.guards.users.check(merged, subject.kind))
      try {
        if (data === undefined || data === merged) {
          const expectedVersion = present?.version
          const json = argumentsText({ ...fields, data: changes, expectedVersion })
          return toUserStream(await session.call('updateUserData', json, options))
        }
        const json = argumentsText({ ...fields, data, expectedVersion: present?.version })
        return toUserStream(await session.call('storeUserData', json, options))
      } catch (thrown) {
        if (!(thrown instanceof StreamConflictError && present && thrown.expectedVersion === present.version)) throw thrown
      }
    }
  }

  /** Rejects with `DocumentNotFoundError` when nothing is stored. */
  async delete(userId: string, type?: string, category?: string | null, options?: CallOptions): Promise<void> {
    await this.session.call('deleteUserData', keyText(userId, type, category), options)
  }

  /** Everything stored for one user, or for all. */
  async list(userId?: string, options?: CallOptions): Promise<UserStream[]> {
    const found = (await this.session.call('listUserData', argumentsText({ userId }), options)) as unknown[]
    return found.map((item) => toUserStream(item))
  }

  /** The events behind a user's data, oldest first. Not part of the simulated network. */
  async events(userId: string, type = 'data', category?: string | null): Promise<StoredEvent[]> {
    const core = await this.session.openCore()
    const within = category === undefined || category === null ? undefined : nameText(category, 'category')
    return this.session.readEvents(core.userStreamName(nameText(userId, 'userId'), nameText(type, 'type'), within))
  }
}

/** Arguments of an operation. */
interface UserDataFields {
  readonly userId: unknown
  readonly type: unknown
  readonly category: unknown
  readonly data: unknown
  readonly isPublic?: unknown
}

/** Whose data they are. What is no text is for the core to refuse. */
const subjectOf = ({ userId, type }: UserDataFields) => ({
  subject: 'user-data' as const,
  kind: typeof type === 'string' ? type : 'data',
  ...(typeof userId === 'string' && { id: userId }),
})

/** `null` stands for "no category", as `undefined` does. */
const key = (userId: unknown, type: unknown, category: unknown) => ({
  userId: required(userId, 'userId'),
  type: type ?? undefined,
  category: category ?? undefined,
})

const keyText = (userId: string, type?: string, category?: string | null): string =>
  argumentsText(key(userId, type, category))

/** What a variadic method was given: the operation's arguments and, behind them, the options of the call. */
interface GivenArguments {
  readonly fields: UserDataFields
  readonly options: CallOptions | undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function storeArguments(given: readonly unknown[]): GivenArguments {
  const [first, second, third, data, isPublic, last] = given
  if (given.length === 1 || isObject(first)) {
    const request = fieldsOf(first, 'request', storeRequestFields)
    required(request.data, 'data')
    const fields = { ...request, ...key(request.userId, request.type, request.category) }
    return { fields, options: second as CallOptions | undefined }
  }
  if (given.length === 2 || isObject(second)) {
    const fields = { ...key(first, undefined, undefined), data: wholeObject(second) }
    return { fields, options: third as CallOptions | undefined }
  }
  const fields = { ...key(first, second, third), data: required(data, 'data'), isPublic }
  return { fields, options: last as CallOptions | undefined }
}

/** Data without a type is an object, so that a forgotten argument is not taken for data. */
function wholeObject(data: unknown): object {
  if (isObject(data)) return data
  throw new ValidationError([
    { field: 'data', problem: `must be an object, not ${data === null ? 'null' : typeof data}.` },
  ])
}

/** The changes are the first object among the arguments. */
function updateArguments(given: readonly unknown[]): GivenArguments {
  const found = given.findIndex((value, index) => index > 0 && isObject(value))
  const place = found < 0 ? given.length - 1 : found
  const [userId, type, category] = given.slice(0, place)
  const fields = { ...key(userId, type, category), data: required(given[place], 'data') }
  return { fields, options: given[place + 1] as CallOptions | undefined }
}

const isKeyed = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
