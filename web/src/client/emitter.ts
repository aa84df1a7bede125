/** Events in the manner of Node's EventEmitter, for hosts without it. */

type Name = string | symbol
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Node's types
type Listener = (...args: any[]) => void
/** A listener for one time knows the one it wraps. */
type Entry = Listener & { listener?: Listener }

/** Calls listeners in the order in which they were added. An `error` that nobody listens to is reported, not thrown. */
export class Emitter {
  private readonly entries = new Map<Name, readonly Entry[]>()

  on(event: Name, listener: Listener): this {
    this.entries.set(event, [...this.entriesOf(event), listener])
    return this
  }

  addListener(event: Name, listener: Listener): this {
    return this.on(event, listener)
  }

  prependListener(event: Name, listener: Listener): this {
    this.entries.set(event, [listener, ...this.entriesOf(event)])
    return this
  }

  once(event: Name, listener: Listener): this {
    return this.on(event, this.forOnce(event, listener))
  }

  prependOnceListener(event: Name, listener: Listener): this {
    return this.prependListener(event, this.forOnce(event, listener))
  }

  /** Removes the listener added last of those that are this one. */
  removeListener(event: Name, listener: Listener): this {
    const entries = this.entriesOf(event)
    const last = entries.map((each) => each === listener || each.listener === listener).lastIndexOf(true)
    const others = entries.filter((_each, at) => at !== last)
    if (others.length > 0) this.entries.set(event, others)
    else this.entries.delete(event)
    return this
  }

  off(event: Name, listener: Listener): this {
    return this.removeListener(event, listener)
  }

  removeAllListeners(event?: Name): this {
    if (event === undefined) this.entries.clear()
    else this.entries.delete(event)
    return this
  }

  listeners(event: Name): Listener[] {
    return this.entriesOf(event).map((each) => each.listener ?? each)
  }

  listenerCount(event: Name): number {
    return this.entriesOf(event).length
  }

  eventNames(): Name[] {
    return [...this.entries.keys()]
  }

  /** Listeners added meanwhile wait for the next time, those removed meanwhile are still called, as in Node. */
  emit(event: Name, ...args: unknown[]): boolean {
    const entries = this.entriesOf(event)
    if (entries.length === 0 && event === 'error') report(args[0])
    for (const each of entries) each.apply(this, args)
    return entries.length > 0
  }

  private entriesOf(event: Name): readonly Entry[] {
    return this.entries.get(event) ?? []
  }

  private forOnce(event: Name, listener: Listener): Listener {
    const once: Entry = (...args) => {
      // Called again by an emit within the listener, it is over.
      if (once.listener === undefined) return
      this.removeListener(event, once)
      once.listener = undefined
      listener.apply(this, args)
    }
    once.listener = listener
    return once
  }
}

/** As an error that nobody caught: the caller goes on. */
function report(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else void Promise.reject(error)
}
