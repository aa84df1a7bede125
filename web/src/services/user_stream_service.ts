import type { StoredEvent } from '../wasm/core'
import { toUserStream } from './convert'
import { toKurrentLiteError, ValidationError } from './errors'
import type { StoreUserDataRequest, UserStream } from './models'
import { argumentsText, fieldsOf, required } from './request'
import type { Session } from './session'
import { keepOutOfProxies } from '../wasm/opaque'

const storeFields = ['userId', 'type', 'category', 'data', 'isPublic'] as const

/** Ways to store a user's data. Storing replaces what was stored under the same user, type and category. */
export interface StoreUserData {
  /** Stores `data` whole, as type `data`. */
  <T extends object>(userId: string, data: T): Promise<UserStream<T>>
  <T>(
    userId: string,
    type: string,
    category: string | null | undefined,
    data: T,
    isPublic?: boolean,
  ): Promise<UserStream<T>>
  <T>(request: StoreUserDataRequest<T>): Promise<UserStream<T>>
}

/** Ways to change a user's data: the top-level keys of `changes` are merged into it. */
export interface UpdateUserData {
  <T = unknown>(userId: string, changes: object): Promise<UserStream<T>>
  <T = unknown>(userId: string, type: string, changes: object): Promise<UserStream<T>>
  <T = unknown>(
    userId: string,
    type: string,
    category: string | null | undefined,
    changes: object,
  ): Promise<UserStream<T>>
}

/**
 * Data of users, by user, type (`data` unless said otherwise) and, perhaps, category. Each lives on the KurrentDB
 * stream `user-{userId}-{type}[-{category}]`. Every method may reject with `ValidationError`, `ConnectionError`,
 * `OperationTimeoutError`, `OutOfMemoryError` and what else is named there.
 */
export class UserStreamService {
  constructor(private readonly session: Session) {
    keepOutOfProxies(this)
  }

  /** Stores data in the place of what was there. */
  readonly store: StoreUserData = (...given: unknown[]) => this.storeFrom(given)

  /** `store` with its arguments in one array. @internal */
  async storeFrom(given: readonly unknown[]): Promise<UserStream<any>> {
    return toUserStream(await this.session.call('storeUserData', storeText(given)))
  }

  /** `null` when nothing is stored. */
  async get<T = unknown>(userId: string, type?: string, category?: string | null): Promise<UserStream<T> | null> {
    const found = await this.session.call('getUserData', keyText(userId, type, category))
    return found === null ? null : toUserStream<T>(found)
  }

  /** Merges top-level keys. Rejects with `DocumentNotFoundError` when nothing is stored. */
  readonly update: UpdateUserData = (...given: unknown[]) => this.updateFrom(given)

  /** `update` with its arguments in one array. @internal */
  async updateFrom(given: readonly unknown[]): Promise<UserStream<any>> {
    return toUserStream(await this.session.call('updateUserData', updateText(given)))
  }

  /** Rejects with `DocumentNotFoundError` when nothing is stored. */
  async delete(userId: string, type?: string, category?: string | null): Promise<void> {
    await this.session.call('deleteUserData', keyText(userId, type, category))
  }

  /** Everything stored for one user, or for all. */
  async list(userId?: string): Promise<UserStream[]> {
    const found = (await this.session.call('listUserData', argumentsText({ userId }))) as unknown[]
    return found.map((item) => toUserStream(item))
  }

  /** The events behind a user's data, oldest first. Not part of the simulated network. */
  async events(userId: string, type = 'data', category?: string | null): Promise<StoredEvent[]> {
    const [core, database] = [await this.session.openCore(), await this.session.openDatabase()]
    try {
      return database.readEvents(core.userStreamName(userId, type, category ?? undefined))
    } catch (thrown) {
      throw toKurrentLiteError(thrown)
    }
  }
}

/** `null` stands for "no category", as `undefined` does. */
const key = (userId: unknown, type: unknown, category: unknown) => ({
  userId: required(userId, 'userId'),
  type: type ?? undefined,
  category: category ?? undefined,
})

const keyText = (userId: string, type?: string, category?: string | null): string =>
  argumentsText(key(userId, type, category))

function storeText(given: readonly unknown[]): string {
  const [first, second, category, data, isPublic] = given
  if (given.length === 1) {
    const request = fieldsOf(first, 'request', storeFields)
    required(request.data, 'data')
    return argumentsText({ ...request, ...key(request.userId, request.type, request.category) })
  }
  if (given.length === 2) return argumentsText({ ...key(first, undefined, undefined), data: wholeObject(second) })
  return argumentsText({ ...key(first, second, category), data: required(data, 'data'), isPublic })
}

/** Data without a type is an object, so that a forgotten argument is not taken for data. */
function wholeObject(data: unknown): object {
  if (typeof data === 'object' && data !== null) return data
  throw new ValidationError([
    { field: 'data', problem: `must be an object, not ${data === null ? 'null' : typeof data}.` },
  ])
}

function updateText(given: readonly unknown[]): string {
  const [userId, type, category] = given.slice(0, -1)
  return argumentsText({ ...key(userId, type, category), data: required(given.at(-1), 'data') })
}
