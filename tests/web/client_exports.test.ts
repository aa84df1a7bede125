import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as client from '../../web/src/client/index'

const require = createRequire(import.meta.url)
const official = require('@kurrent/kurrentdb-client') as Record<string, unknown>
const ours = client as unknown as Record<string, unknown>
const isClass = (value: unknown) => typeof value === 'function' && /^class\b/.test(String(value))
const isHelper = (value: unknown) => typeof value === 'function' && !isClass(value)

describe('the exports', () => {
  it('have the official names and no other', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(official).sort())
  })

  it('have the official values', () => {
    const values = Object.keys(official).filter((name) => typeof official[name] !== 'function')
    expect(values.length).toBeGreaterThan(45)
    // Numeric enums also map back, as their declaration promises; the official object does not.
    const named = (value: unknown) =>
      typeof value === 'object' ? Object.fromEntries(Object.entries(value!).filter(([key]) => !/^\d+$/.test(key))) : value
    for (const name of values) expect(named(ours[name]), name).toEqual(official[name])
  })

  it('are functions and classes where the official ones are', () => {
    const kindOf = (value: unknown) => (isClass(value) ? 'class' : isHelper(value) ? 'function' : typeof value)
    for (const name of Object.keys(official)) {
      expect(`${name}: ${kindOf(ours[name])}`).toBe(`${name}: ${kindOf(official[name])}`)
    }
  })

  it('have the official types, all of which are compared', () => {
    const entry = (path: string) => fileURLToPath(new URL(path, import.meta.url))
    const files = {
      official: entry('../../node_modules/@kurrent/kurrentdb-client/dist/index.d.ts'),
      ours: entry('../../web/src/client/index.ts'),
    }
    const program = ts.createProgram(Object.values(files), {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
    })
    const checker = program.getTypeChecker()
    const namesIn = (file: string) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
      return checker.getExportsOfModule(module).map(({ name }) => name)
    }
    const expected = namesIn(files.official)
    expect(expected).toContain('ReplayParkedMessagesToAllOptions')
    expect(namesIn(files.ours)).toEqual(expect.arrayContaining(expected))

    const comparison = readFileSync(entry('./client_types.test-d.ts'), 'utf8')
    const types = expected.filter((name) => !(name in official))
    expect(types.length).toBeGreaterThan(100)
    expect(types.filter((name) => !comparison.includes(`official.${name}`))).toEqual([])
  })
})

describe('the types where those of Node are not installed', () => {
  /** The errors of a program for browsers. */
  function errorsOf(code: string): string[] {
    const file = fileURLToPath(new URL('./virtual_browser_program.ts', import.meta.url))
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
    }
    const host = ts.createCompilerHost(options)
    const { getSourceFile, fileExists } = host
    host.fileExists = (name) => name === file || fileExists(name)
    host.getSourceFile = (name, ...rest) =>
      name === file ? ts.createSourceFile(name, code, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest)
    const program = ts.createProgram([file], options, host)
    const source = program.getSourceFile(file)!
    return program.getSemanticDiagnostics(source).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  }
  const begin = `
    import type { ClientOperations } from '../../web/src/client/api'
    import type { JSONEventType } from '../../web/src/client/index'
    type Placed = JSONEventType<'placed', { amount: number }>
    declare const client: ClientOperations
    const subscription = client.subscribeToStream<Placed>('orders', { fromRevision: 'start' }, { highWaterMark: 3 })
  `

  it('describe subscriptions by what exists on every host', () => {
    const code = `${begin}
      subscription.on('data', ({ event }) => event?.data.amount.toFixed()).once('caughtUp', ({ date }) => date)
      for await (const { event } of subscription) event?.data.amount.toFixed()
      subscription.pause().resume().destroy(new Error('x'))
      subscription.pipe(new WritableStream())
    `
    expect(errorsOf(code)).toEqual([])
  })

  it('know what does not', () => {
    const expected = [expect.stringContaining("'unshift' does not exist"), expect.stringContaining("'amounts' does not exist")]
    const code = `${begin}
      subscription.unshift(1)
      for await (const { event } of subscription) event?.data.amounts
    `
    expect(errorsOf(code)).toEqual(expected)
  })
})

describe('helpers', () => {
  type Helper = (...args: unknown[]) => unknown
  /** What a helper returns, and the order of its keys. */
  const outcome = (name: string, from: Record<string, unknown>, args: unknown[]) => {
    const result = (from[name] as Helper)(...args)
    return { result, keys: typeof result === 'object' ? Object.keys(result!) : [] }
  }
  const id = '0f4c2f0a-1dd1-4d8c-9e0e-6b7a3c9d2e11'
  const checkpointReached = () => undefined
  const cases: [string, unknown[][]][] = [
    ['streamNameFilter', [[{ prefixes: ['a', 'b'] }], [{ regex: '^a', maxSearchWindow: 5, checkpointInterval: 2 }]]],
    ['eventTypeFilter', [[{ maxSearchWindow: undefined, regex: 'x', checkpointReached }], [{ prefixes: [], other: 1 }]]],
    ['excludeSystemEvents', [[], [{ checkpointInterval: 3, checkpointReached }], [{ regex: 'own' }]]],
    ['isSystemStream', [['$a'], ['a$'], ['$$a'], ['']]],
    ['isMetastream', [['$$a'], ['$a'], ['$$']]],
    ['metastreamOf', [['a'], ['$a']]],
    ['originalStreamOf', [['$$a'], ['abc'], ['']]],
    ['isBasicCredentials', [[undefined], [{ username: 'u', password: 'p' }], [{ bearerToken: 't' }]]],
    ['isBearerCredentials', [[undefined], [{ username: 'u', password: 'p' }], [{ bearerToken: 't' }]]],
    ['persistentSubscriptionToStreamSettingsFromDefaults', [[], [{ startFrom: 4n, maxRetryCount: undefined }]]],
    ['persistentSubscriptionToAllSettingsFromDefaults', [[], [{ startFrom: { commit: 1n, prepare: 1n } }]]],
    ['jsonEvent', [[{ id, type: 't', data: { a: 1 } }], [{ id, type: 't', data: 'text', metadata: Buffer.from('m') }]]],
    ['binaryEvent', [[{ id, type: 't', data: Buffer.from('d') }], [{ id, type: 't', data: [1, 2], metadata: { a: 1 } }]]],
  ]

  it.each(cases)('%s returns what the official one does', (name, calls) => {
    for (const args of calls) expect(outcome(name, ours, args)).toEqual(outcome(name, official, args))
  })

  it('are all compared', () => {
    const helpers = Object.keys(official).filter((name) => isHelper(official[name]))
    const elsewhere = ['convertToCommandError', 'isCommandError']
    expect([...cases.map(([name]) => name), ...elsewhere].sort()).toEqual(helpers.sort())
  })

  it('make settings that can be changed without changing the defaults', () => {
    client.persistentSubscriptionToStreamSettingsFromDefaults().maxRetryCount = 1
    expect(client.persistentSubscriptionToStreamSettingsFromDefaults().maxRetryCount).toBe(10)
  })

  it('make plain bytes from buffers, and ids at random', () => {
    const data = Buffer.from('d')
    const event = client.binaryEvent({ type: 't', data, metadata: data })
    expect(event.data.constructor).toBe(Uint8Array)
    expect((event.metadata as unknown as Uint8Array).constructor).toBe(Uint8Array)
    data[0] = 0
    expect([...event.data]).toEqual([100])
    expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(client.jsonEvent({ type: 't', data: {} }).id).not.toBe(client.jsonEvent({ type: 't', data: {} }).id)
  })
})
