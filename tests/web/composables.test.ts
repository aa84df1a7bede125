// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest'
import { effectScope, reactive, ref } from 'vue'
import { databaseOf } from '../../web/src'
import { jsonEvent, streamNameFilter } from '../../web/src/client'
import { StreamConflictError } from '../../web/src/services'
import { type EventQuery, useEventQuery, useStream, useStreamQuery, useSubscription } from '../../web/src/vue'
import { failureOf } from './support'
import { inApp, testing } from './vue_app'

const placed = (total: number) => jsonEvent({ type: 'placed', data: { total } })
type Placed = { type: 'placed'; data: { total: number } }

describe('useStream', () => {
  it('shows a document, its changes by others, and its end', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    await streams.create({ id: 'a', name: 'A', data: { n: 1 } })
    const { data, isLoading, error } = inApp([kurrentLite], () => useStream<{ n: number }>('a'))
    expect([data.value, isLoading.value]).toEqual([null, true])
    await vi.waitFor(() => expect(data.value?.data.n).toBe(1))
    expect([isLoading.value, error.value]).toEqual([false, null])
    const shown = data.value
    await streams.create({ id: 'b', name: 'B', data: 1 })
    await streams.update('a', { data: { n: 2 } })
    await vi.waitFor(() => expect(data.value?.data.n).toBe(2))
    expect(shown?.data.n).toBe(1)
    await streams.delete('a')
    await vi.waitFor(() => expect(data.value).toBeNull())
  })

  it('follows its id, and forgets the answer for the one before', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    for (const id of ['a', 'b']) await streams.create({ id, name: id, data: 1 })
    const id = ref<string | null>('a')
    const { data, isLoading } = inApp([kurrentLite], () => useStream(id))
    id.value = 'b'
    await vi.waitFor(() => expect(data.value?.id).toBe('b'))
    id.value = null
    await vi.waitFor(() => expect(data.value).toBeNull())
    expect(isLoading.value).toBe(false)
  })

  it('changes the document that it shows, and sees its own changes at once', async () => {
    const kurrentLite = testing()
    await kurrentLite.session.streams.create({ id: 'a', name: 'A', data: 1 })
    const document = inApp([kurrentLite], () => useStream('a'))
    await vi.waitFor(() => expect(document.data.value).not.toBeNull())
    const saving = document.update({ data: 2 })
    expect(document.isSaving.value).toBe(true)
    await saving
    expect([document.data.value?.data, document.isSaving.value]).toEqual([2, false])
    await document.archive()
    expect(document.data.value?.status).toBe('archived')
    await document.restore()
    expect(document.data.value?.status).toBe('active')
    await document.remove()
    expect(document.data.value).toBeNull()
    expect(await failureOf(document.update({ data: 3 }))).toMatchObject({ type: 'document-not-found' })
    expect(document.error.value).toMatchObject({ type: 'document-not-found' })
  })

  it('keeps a conflict until it is resolved', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    await streams.create({ id: 'a', name: 'A', data: 1 })
    const document = inApp([kurrentLite], () => useStream('a'))
    await vi.waitFor(() => expect(document.data.value).not.toBeNull())
    const [, failure] = await Promise.all([
      streams.update('a', { data: 'theirs' }),
      failureOf(document.update({ data: 'mine' })),
    ])
    expect(failure).toBeInstanceOf(StreamConflictError)
    expect(document.conflict.value).toBe(failure)
    await vi.waitFor(() => expect(document.data.value?.data).toBe('theirs'))
    expect(document.error.value).toBe(failure)
    await document.update({ data: 'merged' })
    expect([document.conflict.value, document.error.value]).toEqual([null, null])
    const stale = { data: 'x', expectedVersion: 1 }
    await failureOf(document.update(stale))
    document.dismissConflict()
    expect([document.conflict.value, document.error.value]).toEqual([null, null])
  })

  it('works in reactive(), and ends with its scope', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const scope = effectScope()
    const state = scope.run(() => reactive({ document: useStream('a', { session }) }))!
    await vi.waitFor(() => expect(state.document.data?.name).toBe('A'))
    await state.document.update({ data: 2 })
    expect(state.document.data?.data).toBe(2)
    scope.stop()
    await session.streams.update('a', { data: 3 })
    await session.streams.list()
    expect(state.document.data?.data).toBe(2)
  })

  it('tells why it cannot be read', async () => {
    const kurrentLite = testing({ config: { enabled: false } })
    const { error, isLoading } = inApp([kurrentLite], () => useStream('a'))
    await vi.waitFor(() => expect(error.value).toMatchObject({ type: 'kurrentdb-disabled' }))
    expect(isLoading.value).toBe(false)
  })
})

