import type { ResolvedEvent } from '../../../client/types/index'
import { prettyJson } from '../parts/json'

/** An event as components show it: what clients read, and what databases store. */
export interface ShownEvent {
  readonly streamId: string
  /** A UUID. */
  readonly id: string
  readonly type: string
  /** Its place in its stream, from 0. */
  readonly revision: bigint
  /** Its place in `$all`, when that is known. */
  readonly position?: { readonly commit: bigint; readonly prepare: bigint } | undefined
  readonly created: Date
  readonly isJson: boolean
  readonly data: unknown
  readonly metadata?: unknown
}

/** What to show of an event that was read: of a link what it points to, or the link itself when that is gone. */
export function shownEvent({ event, link }: ResolvedEvent): ShownEvent | undefined {
  return event ?? link
}

/** What kind of change an event is, as far as its type tells; for its colour. */
export type EventTone = 'begun' | 'changed' | 'moved' | 'removed' | 'system'

export function eventTone(type: string): EventTone {
  if (type.startsWith('$')) return 'system'
  if (/delet|remov|tombstone|cancel/i.test(type)) return 'removed'
  if (/archiv|restor/i.test(type)) return 'moved'
  return /creat|stor|start|open|plac/i.test(type) ? 'begun' : 'changed'
}

/** Data or metadata that says nothing. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (value instanceof Uint8Array) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A value as a text to copy: bytes in hexadecimal. */
export function copyText(value: unknown): string {
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return prettyJson(value) ?? ''
}

/** A value in one line, for lists; cut where nobody would read on. */
export function oneLine(value: unknown, longest = 160): string {
  if (isNothing(value)) return ''
  const text =
    value instanceof Uint8Array
      ? copyText(value.subarray(0, longest))
      : typeof value === 'string'
        ? value
        : (JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ?? '')
  const line = text.slice(0, longest + 1).replace(/\s+/g, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
