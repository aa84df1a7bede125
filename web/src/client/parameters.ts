/** Parameters of operations as the database takes them. Every bad one is told at once, before anything is done. */

import type { Expected } from '../wasm/outgoing_events'
import type { Beginning } from '../wasm/streams'
import { ANY, END, EVENT_TYPE, NO_STREAM, START, STREAM_EXISTS, STREAM_NAME } from './constants'
import { InvalidArgumentError, ServerAnswer, UnknownError } from './errors'
import type { AppendStreamState, Filter, Position, ReadRevision } from './types/index'

const U32_MAX = 0xffff_ffff
const U64_MAX = 0xffff_ffff_ffff_ffffn
/** Events that make a search window unless the filter says. */
const SEARCH_WINDOW = 32
const LONE_SURROGATES = /\p{Surrogate}/gu
/** The host's own test costs next to nothing; older hosts have none. */
const isWellFormed: (text: string) => boolean =
  'isWellFormed' in String.prototype
    ? (text) => (text as unknown as { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text)

export function streamNameOf(streamName: unknown): string {
  if (typeof streamName === 'string') {
    if (streamName === '') throw refused('The stream name must not be empty.')
    return wellFormed(streamName)
  }
  throw new TypeError(`The stream name must be text; it is ${String(streamName)}.`)
}

/** Half characters become replacement characters, as in UTF-8; names then mean the same wherever they go. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replaceAll(LONE_SURROGATES, '\ufffd')
}

/** The state before a write. `option` is named in the error. */
export function expectedStateOf(state: AppendStreamState | undefined, option: string): Expected {
  if (state === undefined) return ANY
  if (state === ANY || state === NO_STREAM || state === STREAM_EXISTS) return state
  const revision = wholeNumber(state)
  if (revision === undefined || revision < 0n || revision > U64_MAX) {
    throw refused(`${option} must be ANY, NO_STREAM, STREAM_EXISTS or a revision; it is ${String(state)}.`)
  }
  return revision
}

/** The state that a check of `appendRecords` asks for, `-5n` and `-6n` for deleted and tombstoned included. */
export function checkedStateOf(state: AppendStreamState): string {
  const number = wholeNumber(state)
  if (number === -5n) return 'deleted'
  if (number === -6n) return 'tombstoned'
  return String(expectedStateOf(state, 'expectedState'))
}

/** Throws for a revision that no stream can have. */
export function checkFromRevision(fromRevision: ReadRevision): void {
  if (typeof fromRevision !== 'bigint') return
  if (fromRevision < 0n) {
    throw new InvalidArgumentError(`fromRevision value must be a non-negative integer. Value Received: ${fromRevision}`)
  }
  if (fromRevision > U64_MAX) {
    throw new InvalidArgumentError(
      `fromRevision value must be a non-negative integer, range from 0 to ${U64_MAX}. Value Received: ${fromRevision}`,
    )
  }
}

export function revisionBeginning(fromRevision: ReadRevision): Beginning {
  if (fromRevision === START || fromRevision === END) return fromRevision
  const revision = wholeNumber(fromRevision)
  if (revision === undefined || revision < 0n || revision > U64_MAX) {
    throw refused(`fromRevision must be START, END or a revision; it is ${String(fromRevision)}.`)
  }
  return revision
}

export function positionBeginning(fromPosition: typeof START | typeof END | Position): Beginning {
  if (fromPosition === START || fromPosition === END) return fromPosition
  const commit = wholeNumber(fromPosition?.commit)
  const prepare = wholeNumber(fromPosition?.prepare)
  if (commit === undefined || prepare === undefined || prepare < 0n || commit < prepare || commit > U64_MAX) {
    throw refused('fromPosition must be START, END or the position of an event, whose commit is not below its prepare.')
  }
  return commit
}

export function countOf(maxCount: number | bigint): number {
  const count = BigInt(maxCount)
  if (count < 0n) throw refused(`maxCount must not be negative; it is ${maxCount}.`)
  return Number(count)
}

/** A filter as the core takes it; empty for none. An expression counts before prefixes; neither lets nothing through. */
export function filterText(filter: Filter | undefined): string {
  if (!filter) return ''
  const { filterOn, regex, prefixes = [] } = filter as { filterOn: unknown; regex?: unknown; prefixes?: unknown }
  if (filterOn !== EVENT_TYPE && filterOn !== STREAM_NAME) {
    throw refused(`filterOn must be STREAM_NAME or EVENT_TYPE; it is ${String(filterOn)}.`)
  }
  if (regex !== undefined && typeof regex !== 'string') throw refused(`The regex of a filter must be text; it is ${String(regex)}.`)
  if (!Array.isArray(prefixes) || !prefixes.every((prefix) => typeof prefix === 'string')) {
    throw refused('The prefixes of a filter must be a list of texts.')
  }
  const on = filterOn === EVENT_TYPE ? 'eventType' : 'streamName'
  return JSON.stringify(regex ? { on, regex: wellFormed(regex) } : { on, prefixes: prefixes.map(wellFormed) })
}

/** How many events a subscription looks at between two checkpoints; 0 when nobody wants to know. */
export function checkpointEventsOf(filter: Filter | undefined): number {
  if (!filter) return 0
  const { maxSearchWindow, checkpointInterval = 1, checkpointReached } = filter
  const window = typeof maxSearchWindow === 'number' ? maxSearchWindow : SEARCH_WINDOW
  if (!(window > 0)) throw new Error('MaxSearchWindow must be greater than 0.')
  if (!(checkpointInterval > 0)) throw new Error('CheckpointInterval must be greater than 0.')
  if (!checkpointReached) return 0
  return Math.min(Math.max(1, Math.floor(Number(checkpointInterval) * window)), U32_MAX)
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
}

function refused(message: string): UnknownError {
  return new UnknownError(new ServerAnswer(3, message))
}