describe('useStreamQuery', () => {
  it('shows what matches, page after page, and follows changes', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    for (let n = 1; n <= 5; n += 1) await streams.create({ id: `d${n}`, name: `D${n}`, data: n, tags: ['x'] })
    await streams.create({ id: 'other', name: 'O', data: 0 })
    const { data, total, hasMore, next, isLoading } = inApp([kurrentLite], () =>
      useStreamQuery({ tags: ['x'], sort: 'name', limit: 2 }),
    )
    const ids = () => data.value.map(({ id }) => id)
    expect(isLoading.value).toBe(true)
    await vi.waitFor(() => expect(ids()).toEqual(['d1', 'd2']))
    expect([total.value, hasMore.value, isLoading.value]).toEqual([5, true, false])
    const first = data.value[0]
    await next()
    expect(ids()).toEqual(['d1', 'd2', 'd3', 'd4'])
    expect(data.value[0]).toBe(first)
    await streams.create({ id: 'd0', name: 'D0', data: 0, tags: ['x'] })
    await vi.waitFor(() => expect(ids()).toEqual(['d0', 'd1', 'd2', 'd3']))
    await next()
    expect(ids()).toHaveLength(6)
    expect(hasMore.value).toBe(false)
    await next()
    expect(ids()).toHaveLength(6)
  })

  it('follows a query that changes, from the first page on', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    for (let n = 1; n <= 4; n += 1) await streams.create({ id: `d${n}`, name: n % 2 ? 'odd' : 'even', data: n })
    const search = ref('odd')
    const filter = reactive({ status: 'active' as const, limit: 1 })
    const { data, hasMore, next } = inApp([kurrentLite], () => useStreamQuery(() => ({ ...filter, search: search.value })))
    await vi.waitFor(() => expect(data.value.map(({ id }) => id)).toEqual(['d1']))
    await next()
    expect(hasMore.value).toBe(false)
    search.value = 'even'
    await vi.waitFor(() => expect(data.value.map(({ id }) => id)).toEqual(['d2']))
    filter.limit = 2
    await vi.waitFor(() => expect(data.value.map(({ id }) => id)).toEqual(['d2', 'd4']))
  })

  it('takes conditions and several keys to sort by', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    for (let n = 1; n <= 6; n += 1) await streams.create({ id: `d${n}`, name: n % 2 ? 'odd' : 'even', data: { n } })
    const least = ref(3)
    const { data, total, hasMore, next, error } = inApp([kurrentLite], () =>
      useStreamQuery<{ n: number }>(() => ({ where: { 'data.n': { gte: least.value } }, sort: ['name', '-data.n'], limit: 3 })),
    )
    const numbers = () => data.value.map((document) => document.data.n)
    await vi.waitFor(() => expect(numbers()).toEqual([6, 4, 5]))
    expect([total.value, hasMore.value]).toEqual([4, true])
    await next()
    expect([numbers(), hasMore.value]).toEqual([[6, 4, 5, 3], false])
    await streams.update('d1', { data: { n: 9 } })
    await vi.waitFor(() => expect(numbers()).toEqual([6, 4, 9, 5, 3]))
    least.value = 5
    await vi.waitFor(() => expect(numbers()).toEqual([6, 9, 5]))
    expect(error.value).toBeNull()
  })

  it('is pushed what changed: nothing is read anew, and the other objects stay', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    for (const id of ['a', 'b', 'c']) await session.streams.create({ id, name: id, data: 1 })
    const { data, refresh } = inApp([kurrentLite], () => useStreamQuery({ sort: 'name' }))
    await vi.waitFor(() => expect(data.value).toHaveLength(3))
    const [a, , c] = data.value
    const calls = vi.spyOn(session, 'call')
    await session.streams.update('b', { data: 2 })
    await vi.waitFor(() => expect(data.value[1]!.data).toBe(2))
    expect(data.value[0]).toBe(a)
    expect(data.value[2]).toBe(c)
    const operations = calls.mock.calls.map(([operation]) => operation)
    expect(operations).toContain('takeStreamUpdates')
    expect(operations.filter((name) => /^(list|query|watch)/.test(name))).toEqual([])
    await refresh()
    expect(data.value[0]).toBe(a)
  })

  it('shows rows with select, whose unchanged ones stay', async () => {
    const kurrentLite = testing()
    const { streams } = kurrentLite.session
    for (let n = 1; n <= 3; n += 1) await streams.create({ id: `d${n}`, name: `D${n}`, data: { n, much: 'more' } })
    const { data, total, next } = inApp([kurrentLite], () => useStreamQuery({ select: ['name', 'data.n'], limit: 2 }))
    await vi.waitFor(() => expect(data.value).toEqual([{ id: 'd1', name: 'D1', 'data.n': 1 }, { id: 'd2', name: 'D2', 'data.n': 2 }]))
    const [first] = data.value
    await next()
    expect([data.value.length, total.value]).toEqual([3, 3])
    await streams.update('d3', { data: { n: 9 } })
    await vi.waitFor(() => expect(data.value[2]!['data.n']).toBe(9))
    expect(data.value[0]).toBe(first)
  })

  it('shows nothing for null, keeps what two queries have in common, and ends with its scope', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    for (const id of ['a', 'b']) await session.streams.create({ id, name: id, data: 1 })
    const query = ref<{ search: string } | null>(null)
    const { data, total, isLoading, wrapper } = inApp([kurrentLite], () => useStreamQuery(query))
    expect([data.value, total.value, isLoading.value]).toEqual([[], 0, false])
    query.value = { search: '' }
    await vi.waitFor(() => expect(data.value).toHaveLength(2))
    const b = data.value[1]
    query.value = { search: 'b' }
    await vi.waitFor(() => expect(data.value).toHaveLength(1))
    expect(data.value[0]).toBe(b)
    query.value = null
    await vi.waitFor(() => expect(data.value).toEqual([]))
    query.value = { search: 'b' }
    await vi.waitFor(() => expect(data.value).toHaveLength(1))
    const calls = vi.spyOn(session, 'call')
    wrapper.unmount()
    expect(calls.mock.calls.map(([operation]) => operation)).toEqual(['unwatchStreams'])
    await session.streams.update('b', { data: 2 })
    expect(data.value).toEqual([b])
  })

  it('tells what is wrong with a query, and goes on with the next', async () => {
    const kurrentLite = testing()
    await kurrentLite.session.streams.create({ id: 'a', name: 'a', data: 1 })
    const where = ref<object>({ nothing: 1 })
    const { data, error, isLoading } = inApp([kurrentLite], () => useStreamQuery(() => ({ where: where.value })))
    await vi.waitFor(() => expect(error.value).toMatchObject({ type: 'validation-failed', field: 'where.nothing' }))
    expect(isLoading.value).toBe(false)
    where.value = { 'data.x': 1n }
    await vi.waitFor(() => expect(error.value).toMatchObject({ field: 'where.data.x' }))
    where.value = {}
    await vi.waitFor(() => expect(data.value).toHaveLength(1))
    expect(error.value).toBeNull()
  })

  it('shows the other environment after a switch', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const { data } = inApp([kurrentLite], () => useStreamQuery({}))
    await vi.waitFor(() => expect(data.value).toHaveLength(1))
    await session.switchEnvironment('staging')
    await vi.waitFor(() => expect(data.value).toEqual([]))
  })
})

