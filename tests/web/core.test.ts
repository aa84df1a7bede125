import { describe, expect, it } from 'vitest'
import { CoreError, loadCore } from '../../web/src/wasm'

const core = await loadCore()

describe('the core', () => {
  it('is loaded once', async () => {
    expect(await loadCore()).toBe(core)
  })

  it('names the streams of documents and users so that no two keys share one', () => {
    const keys: [string, string, string?][] = [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a-b', 'c'],
      ['a', 'b-c'],
      ['a-b-c', 'd'],
      ['a%2Db', 'c'],
      ['a%', '2Db', 'c'],
      ['a', '-b'],
      ['a-', 'b'],
    ]
    const names = keys.map(([user, type, category]) => core.userStreamName(user, type, category))
    expect(new Set(names).size).toBe(keys.length)
    expect(names[0]).toBe('user-a-b')
    expect(names[2]).toBe('user-a%2Db-c')
    expect(core.documentStreamName('order-1')).toBe('document-order-1')
  })

  it('reports every bad variable at once, without secrets', () => {
    const variables = {
      VITE_KURRENT_DB_TIMEOUT: 'soon',
      VITE_KURRENT_DB_MAX_RETRIES: '-1',
      VITE_KURRENT_DB_ENABLED: 'perhaps',
      VITE_KURRENT_DB_DEV_SECRET_KEY: 'hidden-secret',
    }
    let thrown: unknown
    try {
      core.parseConfig(variables)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(CoreError)
    const { failure } = thrown as CoreError
    expect(failure.code).toBe('InvalidConfig')
    expect(failure.violations.map(({ field }) => field).sort()).toEqual([
      'VITE_KURRENT_DB_ENABLED',
      'VITE_KURRENT_DB_MAX_RETRIES',
      'VITE_KURRENT_DB_TIMEOUT',
    ])
    expect(JSON.stringify(failure.violations)).toContain('soon')
    expect(JSON.stringify(failure.violations)).not.toContain('hidden-secret')
  })
})

describe('a database', () => {
  it('gives events back as they were sent', () => {
    const database = core.createDatabase()
    const id = '4a1f5b0e-7c84-4dd5-9c6a-0f9a3a4d7e11'
    database.appendEvents('order-1', [
      { id, type: 'placed', data: { total: 12.5, note: 'ä€😀' }, metadata: { by: 'ann' } },
      { type: 'scanned', data: new Uint8Array([0, 255, 128]) },
    ])
    const [placed, scanned] = database.readEvents('order-1')
    expect(placed).toMatchObject({
      streamId: 'order-1',
      id,
      revision: 0n,
      type: 'placed',
      isJson: true,
      data: { total: 12.5, note: 'ä€😀' },
      metadata: { by: 'ann' },
    })
    expect(placed!.created.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(scanned).toMatchObject({ revision: 1n, isJson: false, data: Buffer.from([0, 255, 128]) })
    expect(scanned!.position.commit).toBeGreaterThan(placed!.position.commit)
    expect(database.readEvents('unknown')).toEqual([])
    expect(database.readEvents('order-1', { from: 1n }).map(({ type }) => type)).toEqual(['scanned'])
    database.close()
  })

  it('keeps the time of events that were recorded elsewhere', () => {
    const database = core.createDatabase()
    const created = new Date('2001-02-03T04:05:06.789Z')
    const earliest = new Date(-9.2e14)
    database.appendEvents('old', [{ type: 'a', data: 1, created }, { type: 'b', data: 2, created: earliest }, { type: 'c', data: 3 }])
    const [a, b, c] = database.readEvents('old')
    expect([a!.created, b!.created]).toEqual([created, earliest])
    expect(c!.created.getTime()).toBeGreaterThan(Date.now() - 60_000)
    for (const time of [new Date('soon'), new Date(8.64e15)]) {
      expect(() => database.appendEvents('old', [{ type: 'd', data: 4, created: time }])).toThrow(/no valid Date/)
    }
    expect(() => database.appendEvents('old', [{ id: 'no-uuid', type: 'd', data: 4 }])).toThrow(/no UUID/)
    expect(database.readEvents('old')).toHaveLength(3)
    database.close()
  })

  it('pages through more events than one batch holds', () => {
    const database = core.createDatabase()
    const events = Array.from({ length: 1234 }, (_, index) => ({ type: 'counted', data: { index } }))
    database.appendEvents('counter', events)
    expect(database.readEvents('counter').map(({ data }) => (data as { index: number }).index)).toEqual(
      events.map((_, index) => index),
    )
    const all = database.readAllEvents()
    expect(all).toHaveLength(1234)
    expect(database.readAllEvents({ after: all[999]!.position.commit })).toHaveLength(234)
    expect(database.readAllEvents({ maxCount: 7 })).toHaveLength(7)
    expect(database.statistics()).toMatchObject({ totalEvents: 1234, totalStreams: 1 })
    database.close()
  })

  it('moves to another database as a journal, whole or in pieces', () => {
    const source = core.createDatabase()
    source.appendEvents('a', [{ type: 'one', data: 1 }])
    const first = source.journal()
    const head = source.head()
    source.appendEvents('b', [{ type: 'two', data: { deep: ['x'] } }])
    const second = source.journal(head)
    const target = core.createDatabase()
    const whole = new Uint8Array([...first, ...second])
    target.replay(whole)
    expect(target.readAllEvents()).toEqual(source.readAllEvents())
    expect(target.head()).toBe(source.head())
    source.close()
    target.close()
  })

  it('writes a database larger than a piece of the journal', () => {
    const source = core.createDatabase()
    const text = 'x'.repeat(1_000_000)
    for (let index = 0; index < 12; index += 1) source.appendEvents('large', [{ type: 'note', data: { index, text } }])
    const journal = source.journal()
    expect(journal.length).toBeGreaterThan(12_000_000)
    const target = core.createDatabase()
    target.replay(journal)
    expect(target.head()).toBe(source.head())
    expect(target.readAllEvents().map(({ data }) => (data as { index: number }).index)).toEqual([...Array(12).keys()])
    expect(source.journal(source.head())).toHaveLength(0)
    source.close()
    target.close()
  })

  it('refuses a damaged journal and changes nothing', () => {
    const source = core.createDatabase()
    source.appendEvents('a', [{ type: 'one', data: { text: 'x'.repeat(100) } }])
    const journal = source.journal()
    const target = core.createDatabase()
    target.appendEvents('kept', [{ type: 'kept', data: 0 }])
    const before = target.head()
    for (const at of [0, 9, Math.floor(journal.length / 2), journal.length - 1]) {
      const damaged = journal.slice()
      damaged[at]! ^= 0x41
      expect(() => target.replay(damaged), `byte ${at}`).toThrowError(CoreError)
    }
    expect(() => target.replay(journal.subarray(0, journal.length - 3))).toThrowError(CoreError)
    expect(target.head()).toBe(before)
    expect(target.readAllEvents().map(({ type }) => type)).toEqual(['kept'])
    source.close()
    target.close()
  })

  it('tells of appends until it is asked to stop, and forgets everything on reset', async () => {
    const database = core.createDatabase()
    let calls = 0
    const stop = database.onAppend(() => (calls += 1))
    database.appendEvents('a', [{ type: 'one', data: 1 }])
    await Promise.resolve()
    expect(calls).toBe(1)
    stop()
    database.appendEvents('a', [{ type: 'two', data: 2 }])
    await Promise.resolve()
    expect(calls).toBe(1)
    database.reset()
    expect(database.head()).toBe(0n)
    expect(database.readAllEvents()).toEqual([])
    database.appendEvents('a', [{ type: 'again', data: 1 }])
    expect(database.readEvents('a')).toMatchObject([{ revision: 0n, type: 'again' }])
    database.close()
    database.close()
  })

  it('says so when its memory is full, and stays usable', () => {
    const database = core.createDatabase({ memoryLimit: 4 << 20 })
    database.appendEvents('a', [{ type: 'small', data: 1 }])
    const head = database.head()
    let thrown: unknown
    try {
      database.appendEvents('a', [{ type: 'large', data: 'x'.repeat(6 << 20) }])
    } catch (error) {
      thrown = error
    }
    expect((thrown as CoreError).failure.code).toBe('OutOfMemory')
    expect(database.head()).toBe(head)
    database.appendEvents('a', [{ type: 'small', data: 2 }])
    expect(database.readEvents('a').map(({ type }) => type)).toEqual(['small', 'small'])
    database.close()
  })
})
