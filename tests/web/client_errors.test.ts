import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { ServerAnswer } from '../../web/src/client/errors'
import * as client from '../../web/src/client/index'

const require = createRequire(import.meta.url)
const official = require('@kurrent/kurrentdb-client') as typeof client
const { Metadata } = require('@grpc/grpc-js') as { Metadata: new () => GrpcMetadata }
const v2 = require('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb') as Messages
const { Status } = require('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb') as Messages
const { Any } = require('google-protobuf/google/protobuf/any_pb') as Messages

interface GrpcMetadata {
  set(name: string, value: string | Buffer): void
}
interface Message {
  serializeBinary(): Uint8Array
  [setter: `set${string}`]: (value: unknown) => void
}
type Messages = Record<string, new () => Message>
type ErrorClass = new (...args: unknown[]) => Error & { type: string }
type Client = Record<string, ErrorClass> & { convertToCommandError(error: unknown): unknown }

const classNames = Object.keys(official).filter((name) => name.endsWith('Error') && name !== 'convertToCommandError' && name !== 'isCommandError')

/** A failed call as grpc-js reports it. */
function failed(code: number, details: string, trailers: Record<string, string | Buffer> = {}) {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return Object.assign(new Error(`${code} NAME: ${details}`), { code, details, metadata })
}

/** An error by everything that a program can see of it, except its stack. */
function seen(error: unknown) {
  const all = error as Record<string, unknown>
  return {
    class: (error as Error).constructor.name,
    keys: Object.keys(all),
    own: Object.getOwnPropertyNames(all).filter((name) => name !== 'stack').sort(),
    values: { ...all },
    name: (error as Error).name,
    text: String(error),
    isError: error instanceof Error,
  }
}

const trailers = {
  'stream-name': 'orders',
  'group-name': 'group',
  'expected-version': '4',
  'actual-version': '7',
  'leader-endpoint-host': 'node-2',
  'leader-endpoint-port': '2114',
  'scavenge-id': 'scavenge',
  'maximum-append-size': '1024',
  'required-metadata-properties': 'type,content-type',
  reason: 'because',
  'login-name': 'ouro',
}
const details = {
  stream: 'orders', recordId: 'id', size: 20, maxSize: 10,
  violationsList: [
    { checkIndex: 0, streamState: { stream: 'a', expectedState: '-1', actualState: '3' } },
    { checkIndex: 1, streamState: { stream: 'b', expectedState: '-2', actualState: '-1' } },
    { checkIndex: 2, streamState: { stream: 'c', expectedState: '-4', actualState: '-5' } },
    { checkIndex: 3, streamState: { stream: 'd', expectedState: '9', actualState: '-6' } },
  ],
}