describe('useSubscription', () => {
  it('hands over what is there, then what comes', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', [placed(1), placed(2)])
    const totals: number[] = []
    const { caughtUp, count, lastEvent, checkpoint, status } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', ({ event }) => totals.push(event!.data.total)),
    )
    expect(status.value).toBe('connecting')
    await vi.waitFor(() => expect(caughtUp.value).toBe(true))
    expect([totals, count.value, checkpoint.value]).toEqual([[1, 2], 2, 1n])
    await client.appendToStream('order-1', placed(3))
    await vi.waitFor(() => expect(totals).toEqual([1, 2, 3]))
    expect([lastEvent.value?.event?.data.total, count.value]).toEqual([3, 3])
  })

  it('begins anew with another name, and ends with its scope', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('a', placed(1))
    await client.appendToStream('b', placed(2))
    const name = ref('a')
    const totals: number[] = []
    const { caughtUp, count, wrapper } = inApp([kurrentLite], () =>
      useSubscription<Placed>(name, ({ event }) => totals.push(event!.data.total)),
    )
    await vi.waitFor(() => expect(caughtUp.value).toBe(true))
    name.value = 'b'
    await vi.waitFor(() => expect(totals).toEqual([1, 2]))
    expect(count.value).toBe(1)
    await client.appendToStream('a', placed(9))
    wrapper.unmount()
    await client.appendToStream('b', placed(9))
    await databaseOf(client).settled()
    expect(totals).toEqual([1, 2])
  })

  it('goes on behind the last event when the connection breaks', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', [placed(1), placed(2)])
    const totals: number[] = []
    const states: string[] = []
    const { status, error } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', ({ event }) => totals.push(event!.data.total), { retryDelay: 1 }),
    )
    await vi.waitFor(() => expect(status.value).toBe('live'))
    await databaseOf(client).faults.fail('subscribe', { times: 2 })
    await databaseOf(client).faults.dropConnections()
    await vi.waitFor(() => {
      states.push(status.value)
      expect(status.value).toBe('retrying')
    })
    expect(error.value).toMatchObject({ type: 'unavailable' })
    await client.appendToStream('order-1', placed(3))
    await vi.waitFor(() => expect(totals).toEqual([1, 2, 3]))
    await vi.waitFor(() => expect(status.value).toBe('live'))
    expect(error.value).toBeNull()
  })

  it('pauses, and resumes without losing or repeating an event', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    const totals: number[] = []
    const { status, pause, resume } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', ({ event }) => totals.push(event!.data.total), { immediate: false }),
    )
    expect(status.value).toBe('paused')
    await client.appendToStream('order-1', placed(1))
    await databaseOf(client).settled()
    expect(totals).toEqual([])
    resume()
    await vi.waitFor(() => expect(status.value).toBe('live'))
    pause()
    await client.appendToStream('order-1', [placed(2), placed(3)])
    await databaseOf(client).settled()
    expect([totals, status.value]).toEqual([[1], 'paused'])
    resume()
    await vi.waitFor(() => expect(totals).toEqual([1, 2, 3]))
  })

  it('waits for a handler, one event at a time, and is live when all are handled', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', Array.from({ length: 200 }, (_none, n) => placed(n)))
    const totals: number[] = []
    let running = 0
    const { caughtUp, count } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', async ({ event }) => {
        expect(++running).toBe(1)
        await Promise.resolve()
        expect(caughtUp.value).toBe(false)
        running -= 1
        totals.push(event!.data.total)
      }),
    )
    await vi.waitFor(() => expect(caughtUp.value).toBe(true))
    expect(totals).toEqual(Array.from({ length: 200 }, (_none, n) => n))
    expect(count.value).toBe(200)
  })

  it('fails with its handler, and repeats the event when it is resumed', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', [placed(1), placed(2)])
    let broken = true
    const totals: number[] = []
    const { status, error, checkpoint, resume } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', ({ event }) => {
        if (broken && event!.data.total === 2) throw new Error('cannot be handled')
        totals.push(event!.data.total)
      }),
    )
    await vi.waitFor(() => expect(status.value).toBe('failed'))
    expect([error.value?.message, checkpoint.value]).toEqual(['cannot be handled', 0n])
    broken = false
    resume()
    await vi.waitFor(() => expect(totals).toEqual([1, 2]))
  })

  it('follows all streams with a filter, and tells how far it came where nothing matched', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', placed(1))
    await client.appendToStream('other', Array.from({ length: 100 }, (_none, n) => placed(n)))
    const filter = streamNameFilter({ prefixes: ['order-'] })
    const totals: number[] = []
    const { caughtUp, checkpoint, lastEvent } = inApp([kurrentLite], () =>
      useSubscription<Placed>('$all', ({ event }) => totals.push(event!.data.total), { filter }),
    )
    await vi.waitFor(() => expect(caughtUp.value).toBe(true))
    expect(totals).toEqual([1])
    expect(checkpoint.value).toHaveProperty('commit')
    const { commit } = checkpoint.value as { commit: bigint }
    expect(commit).toBeGreaterThan(lastEvent.value!.event!.position!.commit)
  })

  it('stays ended when trying again is of no use', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    const tombstoned = client.appendToStream('order-1', placed(1)).then(() => client.tombstoneStream('order-1'))
    await tombstoned
    const { status, error } = inApp([kurrentLite], () => useSubscription('order-1', () => undefined, { retryDelay: 1 }))
    await vi.waitFor(() => expect(status.value).toBe('failed'))
    expect(error.value).toMatchObject({ type: 'stream-deleted' })
  })

  it('begins anew in another environment', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    await session.client.appendToStream('order-1', [placed(1), placed(2)])
    const totals: number[] = []
    const { status } = inApp([kurrentLite], () =>
      useSubscription<Placed>('order-1', ({ event }) => totals.push(event!.data.total), { retryDelay: 1 }),
    )
    await vi.waitFor(() => expect(status.value).toBe('live'))
    await session.switchEnvironment('staging')
    await session.client.appendToStream('order-1', placed(7))
    await vi.waitFor(() => expect(totals).toEqual([1, 2, 7]))
  })
})

