// @vitest-environment jsdom
import { createPinia, defineStore } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { useKurrentDBStore } from '../../web/src/pinia'
import { createKurrentLite, useAccess, useActingUser, useKurrentDB, useStream, useStreamQuery } from '../../web/src/vue'
import { failureOf } from './support'
import { inApp } from './vue_app'

const options = { env: {}, environment: 'test', sync: false } as const

async function documentsOfAnnAndBob(session: ReturnType<typeof useKurrentDB>): Promise<void> {
  session.setUser(undefined)
  const of = (owner: string) => ({ owner, permissions: { read: [owner], write: [owner], admin: [owner] } })
  await session.streams.create({ id: 'a', name: 'of Ann', data: 1, ...of('ann') })
  await session.streams.create({ id: 'b', name: 'of Bob', data: 1, ...of('bob') })
  await session.streams.create({ id: 'c', name: 'of all', data: 1, owner: 'bob' })
}

describe('option user', () => {
  it('as a ref: what is shown follows it, and what one user saw is not shown to the next', async () => {
    const user = ref<string | null>('ann')
    const app = inApp([createPinia(), createKurrentLite({ ...options, user })], () => ({
      session: useKurrentDB(),
      store: useKurrentDBStore(),
      acting: useActingUser(),
      query: useStreamQuery({ sort: 'name' }),
      document: useStream('a'),
      access: useAccess('c'),
    }))
    const { session, store, query, document, acting, access } = app
    // Before anything is loaded the documents are the program's; then the ref decides again.
    await documentsOfAnnAndBob(session)
    session.setUser(() => user.value)
    await store.initialize()
    const names = () => [query.data.value, store.streams].map((list) => list.map(({ id }) => id).sort())
    await vi.waitFor(() => expect(names()).toEqual([['a', 'c'], ['a', 'c']]))
    await vi.waitFor(() => expect(document.data.value?.id).toBe('a'))
    await vi.waitFor(() => expect(access.canRead.value).toBe(true))
    expect([acting.value, access.canWrite.value, access.canAdmin.value]).toEqual(['ann', false, false])

    user.value = 'bob'
    expect([acting.value, query.data.value, document.data.value, store.streams]).toEqual(['bob', [], null, []])
    await vi.waitFor(() => expect(names()).toEqual([['b', 'c'], ['b', 'c']]))
    await vi.waitFor(() => expect(access.canAdmin.value).toBe(true))
    await vi.waitFor(() => expect(document.isLoading.value).toBe(false))
    expect(document.data.value).toBeNull()
    expect(await failureOf(store.updateStream('a', { data: 2 }))).toMatchObject({ type: 'permission-denied', user: 'bob' })

    user.value = null
    expect(acting.value).toBe('anonymous')
    await vi.waitFor(() => expect(names()).toEqual([['c'], ['c']]))
  })

  it('as a getter of the app’s own user store', async () => {
    const useUserStore = defineStore('user', { state: () => ({ name: 'ann' }) })
    const pinia = createPinia()
    const { session, acting } = inApp([pinia, createKurrentLite({ ...options, user: () => useUserStore(pinia).name })], () => ({
      session: useKurrentDB(),
      acting: useActingUser(),
    }))
    const created = await session.streams.create({ id: 'a', name: 'A', data: 1 })
    expect(created.metadata.owner).toBe('ann')
    useUserStore(pinia).name = 'bob'
    expect(acting.value).toBe('bob')
    expect((await session.streams.create({ id: 'b', name: 'B', data: 1 })).metadata.owner).toBe('bob')
  })

  it('left out: nothing is refused', async () => {
    const { acting, session } = inApp([createKurrentLite(options)], () => ({ acting: useActingUser(), session: useKurrentDB() }))
    expect(acting.value).toBeNull()
    await documentsOfAnnAndBob(session)
    expect((await session.streams.list()).total).toBe(3)
  })
})

describe('the store', () => {
  it('has every change of documents as an action, whose lists show it', async () => {
    const { store } = inApp([createPinia(), createKurrentLite(options)], () => ({ store: useKurrentDBStore() }))
    await store.createStream({ id: 'a', name: 'A', data: { x: 1, y: { z: 2 } } })
    expect((await store.patchStream('a', { y: { z: 3 } })).data).toEqual({ x: 1, y: { z: 3 } })
    await store.tagStream('a', { add: ['vip'] })
    await store.setStreamPermissions('a', { read: ['ann'] })
    await store.transferStream('a', 'ann')
    expect(store.streams[0]).toMatchObject({
      data: { x: 1, y: { z: 3 } },
      metadata: { tags: ['vip'], owner: 'ann', version: 5 },
      permissions: { read: ['ann'] },
    })
    const merge = vi.fn(({ theirs }) => ({ data: { x: theirs.data.x + 10 } }))
    await store.updateStream('a', { data: { x: 2 }, expectedVersion: 1 }, { onConflict: merge })
    expect(store.streams[0]?.data).toEqual({ x: 11 })
    const documents = await store.transaction([
      { create: { id: 'b', name: 'B', data: 1 } },
      { archive: 'a' },
      { tag: 'b', add: ['new'] },
    ])
    expect(documents.map(({ id, status }) => `${id} ${status}`)).toEqual(['b active', 'a archived', 'b active'])
    expect(store.streams.map(({ id, status }) => `${id} ${status}`)).toEqual(['a archived', 'b active'])
    expect((await store.loadStreamHistory('a', { limit: 2 })).items.map(({ version }) => version)).toEqual([7, 6])
    expect((await store.getStreamAt('a', { version: 1 }))?.data).toEqual({ x: 1, y: { z: 2 } })
    expect((await store.diffStream('a', 1, 2)).changes).toMatchObject([{ path: '/data/y/z', before: 2, after: 3 }])
  })
})

describe('useStream', () => {
  it('has every change of a document', async () => {
    const { session, document } = inApp([createKurrentLite(options)], () => ({ session: useKurrentDB(), document: useStream('a') }))
    await session.streams.create({ id: 'a', name: 'A', data: { x: 1 } })
    await vi.waitFor(() => expect(document.data.value).not.toBeNull())
    await document.patch({ y: 2 })
    await document.tag({ add: ['vip'] })
    await document.setPermissions({ read: ['ann'] })
    await document.transferOwner('ann')
    expect(document.data.value).toMatchObject({
      data: { x: 1, y: 2 }, metadata: { tags: ['vip'], owner: 'ann' }, permissions: { read: ['ann'] },
    })
    const failure = await failureOf(document.patch({ y: 3 }, { expectedVersion: 1 }))
    expect(document.conflict.value).toBe(failure)
    expect(failure).toMatchObject({ base: { data: { x: 1 } }, theirs: { data: { x: 1, y: 2 } } })
  })
})
