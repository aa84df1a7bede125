import { describe, expect, it } from 'vitest'
import * as services from '../../web/src/services'
import {
  ConfigError,
  CorruptDataError,
  errorFromJSON,
  KurrentLiteError,
  OperationTimeoutError,
  StreamConflictError,
  ValidationError,
} from '../../web/src/services'
import { isCoreError, toKurrentLiteError } from '../../web/src/services/errors'
import { CoreError, type CoreErrorCode } from '../../web/src/wasm'

const codes: [CoreErrorCode, string][] = [
  ['ValidationFailed', 'validation-failed'],
  ['InvalidArgument', 'validation-failed'],
  ['MaxAppendSizeExceeded', 'validation-failed'],
  ['MaxAppendEventSizeExceeded', 'validation-failed'],
  ['NotFound', 'document-not-found'],
  ['StreamNotFound', 'document-not-found'],
  ['StreamDeleted', 'document-not-found'],
  ['Conflict', 'stream-conflict'],
  ['WrongExpectedVersion', 'stream-conflict'],
  ['InvalidConfig', 'invalid-config'],
  ['OutOfMemory', 'out-of-memory'],
  ['Unavailable', 'connection-failed'],
  ['DeadlineExceeded', 'operation-timeout'],
  ['Cancelled', 'operation-cancelled'],
  ['AccessDenied', 'permission-denied'],
  ['CorruptData', 'corrupt-data'],
  ['Unknown', 'unexpected'],
]

describe('errors', () => {
  it.each(codes)('of the core become classes: %s is %s', (code, type) => {
    const error = toKurrentLiteError(new CoreError({ code, message: 'why', facts: {}, violations: [] }))
    expect(error).toBeInstanceOf(KurrentLiteError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ type, message: expect.stringContaining('why') })
    expect(error.name).toMatch(/Error$/)
    expect(String(error)).toContain(error.name)
  })

  it('carry facts as numbers and text', () => {
    const conflict = {
      code: 'Conflict',
      message: 'm',
      facts: { id: 'a', expectedVersion: 1n, actualVersion: 3n },
      violations: [],
    } as const
    expect(toKurrentLiteError(new CoreError(conflict))).toMatchObject({ id: 'a', expectedVersion: 1, actualVersion: 3 })
    const late = {
      code: 'DeadlineExceeded',
      message: 'm',
      facts: { operation: 'append', timeoutMs: 50n },
      violations: [],
    } as const
    expect(toKurrentLiteError(new CoreError(late))).toMatchObject({ operation: 'append', timeoutMs: 50 })
  })

  it('stay as they are, and wrap what is foreign', () => {
    const own = new CorruptDataError('x')
    expect(toKurrentLiteError(own)).toBe(own)
    const cause = new TypeError('boom')
    expect(toKurrentLiteError(cause)).toMatchObject({ type: 'unexpected', message: 'boom', cause })
    expect(toKurrentLiteError('text')).toMatchObject({ type: 'unexpected', message: 'text' })
    expect(isCoreError(cause)).toBe(false)
  })

  it('keep type, message and fields across a structured clone', () => {
    const errors = [
      new ValidationError([
        { field: 'name', problem: 'is empty.' },
        { field: 'name', problem: 'again.' },
        { field: 'tags[0]', problem: 'bad.' },
      ]),
      new StreamConflictError('m', 'a', 1, 2),
      new ConfigError([{ field: 'V', problem: 'p' }]),
      new OperationTimeoutError('m', 'read', 9),
      new CorruptDataError('m'),
    ]
    for (const error of errors) {
      const copy = errorFromJSON(structuredClone(error.toJSON()))
      expect(copy).toBeInstanceOf(error.constructor)
      expect(copy.toJSON()).toEqual(error.toJSON())
      expect(JSON.parse(JSON.stringify(error)).type).toBe(error.type)
    }
    expect(errors[0]).toMatchObject({ field: 'name', errors: { name: 'is empty.', 'tags[0]': 'bad.' } })
    expect(errorFromJSON({ type: 'constructor', message: 'm' })).toMatchObject({ type: 'unexpected', message: 'm' })
  })

  it('have names that the official client does not use', async () => {
    const official = Object.keys(await import('@kurrent/kurrentdb-client'))
    const own = Object.keys(services).filter((name) => name.endsWith('Error'))
    expect(own.length).toBeGreaterThan(10)
    expect(own.filter((name) => official.includes(name))).toEqual([])
  })
})
