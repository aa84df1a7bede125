// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { jsonEvent } from '../../../web/src/client'
import { everyEvent, useEventTable, useLiveTail } from '../../../web/src/vue'
import { eventTone, oneLine } from '../../../web/src/vue/components/events/shown_event'
import { inApp, testing } from '../vue_app'

const numbered = (from: number, count: number, type = 'line') =>
  Array.from({ length: count }, (_, index) => jsonEvent({ type, data: { number: from + index } }))

describe('useEventTable', () => {
  it('keeps one page, and shows every event once whichever way it turns', async () => {
    const kurrentLite = testing()
    await kurrentLite.session.client.appendToStream('log', numbered(0, 7))
    for (const newestFirst of [true, false]) {
      const filter = ref({ ...everyEvent, newestFirst })
      const table = inApp([kurrentLite], () => useEventTable({ stream: 'log', filter, pageSize: 3 }))
      const seen: bigint[] = []
      for (const [page, count] of [3, 3, 1].entries()) {
        await vi.waitFor(() => expect(table.events.value.length).toBe(count))
        await vi.waitFor(() => expect(table.isLoading.value).toBe(false))
        expect([table.page.value, table.hasNext.value]).toEqual([page, page < 2])
        seen.push(...table.events.value.map(({ revision }) => revision))
        table.next()
        await vi.waitFor(() => expect(table.isLoading.value).toBe(false))
      }
      const all = [0n, 1n, 2n, 3n, 4n, 5n, 6n]
      expect(seen).toEqual(newestFirst ? all.reverse() : all)
    }
  })

  it('filters all streams by name and type as they are written, whatever is in them', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('Orders (new)', [...numbered(0, 2, 'Placed'), ...numbered(2, 1, 'Paid')])
    await client.appendToStream('other', numbered(0, 2, 'Placed'))
    const table = inApp([kurrentLite], () => useEventTable())
    await vi.waitFor(() => expect(table.events.value.length).toBe(5))
    expect(table.types.value).toEqual(['Paid', 'Placed'])
    table.change({ stream: 'ORDERS (' })
    await vi.waitFor(() => expect(table.events.value.map(({ type }) => type)).toEqual(['Paid', 'Placed', 'Placed']))
    table.change({ type: 'place' })
    await vi.waitFor(() => expect(table.events.value.length).toBe(2))
    expect(table.isFiltered.value).toBe(true)
    table.change({ stream: '' })
    await vi.waitFor(() => expect(table.events.value.length).toBe(4))
    table.change({ type: '.*' })
    await vi.waitFor(() => expect(table.events.value).toEqual([]))
    table.clear()
    await vi.waitFor(() => expect(table.events.value.length).toBe(5))
  })

  it('leaves out system events unless they are wanted', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('log', numbered(0, 1))
    await client.setStreamMetadata('log', { maxCount: 10 })
    const table = inApp([kurrentLite], () => useEventTable())
    await vi.waitFor(() => expect(table.events.value.map(({ type }) => type)).toEqual(['line']))
    table.change({ system: true })
    await vi.waitFor(() => expect(table.events.value.map(({ type }) => type)).toEqual(['$metadata', 'line']))
  })

  it('shows new events on the first page, and begins anew in another environment', async () => {
    const kurrentLite = testing()
    const { session } = kurrentLite
    await session.client.appendToStream('log', numbered(0, 4))
    const table = inApp([kurrentLite], () => useEventTable({ pageSize: 2 }))
    await vi.waitFor(() => expect(table.events.value.map(({ revision }) => revision)).toEqual([3n, 2n]))
    await session.client.appendToStream('log', numbered(4, 1))
    await vi.waitFor(() => expect(table.events.value.map(({ revision }) => revision)).toEqual([4n, 3n]))
    table.next()
    await vi.waitFor(() => expect(table.events.value.map(({ revision }) => revision)).toEqual([2n, 1n]))
    await session.switchEnvironment('staging')
    await vi.waitFor(() => expect([table.page.value, table.events.value, table.isLoading.value]).toEqual([0, [], false]))
  })

  it('says why it cannot read, and reads when it can', async () => {
    const kurrentLite = testing({ config: { maxRetries: 0 } })
    const { session } = kurrentLite
    await session.client.appendToStream('log', numbered(0, 1))
    await session.setSimulation({ preset: 'instant', offline: true })
    const table = inApp([kurrentLite], () => useEventTable())
    await vi.waitFor(() => expect(table.error.value).not.toBeNull())
    await session.setSimulation('instant')
    await table.refresh()
    expect([table.error.value, table.events.value.length]).toEqual([null, 1])
  })
})

