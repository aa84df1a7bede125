import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useKurrentDBStore } from '../../web/src/pinia'
import { indexedDbStorage, memoryStorage, type StoragePort } from '../../web/src/services'
import { createTestingKurrentLite } from '../../web/src/testing'
import { eventually, failureOf, openSession } from './support'

beforeEach(() => {
  vi.unstubAllGlobals() // not after each test: sessions still save while they are disposed of
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})

const key = 'kurrentlite/localhost:2115'
const idsOf = async (session: ReturnType<typeof openSession>) =>
  (await session.streams.list()).items.map(({ id }) => id)

/** A storage whose contents and calls can be looked at. */
function watched(storage: StoragePort) {
  const calls: string[] = []
  const wrap =
    <A extends unknown[], R>(name: string, run: (...args: A) => R) =>
    (...args: A) => {
      calls.push(name)
      return run(...args)
    }
  return {
    calls,
    load: wrap('load', storage.load.bind(storage)),
    append: wrap('append', storage.append.bind(storage)),
    replace: wrap('replace', storage.replace.bind(storage)),
    clear: wrap('clear', storage.clear.bind(storage)),
  }
}

describe.each([
  ['IndexedDB', () => indexedDbStorage()],
  ['memory', () => memoryStorage()],
])('storage in %s', (_name, make) => {
  const bytes = (...values: number[]) => new Uint8Array(values)

  it('keeps pieces in order, and each key apart', async () => {
    const storage = make()
    expect(await storage.load('a')).toEqual({ pieces: [], version: null })
    const first = await storage.append('a', bytes(1, 2), null)
    const second = await storage.append('a', bytes(3), first!)
    await storage.replace('b', bytes(9))
    expect(await storage.load('a')).toEqual({ pieces: [bytes(1, 2), bytes(3)], version: second })
    await storage.clear('a')
    expect(await storage.load('a')).toEqual({ pieces: [], version: null })
    expect((await storage.load('b')).pieces).toEqual([bytes(9)])
  })

  it('adds nothing once somebody else has written', async () => {
    const storage = make()
    const mine = await storage.append('a', bytes(1), null)
    const theirs = await storage.append('a', bytes(2), mine!)
    expect(await storage.append('a', bytes(3), mine!)).toBeUndefined()
    expect(await storage.append('a', bytes(3), null)).toBeUndefined()
    expect((await storage.load('a')).pieces).toEqual([bytes(1), bytes(2)])
    const replaced = await storage.replace('a', bytes(7))
    expect(await storage.append('a', bytes(3), theirs!)).toBeUndefined()
    expect(await storage.append('a', bytes(8), replaced)).toBeTypeOf('string')
    expect((await storage.load('a')).pieces).toEqual([bytes(7), bytes(8)])
  })
})

