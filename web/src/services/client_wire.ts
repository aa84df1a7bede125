/** Events as the core and a client tell each other of them: src/clients/host/host_wire.hpp. */

export interface WirePosition {
  readonly commit: string
  readonly prepare: string
}

interface RecordedEvent {
  readonly streamId: string
  readonly id: string
  readonly type: string
  readonly revision: bigint
  readonly isJson: boolean
  readonly data: unknown
  readonly metadata?: unknown
  readonly created: Date | number
  readonly position?: { readonly commit: bigint; readonly prepare: bigint }
}

/** What reads and subscriptions of a client bring. */
export interface ReadEvent {
  readonly event?: unknown
  readonly link?: unknown
}

export interface WireEvent {
  readonly event?: unknown
  readonly link?: unknown
}

export const toWire = ({ event, link }: ReadEvent): WireEvent => ({
  ...(event !== undefined && { event: readEvent(event as RecordedEvent) }),
  ...(link !== undefined && { link: readEvent(link as RecordedEvent) }),
})

export const writePosition = ({ commit, prepare }: { commit: bigint; prepare: bigint }): WirePosition => ({
  commit: String(commit),
  prepare: String(prepare),
})

function readEvent({ streamId, id, type, revision, isJson, data, metadata, created, position }: RecordedEvent): unknown {
  return {
    stream: streamId,
    id,
    type,
    revision: String(revision),
    isJson,
    data: isJson ? JSON.stringify(data) : toBase64(data as Uint8Array),
    ...(metadata !== undefined && !(metadata instanceof Uint8Array) && { metadata: JSON.stringify(metadata) }),
    // Some servers' clients tell 100 ns since 1970.
    created: created instanceof Date ? created.getTime() : Math.floor(created / 10_000),
    ...(position && { position: writePosition(position) }),
  }
}

interface WrittenEvent {
  readonly id: string
  readonly type: string
  readonly isJson: boolean
  readonly data: string
  readonly metadata?: string
}

/** An event to append, as the official client takes it. */
export function writeEvent({ id, type, isJson, data, metadata }: WrittenEvent): any {
  return {
    id,
    type,
    contentType: isJson ? 'application/json' : 'application/octet-stream',
    data: isJson ? (JSON.parse(data) as unknown) : fromBase64(data),
    metadata: metadata === undefined ? undefined : (JSON.parse(metadata) as unknown),
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (each) => each.charCodeAt(0))
