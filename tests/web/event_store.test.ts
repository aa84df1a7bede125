import { createPinia, type Pinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { databaseOf } from '../../web/src'
import { jsonEvent, NO_STREAM } from '../../web/src/client'
import { defineEventStore, EventStoreConflictError, eventType } from '../../web/src/pinia'
import type { StandardSchemaV1 } from '../../web/src/services/validation/standard_schema'
import type { TestingKurrentLite } from '../../web/src/testing'
import { cartDefinition, useCart, withItem } from './cart'
import { failureOf } from './support'
import { testing } from './vue_app'

const added = (sku: string, quantity = 1) => jsonEvent({ type: 'item-added', data: { sku, quantity } })

function open(kurrentLite: TestingKurrentLite = testing()) {
  const pinia: Pinia = kurrentLite.attachTo(createPinia())
  return { kurrentLite, pinia, client: kurrentLite.session.client }
}

async function loadedCart(id = 'ann', at = open()) {
  const cart = useCart(id, at.pinia)
  await vi.waitFor(() => expect(cart.ready).toBe(true))
  return { ...at, cart }
}

async function typesIn({ kurrentLite }: { kurrentLite: TestingKurrentLite }, stream: string): Promise<string[]> {
  return (await kurrentLite.session.openDatabase()).readEvents(stream).map(({ type }) => type)
}

describe('an event store', () => {
  it('is the fold of its stream, and follows it', async () => {
    const at = open()
    await at.client.appendToStream('cart-ann', [added('apple'), added('pear', 2)])
    const cart = useCart('ann', at.pinia)
    expect([cart.state, cart.version, cart.ready, cart.isLoading]).toEqual([{ items: {}, note: '' }, 0, false, true])
    await vi.waitFor(() => expect(cart.ready).toBe(true))
    expect([cart.state.items, cart.version, cart.isLoading]).toEqual([{ apple: 1, pear: 2 }, 2, false])
    expect([cart.total, cart.skus]).toEqual([3, ['apple', 'pear']])
    const before = cart.state
    await at.client.appendToStream('cart-ann', [added('apple'), jsonEvent({ type: 'unknown', data: {} })])
    await vi.waitFor(() => expect(cart.version).toBe(4))
    expect(cart.state.items).toEqual({ apple: 2, pear: 2 })
    expect(before.items).toEqual({ apple: 1, pear: 2 })
  })

  it('appends what commands decide, together, at the version they were decided on', async () => {
    const { cart, ...at } = await loadedCart()
    await cart.add('apple', 3)
    await cart.addAll('pear', 'plum')
    await cart.write('')
    await cart.write('ring twice')
    expect(await typesIn(at, 'cart-ann')).toEqual(['item-added', 'item-added', 'item-added', 'note-written'])
    expect([cart.version, cart.state]).toEqual([4, { items: { apple: 3, pear: 1, plum: 1 }, note: 'ring twice' }])
    await cart.commit({ type: 'checked-out', data: { total: 5 } })
    expect([cart.version, cart.total]).toEqual([5, 0])
    expect(await failureOf(cart.remove('apple'))).toMatchObject({ message: 'There is no apple in the cart.' })
    expect(cart.error?.message).toBe('There is no apple in the cart.')
    await cart.add('apple')
    expect(cart.error).toBeNull()
  })

  it('shows a commit at once, and several before the first is appended', async () => {
    const { cart, kurrentLite } = await loadedCart()
    await kurrentLite.session.setSimulation('lan')
    const commits = [cart.add('apple'), cart.add('pear'), cart.remove('apple')]
    expect([cart.state.items, cart.version, cart.isSaving]).toEqual([{ pear: 1 }, 0, true])
    await Promise.all(commits)
    expect([cart.state.items, cart.version, cart.isSaving]).toEqual([{ pear: 1 }, 3, false])
  })

  it('waits for its stream before a command decides', async () => {
    const at = open()
    await at.client.appendToStream('cart-ann', added('apple', 2))
    const cart = useCart('ann', at.pinia)
    await cart.remove('apple')
    expect([cart.state.items, cart.version]).toEqual([{}, 2])
  })

  it('has an instance for each id, and one without', async () => {
    const { cart, pinia, ...at } = await loadedCart()
    const other = useCart('bob', pinia)
    expect(useCart('ann', pinia)).toBe(cart)
    expect(other).not.toBe(cart)
    await Promise.all([cart.add('apple'), other.add('pear'), useCart(pinia).add('plum')])
    expect([cart.state.items, other.state.items, useCart(null, pinia).state.items]).toEqual([
      { apple: 1 }, { pear: 1 }, { plum: 1 },
    ])
    expect([await typesIn(at, 'cart-bob'), await typesIn(at, 'cart')]).toEqual([['item-added'], ['item-added']])
    expect([cart.$id, other.$id, useCart(pinia).$id, useCart.$id]).toEqual(['cart/ann', 'cart/bob', 'cart', 'cart'])
  })

  it('takes back what could not be appended', async () => {
    const { cart, client } = await loadedCart()
    await cart.add('apple')
    await databaseOf(client).faults.fail('append')
    const failing = cart.add('pear')
    expect(cart.state.items).toEqual({ apple: 1, pear: 1 })
    expect(await failureOf(failing)).toMatchObject({ type: 'unavailable' })
    expect([cart.state.items, cart.version, cart.isSaving]).toEqual([{ apple: 1 }, 1, false])
    expect(cart.error).toMatchObject({ type: 'unavailable' })
    await cart.add('pear')
    expect([cart.state.items, cart.error]).toEqual([{ apple: 1, pear: 1 }, null])
  })

  it('shows a commit whose answer was lost when it comes back, once', async () => {
    const { cart, client } = await loadedCart()
    await databaseOf(client).faults.fail('append', { replyLost: true })
    await failureOf(cart.add('pear'))
    await vi.waitFor(() => expect([cart.state.items, cart.version]).toEqual([{ pear: 1 }, 1]))
    await cart.add('pear')
    expect([cart.state.items, cart.version]).toEqual([{ pear: 2 }, 2])
  })

  it('tells by `stateAt` how it was', async () => {
    const { cart } = await loadedCart()
    for (const sku of ['a', 'b', 'c']) await cart.add(sku)
    expect(await Promise.all([0, 1, 2, 3].map(async (version) => Object.keys((await cart.stateAt(version)).items)))).toEqual([
      [], ['a'], ['a', 'b'], ['a', 'b', 'c'],
    ])
    await expect(cart.stateAt(4)).rejects.toThrow(RangeError)
    await expect(cart.stateAt(-1)).rejects.toThrow(RangeError)
  })

  it('begins anew with another environment', async () => {
    const { cart, kurrentLite } = await loadedCart()
    await cart.add('apple')
    await kurrentLite.session.switchEnvironment('staging')
    await vi.waitFor(() => expect([cart.state.items, cart.version]).toEqual([{}, 0]))
    await cart.add('pear')
    expect([cart.state.items, cart.version]).toEqual([{ pear: 1 }, 1])
    await kurrentLite.session.switchEnvironment('test')
    await vi.waitFor(() => expect(cart.state.items).toEqual({ apple: 1 }))
  })

  it('stops with $dispose', async () => {
    const { cart, client } = await loadedCart()
    await cart.add('apple')
    cart.$dispose()
    await client.appendToStream('cart-ann', added('pear'))
    await databaseOf(client).settled()
    expect(cart.state.items).toEqual({ apple: 1 })
  })
})

describe('stores of the same stream', () => {
  it('converge', async () => {
    const one = await loadedCart()
    const two = await loadedCart('ann', open(one.kurrentLite))
    await one.cart.add('apple')
    await vi.waitFor(() => expect(two.cart.version).toBe(1))
    await two.cart.add('pear')
    await vi.waitFor(() => expect(one.cart.version).toBe(2))
    expect(one.cart.state).toEqual(two.cart.state)
    expect(one.cart.state.items).toEqual({ apple: 1, pear: 1 })
  })

  it('roll a commit back when the other was first, and tell both sides', async () => {
    const one = await loadedCart()
    const two = await loadedCart('ann', open(one.kurrentLite))
    const [first, second] = await Promise.allSettled([one.cart.write('one'), two.cart.write('two')])
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
    const conflict = (second as PromiseRejectedResult).reason as EventStoreConflictError
    expect(conflict).toBeInstanceOf(EventStoreConflictError)
    expect(conflict).toMatchObject({
      type: 'event-store-conflict',
      stream: 'cart-ann',
      expectedVersion: 0,
      actualVersion: 1,
      ours: [{ type: 'note-written', data: { note: 'two' } }],
      theirs: [{ type: 'note-written', data: { note: 'one' } }],
    })
    expect(two.cart.error).toBe(conflict)
    expect([two.cart.state.note, two.cart.isSaving]).toEqual(['one', false])
  })

  const define = (onConflict: 'retry' | 'throw' | ((...given: any[]) => any)) =>
    defineEventStore('cart', {
      ...cartDefinition,
      evolve: (cart, event) => (event.type === 'item-added' ? withItem(cart, event.data.sku, event.data.quantity) : cart),
      commands: {
        setTo: (cart, sku: string, quantity: number) => ({
          type: 'item-added', data: { sku, quantity: quantity - (cart.items[sku] ?? 0) },
        }),
      },
      onConflict,
    })

  it('decide anew by the state with the other events, with `retry`', async () => {
    const kurrentLite = testing()
    const stores = [define('retry'), define('retry'), define('retry')].map((use) => use('ann', open(kurrentLite).pinia))
    await vi.waitFor(() => expect(stores.every(({ ready }) => ready)).toBe(true))
    await Promise.all(stores.map((store, index) => store.setTo('apple', index + 5)))
    await vi.waitFor(() => expect(stores.map(({ version }) => version)).toEqual([3, 3, 3]))
    // Each added what was missing by the state that it was appended to, so the last one's number stands.
    expect(stores.map(({ state }) => state.items)).toEqual(Array(3).fill({ apple: 7 }))
  })

  it('let a function decide what becomes of a conflict', async () => {
    const { client, ...at } = open()
    const policy = vi.fn((conflict: EventStoreConflictError) =>
      conflict.theirs.length > 1 ? 'throw' : { type: 'item-added', data: { sku: 'merged', quantity: 1 } },
    )
    const store = define(policy)('ann', at.pinia)
    await vi.waitFor(() => expect(store.ready).toBe(true))
    const others = client.appendToStream('cart-ann', added('apple'))
    await Promise.all([others, store.setTo('pear', 1)])
    expect(store.state.items).toEqual({ apple: 1, merged: 1 })
    const more = client.appendToStream('cart-ann', [added('apple'), added('apple')])
    expect(await failureOf(store.setTo('pear', 1))).toBeInstanceOf(EventStoreConflictError)
    await more
    expect(policy).toHaveBeenCalledTimes(2)
    expect(store.state.items).toEqual({ apple: 3, merged: 1 })
  })

  it('end the same, whatever order their commits take', async () => {
    const kurrentLite = testing({ simulation: { preset: 'lan', seed: 3 } })
    const stores = Array.from({ length: 4 }, () => define('retry')('ann', open(kurrentLite).pinia))
    const commits = stores.flatMap((store, n) => [1, 2, 3].map((i) => store.setTo(`sku-${n}`, i)))
    await Promise.all(commits)
    await vi.waitFor(() => expect(stores.map(({ version }) => version)).toEqual([12, 12, 12, 12]))
    for (const { state } of stores) {
      expect(state.items).toEqual({ 'sku-0': 3, 'sku-1': 3, 'sku-2': 3, 'sku-3': 3 })
    }
  })
})

describe('undo and redo', () => {
  it('append what takes a commit back, and the commit again', async () => {
    const { cart, ...at } = await loadedCart()
    expect([cart.canUndo, await cart.undo(), await cart.redo()]).toEqual([false, false, false])
    await cart.write('first')
    await cart.write('second')
    await cart.addAll('apple', 'pear')
    expect([cart.canUndo, cart.canRedo]).toEqual([true, false])
    expect(await cart.undo()).toBe(true)
    expect([cart.state.items, cart.canRedo]).toEqual([{}, true])
    await cart.undo()
    expect(cart.state.note).toBe('first')
    await cart.undo()
    expect([cart.state.note, cart.canUndo]).toEqual(['', false])
    await cart.redo()
    await cart.redo()
    expect(cart.state.note).toBe('second')
    await cart.undo()
    expect(cart.state.note).toBe('first')
    await cart.redo()
    await cart.redo()
    expect([cart.state, cart.canRedo]).toEqual([{ items: { apple: 1, pear: 1 }, note: 'second' }, false])
    const types = await typesIn(at, 'cart-ann')
    expect(types.slice(4, 7)).toEqual(['item-removed', 'item-removed', 'note-written'])
    expect(cart.version).toBe(types.length)
  })

  it('shows at once, and waits for commits that are under way', async () => {
    const { cart, kurrentLite } = await loadedCart()
    await kurrentLite.session.setSimulation('lan')
    const adding = cart.add('apple')
    const undoing = cart.undo()
    await adding
    expect(await undoing).toBe(true)
    expect([cart.state.items, cart.version]).toEqual([{}, 2])
    const redoing = cart.redo()
    expect([cart.state.items, cart.isSaving]).toEqual([{ apple: 1 }, true])
    await redoing
  })

  it('a new commit ends redo; a commit that cannot be undone ends undo', async () => {
    const { cart } = await loadedCart()
    await cart.add('apple')
    await cart.undo()
    await cart.add('pear')
    expect([cart.canRedo, await cart.redo()]).toEqual([false, false])
    await cart.checkOut()
    expect([cart.canUndo, await cart.undo(), cart.state.items]).toEqual([false, false, {}])
  })

  it('end with the events of others', async () => {
    const { cart, client } = await loadedCart()
    await cart.write('mine')
    await cart.write('mine again')
    await cart.undo()
    await client.appendToStream('cart-ann', added('apple'))
    await vi.waitFor(() => expect([cart.canUndo, cart.canRedo]).toEqual([false, false]))
    expect(await cart.undo()).toBe(false)
    await cart.write('third')
    expect(cart.canUndo).toBe(true)
    const theirs = client.appendToStream('cart-ann', added('pear'))
    expect(await failureOf(cart.undo())).toBeInstanceOf(EventStoreConflictError)
    await theirs
    expect([cart.state, cart.canUndo]).toEqual([{ items: { apple: 1, pear: 1 }, note: 'third' }, false])
  })

  it('go on across the events of others where the store says so', async () => {
    const { client, ...at } = open()
    const useNote = defineEventStore('note', {
      events: { written: eventType<{ text: string }>() },
      initialState: () => '',
      evolve: (_note, { data }) => data.text,
      commands: { write: (_note, text: string) => ({ type: 'written', data: { text } }) },
      invert: {
        // What somebody else wrote since stays.
        written: ({ data }, before, now) => (now === data.text ? { type: 'written', data: { text: before } } : null),
      },
      undoAcross: true,
    })
    const note = useNote(at.pinia)
    await note.write('mine')
    await client.appendToStream('note', jsonEvent({ type: 'written', data: { text: 'theirs' } }))
    await vi.waitFor(() => expect(note.state).toBe('theirs'))
    expect([note.canUndo, await note.undo(), note.state]).toEqual([true, false, 'theirs'])
    await client.appendToStream('note', jsonEvent({ type: 'written', data: { text: 'mine' } }))
    await vi.waitFor(() => expect(note.version).toBe(3))
    expect([await note.undo(), note.state]).toEqual([true, ''])
  })

  it('keeps as many as the store says', async () => {
    const at = open()
    const useCounter = defineEventStore('counter', {
      events: { counted: eventType<{ by: number }>() },
      initialState: () => 0,
      evolve: (count, { data }) => count + data.by,
      commands: { count: (_count, by: number) => ({ type: 'counted', data: { by } }) },
      invert: { counted: ({ data }) => ({ type: 'counted', data: { by: -data.by } }) },
      undoLimit: 2,
    })
    const counter = useCounter(at.pinia)
    for (const by of [1, 10, 100]) await counter.count(by)
    while (await counter.undo());
    expect(counter.state).toBe(1)
  })
})

describe('schemas of events', () => {
  const positive = (isAsync: boolean): StandardSchemaV1<{ by: string }, { by: number }> => ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const by = Number((value as { by: string }).by)
        const result = by > 0 ? { value: { by } } : { issues: [{ message: 'must be above 0.', path: ['by'] }, { message: 'bad.' }] }
        return isAsync ? Promise.resolve(result) : result
      },
    },
  })

  it.each([false, true])('are checked before anything is shown or appended (asynchronous: %s)', async (isAsync) => {
    const at = open()
    const useCounter = defineEventStore('counter', {
      events: { counted: positive(isAsync) },
      initialState: () => 0,
      evolve: (count, { data }) => count + data.by,
      commands: { count: (_count, ...by: string[]) => by.map((each) => ({ type: 'counted' as const, data: { by: each } })) },
    })
    const counter = useCounter(at.pinia)
    await counter.count('1', '2')
    expect([counter.state, counter.version]).toEqual([3, 2])
    const failure = await failureOf(counter.count('1', '-2'))
    expect(failure).toMatchObject({
      type: 'validation-failed',
      violations: [
        { field: 'events[1].data.by', problem: 'must be above 0.' },
        { field: 'events[1].data', problem: 'bad.' },
      ],
    })
    expect([counter.state, counter.version, await typesIn(at, 'counter')]).toEqual([3, 2, ['counted', 'counted']])
    const unknown = counter.commit({ type: 'nothing' as 'counted', data: { by: '1' } })
    expect(await failureOf(unknown)).toMatchObject({ type: 'validation-failed' })
  })

  it('a stream that is shorter than what a page was sent is read anew', async () => {
    const { client, pinia, ...at } = open()
    await client.appendToStream('cart-ann', added('apple'), { streamState: NO_STREAM })
    pinia.state.value['cart/ann'] = { state: { items: { old: 9 }, note: '' }, version: 7, ready: true }
    const cart = useCart('ann', pinia)
    expect([cart.state.items, cart.version]).toEqual([{ old: 9 }, 7])
    expect(await failureOf(cart.add('pear'))).toBeInstanceOf(EventStoreConflictError)
    expect([cart.state.items, cart.version]).toEqual([{ apple: 1 }, 1])
    expect(await typesIn(at, 'cart-ann')).toEqual(['item-added'])
  })
})