describe('error classes', () => {
  it('are all compared', () => expect(classNames).toHaveLength(29))

  it.each(classNames)('%s is made from a failed call as the official one is', (name) => {
    const args = name === 'UnsupportedError' ? ['feature', '26.1'] : name === 'InvalidArgumentError' ? ['wrong'] : [failed(9, 'text', trailers), details]
    if (['MaxAppendSizeExceededError', 'WrongExpectedVersionError', 'StreamDeletedError', 'StreamNotFoundError', 'PersistentSubscriptionDoesNotExistError'].includes(name)) args.length = 1
    const make = (from: unknown) => new (from as Client)[name]!(...args)
    expect(seen(make(client))).toEqual(seen(make(official)))
    expect(client.isCommandError(make(client))).toBe(true)
    expect(official.isCommandError(make(client))).toBe(false)
  })

  const others: [string, unknown[]][] = [
    ['TimeoutError', []],
    ['UnknownError', [undefined, 'what happened']],
    ['AccessDeniedError', [failed(7, 'no'), 'not used']],
    ['StreamNotFoundError', []],
    ['StreamNotFoundError', [undefined, 'orders']],
    ['StreamNotFoundError', [undefined, new TextEncoder().encode('büro')]],
    ['StreamNotFoundError', [failed(5, 'gone'), 'other']],
    ['StreamDeletedError', [undefined, 'orders']],
    ['WrongExpectedVersionError', [undefined, { streamName: 's', expected: 'no_stream', current: 4n }]],
    ['WrongExpectedVersionError', [failed(9, 'text', { ...trailers, 'expected-version': '-1', 'actual-version': '' })]],
    ['MaxAppendSizeExceededError', [undefined, 77]],
    ['PersistentSubscriptionDoesNotExistError', [undefined, { streamName: 's', groupName: 'g' }]],
    ['PersistentSubscriptionDoesNotExistError', [undefined, { streamName: 's' }]],
    ['PersistentSubscriptionExistsError', [failed(6, 'text')]],
    ['PersistentSubscriptionFailedError', [failed(6, 'text')]],
    ['NotLeaderError', [{ message: 'm', metadata: { 'leader-endpoint-host': 'h', 'leader-endpoint-port': '1' } }]],
  ]
  it.each(others)('%s is made in its other ways too', (name, args) => {
    const make = (from: unknown) => new (from as Client)[name]!(...args)
    expect(seen(make(client))).toEqual(seen(make(official)))
  })

  it('have the official static makers', () => {
    const makers = ({ StreamDeletedError, StreamNotFoundError, MaxAppendSizeExceededError, WrongExpectedVersionError }: typeof client) => [
      seen(StreamDeletedError.fromStreamName('s')),
      StreamNotFoundError.nameToString(undefined, 's'),
      seen(MaxAppendSizeExceededError.fromMaxAppendSize(5)),
      ...['-1', '-2', '-4', '12'].map((expectedRevision) =>
        seen(WrongExpectedVersionError.fromRevisionConflict({ stream: 's', expectedRevision, actualRevision: '3' })),
      ),
      seen(WrongExpectedVersionError.fromRevisionConflict({ stream: 's', expectedRevision: '3', actualRevision: '-1' })),
      ...[[true, false, false, true], [false, true, false, false], [false, false, true, true], [false, false, false, false]].map(
        ([position, exists, none, current]) =>
          seen(
            WrongExpectedVersionError.fromWrongExpectedVersion(
              {
                hasExpectedStreamPosition: () => position!,
                getExpectedStreamPosition: () => '5',
                hasExpectedStreamExists: () => exists!,
                hasExpectedNoStream: () => none!,
                hasCurrentStreamRevision: () => current!,
                getCurrentStreamRevision: () => '8',
              },
              's',
            ),
          ),
      ),
    ]
    expect(makers(client)).toEqual(makers(official))
  })

  it('are told apart by instanceof', () => {
    const error: unknown = new client.StreamNotFoundError(undefined, 's')
    expect(error).toBeInstanceOf(client.StreamNotFoundError)
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(client.NotFoundError)
    expect(client.isCommandError(new Error('x'))).toBe(false)
  })

  it('keep their names when minified', async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('../../web/src/client/errors.ts', import.meta.url))],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
    })
    const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`
    const minified = (await import(/* @vite-ignore */ url)) as typeof client
    for (const name of classNames) expect((minified as unknown as Client)[name]!.name).toBe(name)
    expect(inspect(new minified.UnsupportedError('this', '26.1'))).toMatch(/^UnsupportedError: this requires/)
  })

  it('made from a server answer have its words and no call', () => {
    const error = new client.StreamDeletedError(new ServerAnswer(9, 'Event stream is deleted.', { 'stream-name': 's' }))
    expect({ ...error }).toEqual({
      message: '9 FAILED_PRECONDITION: Event stream is deleted.',
      code: 9,
      _raw: undefined,
      type: 'stream-deleted',
      streamName: 's',
    })
  })
})

describe('convertToCommandError', () => {
  const same = (error: unknown) => {
    const [actual, expected] = [client, official].map((from) => seen((from as unknown as Client).convertToCommandError(error)))
    expect(actual).toEqual(expected)
    return actual!.class
  }

  it.each(Object.values(official.ErrorType))('converts the exception %s', (exception) => {
    same(failed(2, 'text', { ...trailers, exception }))
  })

  it.each(Array.from({ length: 17 }, (_, code) => code))('converts status %i', (code) => {
    same(failed(code, 'text', trailers))
    same(failed(code, 'Cancelled on client'))
    same(failed(code, 'write after end'))
    same(failed(code, 'client error (Connect): refused'))
  })

  /** A failed call with the details of the v2 protocol. */
  function withDetails(code: number, name: string, message: Message, prefix = 'type.googleapis.com/kurrentdb.') {
    const any = new Any!()
    any.setTypeUrl!(prefix + name)
    any.setValue!(message.serializeBinary())
    const status = new Status!()
    status.setCode!(code)
    status.setMessage!('text')
    status.setDetails!(any)
    return failed(code, 'text', { 'grpc-status-details-bin': Buffer.from(status.serializeBinary()) })
  }
  const set = (name: string, values: Record<string, unknown>) => {
    const message = new v2[name]!()
    for (const [setter, value] of Object.entries(values)) message[setter as 'set']!(value)
    return message
  }
  const violation = (checkIndex: number, stream: string, expected: string, actual: string) => {
    const ConsistencyViolation = v2.ConsistencyViolation as Messages[string] & { StreamStateViolation: Messages[string] }
    const [each, state] = [new ConsistencyViolation(), new ConsistencyViolation.StreamStateViolation()]
    each.setCheckIndex!(checkIndex)
    state.setStream!(stream)
    state.setExpectedState!(expected)
    state.setActualState!(actual)
    each.setStreamState!(state)
    return each
  }
  const messages: [string, number, Message][] = [
    ['StreamNotFoundErrorDetails', 5, set('StreamNotFoundErrorDetails', { setStream: 'büro' })],
    ['StreamTombstonedErrorDetails', 9, set('StreamTombstonedErrorDetails', { setStream: 'orders' })],
    ...[['-1', '5'], ['-2', '-1'], ['-4', '-1'], ['9223372036854775807', '0'], ['300', '70000']].map(
      ([expected, actual]): [string, number, Message] => [
        'StreamRevisionConflictErrorDetails',
        9,
        set('StreamRevisionConflictErrorDetails', {
          setStream: 'orders',
          setExpectedRevision: expected,
          setActualRevision: actual,
        }),
      ],
    ),
    [
      'AppendRecordSizeExceededErrorDetails',
      3,
      set('AppendRecordSizeExceededErrorDetails', { setStream: 's', setRecordId: 'r', setSize: 2147483647, setMaxSize: 127 }),
    ],
    [
      'AppendTransactionSizeExceededErrorDetails',
      10,
      set('AppendTransactionSizeExceededErrorDetails', { setSize: 128, setMaxSize: 0 }),
    ],
    [
      'AppendConsistencyViolationErrorDetails',
      9,
      set('AppendConsistencyViolationErrorDetails', {
        setViolationsList: [violation(0, 'a', '-1', '3'), violation(1, 'b', '4', '-6'), violation(2, 'c', '-4', '-1')],
      }),
    ],
    ['AppendConsistencyViolationErrorDetails', 9, set('AppendConsistencyViolationErrorDetails', {})],
    ['StreamAlreadyInAppendSessionErrorDetails', 10, set('StreamAlreadyInAppendSessionErrorDetails', { setStream: 's' })],
  ]
  it.each(messages)('reads %s on status %i', (name, code, message) => {
    expect(same(withDetails(code, name, message))).not.toBe('UnknownError')
    // Details of another status do not count.
    for (const other of [3, 5, 7, 9, 10, 13]) same(withDetails(other, name, message))
  })

  it('lets other errors pass', () => {
    for (const error of [new Error('x'), new client.NoStreamError(), Object.assign(new Error('x'), { code: 'ENOENT' })])
      expect(client.convertToCommandError(error)).toBe(error)
  })

  it('survives failures without trailers or words, and details cut off anywhere', () => {
    for (let code = 0; code <= 17; ++code) {
      const bare = Object.assign(new Error('bare'), { code })
      expect(client.isCommandError(client.convertToCommandError(bare))).toBe(true)
    }
    for (const [name, code, message] of messages) {
      const whole = withDetails(code, name, message).metadata as unknown as { getMap(): Record<string, Buffer> }
      const bytes = whole.getMap()['grpc-status-details-bin']!
      for (let length = 0; length < bytes.length; ++length) {
        const cut = failed(code, 'text', { 'grpc-status-details-bin': bytes.subarray(0, length) })
        expect(client.isCommandError(client.convertToCommandError(cut))).toBe(true)
      }
    }
  })
})