const tailTypes = (tail: ReturnType<typeof useLiveTail>) =>
  tail.entries.value.map((entry) => (entry.kind === 'event' ? Number((entry.event.data as { number: number }).number) : `-${entry.skipped}`))

describe('useLiveTail', () => {
  it('begins with the past and follows, newest first', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('log', numbered(0, 5))
    const tail = inApp([kurrentLite], () => useLiveTail({ history: 2 }))
    await vi.waitFor(() => expect(tail.status.value).toBe('live'))
    expect(tailTypes(tail)).toEqual([4, 3])
    await client.appendToStream('log', numbered(5, 2))
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([6, 5, 4, 3]))
  })

  it('without a past shows only what comes from now on', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('log', numbered(0, 5))
    const tail = inApp([kurrentLite], () => useLiveTail({ stream: 'log', history: 0 }))
    await vi.waitFor(() => expect(tail.isEmpty.value).toBe(true))
    await client.appendToStream('log', numbered(5, 1))
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([5]))
  })

  it('never keeps more than its limit, and counts what it could not show', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('log', numbered(0, 1))
    const tail = inApp([kurrentLite], () => useLiveTail({ limit: 3 }))
    await vi.waitFor(() => expect(tail.status.value).toBe('live'))
    tail.pause()
    await client.appendToStream('log', numbered(1, 5))
    await vi.waitFor(() => expect(tail.waiting.value).toBe(5))
    expect(tailTypes(tail)).toEqual([0])
    tail.resume()
    expect([tailTypes(tail), tail.skipped.value, tail.waiting.value]).toEqual([[5, 4, 3], 2, 0])
    await client.appendToStream('log', numbered(6, 1))
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([6, 5, 4]))
    expect(tail.skipped.value).toBe(2)
  })

  it('marks the place where events were skipped', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    const tail = inApp([kurrentLite], () => useLiveTail({ stream: 'log', limit: 4 }))
    await vi.waitFor(() => expect(tail.status.value).toBe('live'))
    tail.pause()
    await client.appendToStream('log', numbered(0, 6))
    await vi.waitFor(() => expect(tail.waiting.value).toBe(6))
    tail.clear()
    tail.resume()
    expect(tailTypes(tail)).toEqual([5, 4, 3, 2, '-2'])
    await client.appendToStream('log', numbered(6, 1))
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([6, 5, 4, 3]))
  })

  it('ends with its scope, and begins anew with another stream', async () => {
    const kurrentLite = testing()
    const { client } = kurrentLite.session
    await client.appendToStream('a', numbered(1, 1))
    await client.appendToStream('b', numbered(2, 1))
    const stream = ref('a')
    const tail = inApp([kurrentLite], () => useLiveTail({ stream }))
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([1]))
    stream.value = 'b'
    await vi.waitFor(() => expect(tailTypes(tail)).toEqual([2]))
    await vi.waitFor(() => expect(tail.status.value).toBe('live'))
    tail.wrapper.unmount()
    await client.appendToStream('b', numbered(3, 1))
    expect(tailTypes(tail)).toEqual([])
  })
})

describe('words for events', () => {
  it('one line says the beginning of the data', () => {
    expect(oneLine({ a: 1n, b: 'x\ny' })).toBe('{"a":"1","b":"x\\ny"}')
    expect(oneLine('a\n  b')).toBe('a b')
    expect(oneLine(new Uint8Array([0, 255]))).toBe('00 ff')
    expect(oneLine('x'.repeat(500)).length).toBe(161)
    expect([oneLine({}), oneLine(undefined), oneLine(new Uint8Array())]).toEqual(['', '', ''])
  })

  it('the type tells the kind of change', () => {
    expect(['order-placed', 'document-deleted', '$metadata', 'price-changed'].map(eventTone)).toEqual([
      'begun', 'removed', 'system', 'changed',
    ])
  })
})
