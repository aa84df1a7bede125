import type { Session } from '../../services/session'
import { monotonic } from '../../wasm/environment'

/** A call that a session, or its client, carried out. */
export interface TappedCall {
  readonly title: string
  readonly subtitle: string
  readonly durationMs: number
  readonly error: Error | undefined
}

type Method = (...given: unknown[]) => unknown

const clientCalls = [
  'appendToStream', 'multiStreamAppend', 'appendRecords', 'deleteStream', 'tombstoneStream', 'getStreamMetadata',
  'setStreamMetadata', 'readStream', 'readAll', 'subscribeToStream', 'subscribeToAll',
]

/** Tells every call of the services and of the client. Returns the function that takes itself out again. */
export function tap(session: Session, tell: (call: TappedCall) => void): () => void {
  const stops = [
    wrap(session, 'call', ([operation]) => ({ title: String(operation), subtitle: '' }), tell),
    ...clientCalls.map((name) => {
      const label = ([stream]: unknown[]) => ({ title: name, subtitle: typeof stream === 'string' ? stream : '' })
      return wrap(session.client, name, label, tell)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function wrap(
  owner: object,
  name: string,
  label: (given: unknown[]) => { readonly title: string; readonly subtitle: string },
  tell: (call: TappedCall) => void,
): () => void {
  const methods = owner as Record<string, Method>
  const isOwn = Object.hasOwn(owner, name)
  const original = methods[name]!
  const wrapped = function (this: unknown, ...given: unknown[]): unknown {
    const begin = monotonic()
    const done = (error?: unknown) =>
      tell({ ...label(given), durationMs: monotonic() - begin, error: error instanceof Error ? error : undefined })
    const result = original.apply(this, given)
    if (result instanceof Promise) result.then(() => done(), done)
    else done()
    return result
  }
  methods[name] = wrapped
  return () => {
    if (methods[name] !== wrapped) return
    if (isOwn) methods[name] = original
    else delete methods[name]
  }
}