describe('persist', () => {
  it('brings everything back after a reload: documents, user data, events', async () => {
    const first = openSession({ persist: true })
    await first.streams.create({ id: 'a', name: 'A', data: { text: 'ä€😀' }, tags: ['t'] })
    await first.streams.create({ id: 'gone', name: 'G', data: 1 })
    await first.streams.delete('gone')
    await first.users.store('ann', { theme: 'dark' })
    const before = await first.streams.get('a')
    const events = (await first.openDatabase()).readAllEvents()
    await first.save()
    const second = openSession({ persist: true })
    expect(await second.streams.get('a')).toEqual(before)
    expect(await second.streams.get('gone')).toBeNull()
    expect((await second.users.get('ann'))?.data).toEqual({ theme: 'dark' })
    expect((await second.openDatabase()).readAllEvents()).toEqual(events)
    await second.streams.update('a', { data: 2 })
    expect((await second.streams.get('a'))?.metadata.version).toBe(2)
  })

  it('is off unless asked for', async () => {
    const session = openSession()
    await session.streams.create({ name: 'A', data: 1 })
    await session.save()
    expect(await indexedDbStorage().load(key)).toEqual({ pieces: [], version: null })
  })

  it('saves by itself soon after a write, in one piece for writes that come together', async () => {
    const storage = watched(memoryStorage())
    const session = openSession({ persist: { storage, debounce: 20 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await session.streams.create({ id: 'b', name: 'B', data: 1 })
    expect(storage.calls).toEqual(['load'])
    await eventually(() => storage.calls.includes('append'))
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(storage.calls).toEqual(['load', 'append'])
    expect((await storage.load(key)).pieces).toHaveLength(1)
    expect(await idsOf(openSession({ persist: { storage } }))).toEqual(['a', 'b'])
  })

  it('saves only what is new', async () => {
    const storage = memoryStorage()
    const session = openSession({ persist: { storage } })
    await session.streams.create({ name: 'large', data: 'x'.repeat(100_000) })
    await session.save()
    await session.streams.create({ name: 'small', data: 1 })
    await session.save()
    await session.save()
    const { pieces } = await storage.load(key)
    expect(pieces).toHaveLength(2)
    expect(pieces[1]!.length).toBeLessThan(1_000)
  })

  it('writes the whole anew after many pieces', async () => {
    const storage = watched(memoryStorage())
    const session = openSession({ persist: { storage } })
    for (let index = 0; index < 203; index += 1) {
      await session.streams.create({ id: `${index}`, name: 'n', data: index })
      await session.save()
    }
    expect(storage.calls.filter((call) => call === 'replace')).toHaveLength(1)
    expect((await storage.load(key)).pieces.length).toBeLessThan(10)
    expect((await openSession({ persist: { storage } }).streams.list()).total).toBe(203)
  })

  it('keeps each environment and each key apart', async () => {
    const session = openSession({ persist: { key: 'mine' } })
    await session.streams.create({ id: 'in-test', name: 'T', data: 1 })
    await session.switchEnvironment('dev')
    await session.streams.create({ id: 'in-dev', name: 'D', data: 1 })
    await session.save()
    await session.switchEnvironment('test')
    await session.save()
    expect(await idsOf(openSession({ persist: { key: 'mine' } }))).toEqual(['in-test'])
    expect(await idsOf(openSession({ persist: { key: 'mine' }, environment: 'dev' }))).toEqual(['in-dev'])
    expect(await idsOf(openSession({ persist: { key: 'other' } }))).toEqual([])
  })

  it('lets the tab that writes last win, whole', async () => {
    const [one, two] = [openSession({ persist: true }), openSession({ persist: true })]
    await one.streams.create({ id: 'one-1', name: 'n', data: 1 })
    await one.save()
    await two.ready() // saw one-1
    await one.streams.create({ id: 'one-2', name: 'n', data: 1 })
    await one.save()
    await two.streams.create({ id: 'two-1', name: 'n', data: 1 })
    await two.save()
    expect(await idsOf(openSession({ persist: true }))).toEqual(await idsOf(two))
    await one.streams.create({ id: 'one-3', name: 'n', data: 1 })
    await Promise.all([one.save(), two.save()])
    await two.streams.create({ id: 'two-2', name: 'n', data: 1 })
    await Promise.all([one.save(), two.save()])
    const saved = await idsOf(openSession({ persist: true }))
    expect(saved).toEqual(await idsOf(two))
    expect(saved.filter((id) => id.startsWith('one-3'))).toEqual([])
  })

  it('moves damaged content out of the way, says so once, and starts empty', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const session = openSession({ persist: true })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await session.save()
    session.dispose()
    const storage = indexedDbStorage()
    const [piece] = (await storage.load(key)).pieces
    piece![Math.floor(piece!.length / 2)]! ^= 0x20
    await storage.replace(key, piece!)

    const kurrentLite = createTestingKurrentLite({ persist: true })
    setActivePinia(kurrentLite.attachTo(createPinia()))
    const store = useKurrentDBStore()
    await store.initialize()
    expect(store.streams).toEqual([])
    expect(store.error).toMatchObject({ name: 'CorruptDataError', type: 'corrupt-data' })
    expect(store.error?.message).toContain(`${key}.backup`)
    expect(warn).toHaveBeenCalledTimes(1)
    expect((await storage.load(`${key}.backup`)).pieces).toEqual([piece])
    await store.createStream({ id: 'new', name: 'N', data: 1 })
    await kurrentLite.session.save()
    expect(await idsOf(openSession({ persist: true }))).toEqual(['new'])
    kurrentLite.dispose()
  })

  it('leaves content alone that it could not read', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const content = memoryStorage()
    await content.replace(key, new Uint8Array([1, 2, 3]))
    const storage = watched({ ...content, load: () => Promise.reject(new Error('locked')) })
    const session = openSession({ persist: { storage, debounce: 1 } })
    await session.streams.create({ name: 'A', data: 1 })
    expect(session.problem).toMatchObject({ type: 'storage-failed', message: expect.stringContaining('locked') })
    await session.save()
    expect(storage.calls).toEqual(['load'])
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('tells when saving fails, keeps working, and saves later', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const content = memoryStorage()
    let isFull = true
    const append: StoragePort['append'] = (...args) =>
      isFull ? Promise.reject(new Error('quota')) : content.append(...args)
    const session = openSession({ persist: { storage: { ...content, append }, debounce: 1 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    await eventually(() => session.problem !== null)
    expect(session.problem).toMatchObject({ type: 'storage-failed' })
    expect(await failureOf(session.save())).toMatchObject({ type: 'storage-failed' })
    isFull = false
    await session.streams.create({ id: 'b', name: 'B', data: 1 })
    await session.save()
    expect(await idsOf(openSession({ persist: { storage: content } }))).toEqual(['a', 'b'])
  })

  it('starts afresh: reset empties database and storage, later writes are saved', async () => {
    const session = openSession({ persist: true })
    await session.streams.create({ id: 'old', name: 'O', data: 1 })
    await session.save()
    await session.reset()
    expect(await indexedDbStorage().load(key)).toEqual({ pieces: [], version: null })
    expect(await idsOf(session)).toEqual([])
    await session.streams.create({ id: 'new', name: 'N', data: 1 })
    await session.save()
    expect(await idsOf(openSession({ persist: true }))).toEqual(['new'])
  })

  it('starts afresh also while a save is under way, and keeps what is written then', async () => {
    const content = memoryStorage()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const append: StoragePort['append'] = async (...args) => {
      await held
      return content.append(...args)
    }
    const session = openSession({ persist: { storage: { ...content, append }, debounce: 10_000 } })
    await session.streams.create({ id: 'a', name: 'old', data: 1 })
    const saving = session.save()
    await Promise.resolve()
    const resetting = session.reset()
    await new Promise((resolve) => setTimeout(resolve, 0))
    await session.streams.create({ id: 'a', name: 'new', data: 1 }) // as large as the old one: ends at the same position
    release()
    await Promise.all([saving, resetting])
    await session.save()
    expect(await openSession({ persist: { storage: content } }).streams.get('a')).toMatchObject({ name: 'new' })
  })

  it('saves what is left when the session is disposed of', async () => {
    const storage = memoryStorage()
    const session = openSession({ persist: { storage, debounce: 10_000 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    session.dispose()
    await eventually(() => true)
    expect(await idsOf(openSession({ persist: { storage } }))).toEqual(['a'])
  })

  it('saves at once when the page is hidden or goes away', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    const window = new EventTarget()
    vi.stubGlobal('document', page)
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
    vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
    const storage = watched(memoryStorage())
    const session = openSession({ persist: { storage, debounce: 10_000 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    page.visibilityState = 'hidden'
    page.dispatchEvent(new Event('visibilitychange'))
    await eventually(() => storage.calls.includes('append'))
    await session.streams.create({ id: 'b', name: 'B', data: 1 })
    window.dispatchEvent(new Event('pagehide'))
    expect(storage.calls.at(-1)).toBe('replace') // already under way, as nothing runs later on a page that goes away
    window.dispatchEvent(new Event('pagehide'))
    await eventually(() => true)
    expect(await idsOf(openSession({ persist: { storage } }))).toEqual(['a', 'b'])
    await session.streams.create({ id: 'c', name: 'C', data: 1 })
    await session.save()
    expect(await idsOf(openSession({ persist: { storage } }))).toEqual(['a', 'b', 'c'])
    session.dispose()
    const { length } = storage.calls
    window.dispatchEvent(new Event('pagehide'))
    expect(storage.calls).toHaveLength(length)
  })

  it('saves nothing where there is no IndexedDB', async () => {
    vi.unstubAllGlobals()
    const session = openSession({ persist: true })
    await session.streams.create({ name: 'A', data: 1 })
    await session.save()
    expect(session.problem).toBeNull()
  })
})
