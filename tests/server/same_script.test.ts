/** One script, two clients: ours on a database in this process, the official one on `kurrentlite serve`. They tell the same. */

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as official from '@kurrent/kurrentdb-client'
import * as ours from '../../web/src/client/index'
import { play, rewind, SCRIPTED_ID } from './support/script'
import { RunningServer } from './support/server'
import { type Entry, Transcript } from './support/transcript'

type Api = typeof ours

/** What the clients are known to tell differently. A difference that is not in this table fails, and so does one that is gone. */
interface Difference {
  readonly steps: readonly string[]
  /** Lines of ours that the official client has not, and the other way round. */
  readonly ours: readonly string[]
  readonly official: readonly string[]
  readonly why: string
}

const UNAVAILABLE = ['threw UnavailableError', 'code undefined', 'type "unavailable"']
const EXPRESSION = '"message 2 UNKNOWN: Exception was thrown by handler. The regular expression \\"(((\\"'
const ALWAYS_TOLD = 'The official client sends appends in batches, whose refusals it does not read further. Ours says why.'
const appendRefused = (step: string, message: string): Difference => ({
  steps: [`refusal: ${step}`], ours: [`message 3 INVALID_ARGUMENT: ${message}`, 'code 3'],
  official: ['message Could not recognize BadRequest', 'code undefined'], why: ALWAYS_TOLD,
})
const DIFFERENCES: readonly Difference[] = [
  {
    steps: ['append: lenient, a wrong revision', 'append: lenient, no stream, but there is one'],
    ours: ['{nextExpectedRevision: 2n, position: undefined, success: false}'],
    official: ['{nextExpectedRevision: 1n, position: undefined, success: false}'],
    why: 'The official client takes "there is a revision" for the revision, which is always 1. Ours tells the real one.',
  },
  {
    steps: ['deletion: delete metadata', 'deletion: tombstone metadata'],
    ours: ['message 7 PERMISSION_DENIED: Metadata stream "$$kept" cannot be deleted; delete the stream it describes.'],
    official: ['message 7 PERMISSION_DENIED: Access Denied'], why: 'Ours says why.',
  },
  {
    steps: ['all: a position that cannot be'], ours: ['threw UnknownError', 'code 3', 'type "unknown"'], official: UNAVAILABLE,
    why: 'What the native part of the official client cannot name, it takes for a lost connection.',
  },
  {
    steps: ['all: an expression that is none', 'all: an expression that is none, three backwards'],
    ours: ['threw UnknownError', 'code 2', 'type "unknown"'], official: UNAVAILABLE, why: 'As above.',
  },
  { steps: ['refusal: a read of no name'], ours: ['threw UnknownError', 'code 3', 'type "unknown"'], official: UNAVAILABLE, why: 'As above.' },
  {
    steps: ['subscription to all: an expression that is none'],
    ours: [`${EXPRESSION} of the filter is invalid, or uses what JavaScript's expressions do not have."`],
    official: [`${EXPRESSION} cannot be used: A parenthesis is not closed (at character 3)."`],
    why: 'Different engines judge expressions, the host\'s own and PCRE2.',
  },
  {
    steps: ['subscription to all: a position that cannot be'],
    ours: [
      '"message 3 INVALID_ARGUMENT: fromPosition must be START, END or the position of an event, whose commit is not below its prepare."', '"code 3"',
    ],
    official: ['"message 2 UNKNOWN: Exception was thrown by handler."', '"code 2"'],
    why: 'A server fails over such a position. Ours says why.',
  },
  { steps: ['refusal: an append to everything'], ours: ['code 7'], official: ['code undefined'], why: ALWAYS_TOLD },
  appendRefused('an append to no name', 'The stream name must not be empty.'),
  appendRefused('an append to the metadata of no name', 'The stream name must not be empty.'),
  appendRefused('an event without a type', 'The event type must be non-empty UTF-8 text.'),
  appendRefused('an event whose id is zero', 'The event id must not be the UUID of zeros.'),
  appendRefused('an event whose id is none', 'The event id "none" is no UUID.'),
  {
    steps: ['refusal: metadata at a wrong revision'],
    ours: [
      'threw WrongExpectedVersionError', 'message ', 'actualState 1n', 'code undefined', 'expectedState 5n', 'streamName "$$described"',
      'type "wrong-expected-version"',
    ],
    official: ['true'],
    why: 'The official client passes over expectedRevision.',
  },
]

async function transcriptOf(api: Api, uri: string): Promise<Entry[]> {
  const clients: ours.KurrentDBClient[] = []
  const connect = (parameters: string) => {
    const client = api.KurrentDBClient.connectionString(parameters === '' ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${parameters}`)
    clients.push(client)
    return client
  }
  const transcript = new Transcript(SCRIPTED_ID)
  rewind()
  await play({ api, client: connect(''), connect, transcript })
  await Promise.all(clients.map((client) => client.dispose()))
  return transcript.finished()
}

let server: RunningServer
let inProcess: Entry[]
let served: Entry[]
beforeAll(async () => {
  server = await RunningServer.start()
  served = await transcriptOf(official as unknown as Api, server.uri)
  inProcess = await transcriptOf(ours, `kurrentdb://same-${randomUUID()}:2113`)
}, 120_000)
afterAll(async () => {
  expect(await server.stop()).toMatchObject({ code: 0, signal: null, stderr: '' })
})

describe('one script, two clients', () => {
  it('play the same steps', () => {
    expect(inProcess.map(({ step }) => step)).toEqual(served.map(({ step }) => step))
    expect(inProcess.length).toBeGreaterThan(150)
  })

  it('tell the same, line by line', () => {
    const differences = inProcess.flatMap(({ step, lines }, i) => {
      const theirs = served[i]!.lines
      // Official reads and appends often tell nothing but what kind of error it is.
      const isTold = !theirs.some((line) => /^message (\w+Error)?$/.test(line))
      const told = isTold ? lines : lines.map((line, n) => (line.startsWith('message ') ? theirs[n]! : line))
      const only = (some: readonly string[], others: readonly string[]) => some.filter((line) => !others.includes(line))
      return JSON.stringify(told) === JSON.stringify(theirs) ? [] : [{ step, ours: only(told, theirs), official: only(theirs, told) }]
    })
    const known = DIFFERENCES.flatMap(({ steps, ours: mine, official: theirs }) => steps.map((step) => ({ step, ours: mine, official: theirs })))
    const ofStep = (a: { step: string }, b: { step: string }) => (a.step < b.step ? -1 : 1)
    expect(differences.sort(ofStep)).toEqual(known.sort(ofStep))
  })
})