describe('useEventQuery', () => {
  const totalsOf = (events: readonly { event?: { data: unknown } }[]) =>
    events.map(({ event }) => (event!.data as { total: number }).total)
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_none, n) => from + n)

  it.each([
    ['forwards', numbers(1, 5)],
    ['backwards', numbers(1, 5).reverse()],
  ] as const)('reads %s, page after page', async (direction, expected) => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', numbers(1, 5).map(placed))
    for (const stream of ['order-1', '$all']) {
      const options = { direction, limit: 2, ...(stream === '$all' && { filter: streamNameFilter({ prefixes: ['order-'] }) }) }
      const { data, hasMore, next, isLoading } = inApp([kurrentLite], () => useEventQuery(stream, options))
      expect(isLoading.value).toBe(true)
      await vi.waitFor(() => expect(totalsOf(data.value)).toEqual(expected.slice(0, 2)))
      expect([hasMore.value, isLoading.value]).toEqual([true, false])
      await Promise.all([next(), next()])
      expect(totalsOf(data.value)).toEqual(expected.slice(0, 4))
      await next()
      expect(totalsOf(data.value)).toEqual(expected)
      expect(hasMore.value).toBe(false)
      await next()
      expect(data.value).toHaveLength(5)
    }
  })

  it('keeps what `where` tells, and follows the query', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', numbers(1, 20).map(placed))
    const least = ref(18)
    const query = (): EventQuery => ({ limit: 2, where: ({ event }) => (event!.data as Placed['data']).total >= least.value })
    const { data, hasMore, next } = inApp([kurrentLite], () => useEventQuery('order-1', () => ({ ...query(), from: least.value < 10 ? 0n : 1n })))
    await vi.waitFor(() => expect(totalsOf(data.value)).toEqual([18, 19]))
    expect(hasMore.value).toBe(true)
    await next()
    expect([totalsOf(data.value), hasMore.value]).toEqual([[18, 19, 20], false])
    least.value = 5
    await vi.waitFor(() => expect(totalsOf(data.value)).toEqual([5, 6]))
  })

  it('has no events where there is no stream, and shows them live when there are', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    const forwards = inApp([kurrentLite], () => useEventQuery('order-1', {}, { live: true }))
    const backwards = inApp([kurrentLite], () => useEventQuery('order-1', { direction: 'backwards' }, { live: true }))
    await vi.waitFor(() => expect(forwards.isLoading.value || backwards.isLoading.value).toBe(false))
    expect([forwards.data.value, forwards.error.value, backwards.hasMore.value]).toEqual([[], null, false])
    await client.appendToStream('order-1', numbers(1, 3).map(placed))
    await vi.waitFor(() => expect(totalsOf(forwards.data.value)).toEqual([1, 2, 3]))
    await vi.waitFor(() => expect(totalsOf(backwards.data.value)).toEqual([3, 2, 1]))
    await client.appendToStream('order-1', placed(4))
    await vi.waitFor(() => expect(totalsOf(backwards.data.value)).toEqual([4, 3, 2, 1]))
  })

  it('goes on live where backward pages began, without a gap', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', numbers(1, 5).map(placed))
    const { data, next } = inApp([kurrentLite], () =>
      useEventQuery('order-1', { direction: 'backwards', limit: 2 }, { live: true }),
    )
    await vi.waitFor(() => expect(totalsOf(data.value)).toEqual([5, 4]))
    await client.appendToStream('order-1', placed(6))
    await next()
    await vi.waitFor(() => expect(totalsOf(data.value)).toEqual([6, 5, 4, 3, 2]))
  })

  it('tells why it cannot read, and reads on afterwards', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('order-1', placed(1))
    await databaseOf(client).faults.fail('read')
    const { data, error, refresh } = inApp([kurrentLite], () => useEventQuery('order-1'))
    await vi.waitFor(() => expect(error.value).toMatchObject({ type: 'unavailable' }))
    await refresh()
    expect([totalsOf(data.value), error.value]).toEqual([[1], null])
  })
})
