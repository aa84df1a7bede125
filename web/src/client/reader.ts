/** Some events, and whether there may be more. */
export interface Batch<E> {
  readonly items: readonly E[]
  readonly more: boolean
}

/**
 * What reads return: an async generator that fetches page after page as it is iterated. Nothing happens before the first
 * `next`; items of a page are handed out without waiting.
 */
export class PagedReader<E> implements AsyncGenerator<E, void, unknown> {
  private items: readonly E[] = []
  private at = 0
  private more = true
  private fetching: Promise<unknown> | undefined

  /** `fetch` is called again only after it has resolved with `more`. */
  constructor(private readonly fetch: () => Promise<Batch<E>>) {}

  next(): Promise<IteratorResult<E, void>> {
    if (this.fetching === undefined && this.at < this.items.length) {
      return Promise.resolve({ value: this.items[this.at++]!, done: false })
    }
    return this.inTurn(async () => {
      while (this.at >= this.items.length) {
        if (!this.more) return { value: undefined, done: true }
        this.more = false // also when fetching fails
        const { items, more } = await this.fetch()
        this.items = items
        this.at = 0
        this.more = more
      }
      return { value: this.items[this.at++]!, done: false }
    })
  }

  return(value?: void | PromiseLike<void>): Promise<IteratorResult<E, void>> {
    return this.inTurn(async () => {
      this.finish()
      return { value: await value, done: true }
    })
  }

  throw(error: unknown): Promise<IteratorResult<E, void>> {
    return this.inTurn(async () => {
      this.finish()
      throw error
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncGenerator'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  private finish(): void {
    this.items = []
    this.at = 0
    this.more = false
  }

  /** Requests are answered in the order in which they were made. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.fetching === undefined ? act() : this.fetching.then(act)
    const settled = result.then(
      () => undefined,
      () => undefined,
    )
    this.fetching = settled
    void settled.then(() => {
      if (this.fetching === settled) this.fetching = undefined
    })
    return result
  }
}
