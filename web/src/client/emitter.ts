/** Events in the manner of Node's EventEmitter, for hosts without it. */

type Name = string | symbol
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Node's types
type Listener = (...args: any[]) => void
/** A listener for one time knows the one it wraps. */
type Entry = Listener & { listener?: Listener }

/**
 * Calls listeners in the order in which they were added. An `error` that nobody listens to is reported, not thrown. Its own
 * state has a name with `_`, so that others are free for subclasses.
 */
export class Emitter {
  private readonly _listeners = new Map<Name, readonly Entry[]>()

  on(event: Name, listener: Listener): this {
    this._listeners.set(event, [...entriesOf(this._listeners, event), listener])
    return this
  }

  addListener(event: Name, listener: Listener): this {
    return this.on(event, listener)
  }

  prependListener(event: Name, listener: Listener): this {
    this._listeners.set(event, [listener, ...entriesOf(this._listeners, event)])
    return this
  }

  once(event: Name, listener: Listener): this {
    return this.on(event, forOnce(this, event, listener))
  }

  prependOnceListener(event: Name, listener: Listener): this {
    return this.prependListener(event, forOnce(this, event, listener))
  }

  /** Removes the listener added last of those that are this one. */
  removeListener(event: Name, listener: Listener): this {
    const entries = entriesOf(this._listeners, event)
    const last = entries.map((each) => each === listener || each.listener === listener).lastIndexOf(true)
    const others = entries.filter((_each, at) => at !== last)
    if (others.length > 0) this._listeners.set(event, others)
    else this._listeners.delete(event)
    return this
  }

  off(event: Name, listener: Listener): this {
    return this.removeListener(event, listener)
  }

  removeAllListeners(event?: Name): this {
    if (event === undefined) this._listeners.clear()
    else this._listeners.delete(event)
    return this
  }

  listeners(event: Name): Listener[] {
    return entriesOf(this._listeners, event).map((each) => each.listener ?? each)
  }

  listenerCount(event: Name): number {
    return entriesOf(this._listeners, event).length
  }

  eventNames(): Name[] {
    return [...this._listeners.keys()]
  }

  /** Listeners added meanwhile wait for the next time, those removed meanwhile are still called, as in Node. */
  emit(event: Name, ...args: unknown[]): boolean {
    const entries = entriesOf(this._listeners, event)
    if (entries.length === 0 && event === 'error') report(args[0])
    for (const each of entries) each.apply(this, args)
    return entries.length > 0
  }
}

function entriesOf(listeners: ReadonlyMap<Name, readonly Entry[]>, event: Name): readonly Entry[] {
  return listeners.get(event) ?? []
}

function forOnce(emitter: Emitter, event: Name, listener: Listener): Listener {
  const once: Entry = (...args) => {
    // Called again by an emit within the listener, it is over.
    if (once.listener === undefined) return
    emitter.removeListener(event, once)
    once.listener = undefined
    listener.apply(emitter, args)
  }
  once.listener = listener
  return once
}

/** As an error that nobody caught: the caller goes on. */
function report(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  else void Promise.reject(error)
}
