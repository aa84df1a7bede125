import { readFileSync } from 'node:fs'
import { reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import { DocumentNotFoundError, type StreamMoment, ValidationError } from '../../web/src/services'
import { eventually, failureOf, openSession } from './support'

/** A document that was created, updated, tagged and deleted: versions 1 to 4. */
async function lived() {
  const { streams } = openSession()
  const first = await streams.create({ id: 'a', name: 'A', data: { title: 'Draft', list: [1, 2] }, owner: 'ann' })
  // The database's clock counts milliseconds; a later one tells the versions apart.
  await eventually(() => Date.now() > first.metadata.createdAt.getTime() + 1, 'the next millisecond')
  const second = await streams.update('a', { data: { title: 'Final', list: [1], 'a/b': null } })
  const third = await streams.update('a', { tags: ['done'], description: 'D' })
  await streams.delete('a')
  return { streams, versions: [first, second, third] as const }
}

describe('the history of a document', () => {
  it('tells what happened, newest first, also after the deletion', async () => {
    const { streams, versions } = await lived()
    const page = await streams.history('a')
    expect(page).toEqual({
      items: [
        entry(4, 'deleted', ['status']),
        entry(3, 'updated', ['description', 'tags']),
        entry(2, 'updated', ['data']),
        entry(1, 'created', ['name', 'data', 'owner', 'permissions']),
      ],
      total: 4,
      next: null,
    })
    expect(page.items[3]!.time).toEqual(versions[0].metadata.createdAt)
    expect(page.items[2]!.time).toEqual(versions[1].metadata.updatedAt)
    const events = await streams.events('a')
    expect(page.items.map(({ eventId }) => eventId).reverse()).toEqual(events.map(({ id }) => id))
  })

  it('is read page by page', async () => {
    const { streams } = await lived()
    const seen: number[] = []
    let from: number | null | undefined
    do {
      const page = await streams.history('a', { limit: 3, ...(from ? { from } : {}) })
      seen.push(...page.items.map(({ version }) => version))
      from = page.next
    } while (from !== null)
    expect(seen).toEqual([4, 3, 2, 1])
    expect((await streams.history('a', { from: 2, limit: 1 })).next).toBe(1)
  })

  it('shows the document as it was at each version', async () => {
    const { streams, versions } = await lived()
    for (const document of versions) {
      expect(await streams.at('a', { version: document.metadata.version })).toEqual(document)
    }
    expect(await streams.at('a', { version: 4 })).toMatchObject({ status: 'deleted', data: versions[2].data })
    expect(await streams.get('a')).toBeNull()
  })

  it('shows the document as it was at a time', async () => {
    const { streams, versions } = await lived()
    const [first, second] = versions
    expect(await streams.at('a', { time: first.metadata.createdAt })).toEqual(first)
    expect(await streams.at('a', { time: second.metadata.updatedAt.getTime() - 0.5 })).toEqual(first)
    expect(await streams.at('a', { time: first.metadata.createdAt.getTime() - 1 })).toBeNull()
    expect(await streams.at('a', { time: -1e15 })).toBeNull()
    expect(await streams.at('a', { time: new Date(8.64e15) })).toMatchObject({ status: 'deleted' })
    expect(await streams.at('a', reactive({ time: first.metadata.createdAt }))).toEqual(first)
  })

  it('tells what differs between two versions', async () => {
    const { streams, versions } = await lived()
    expect(await streams.diff('a', 1, 2)).toEqual({
      from: 1,
      to: 2,
      truncated: false,
      changes: [
        { path: '/data/title', kind: 'replaced', before: 'Draft', after: 'Final' },
        { path: '/data/list/1', kind: 'removed', before: 2 },
        { path: '/data/a~1b', kind: 'added', after: null },
      ],
    })
    expect((await streams.diff('a', 3, 1)).changes).toContainEqual({
      path: '/metadata/tags/0',
      kind: 'removed',
      before: 'done',
    })
    const everything = await streams.diff('a', 0, 1)
    expect(everything.changes).toContainEqual({ path: '/data', kind: 'added', after: versions[0].data })
    for (const { path } of everything.changes) expect(path).toMatch(/^\/(name|data|metadata|status|permissions)$/)
    expect((await streams.diff('a', 2, 2)).changes).toEqual([])
  })

  it('of a document that never was, or a version yet to come, is not found', async () => {
    const { streams } = await lived()
    for (const attempt of [
      () => streams.history('unknown'),
      () => streams.at('unknown', { version: 1 }),
      () => streams.at('unknown', { time: 0 }),
      () => streams.diff('unknown', 0, 1),
    ]) {
      expect(await failureOf(attempt())).toMatchObject({ type: 'document-not-found', id: 'unknown' })
    }
    for (const attempt of [streams.at('a', { version: 5 }), streams.diff('a', 1, 5)]) {
      const failure = await failureOf<DocumentNotFoundError>(attempt)
      expect(failure).toBeInstanceOf(DocumentNotFoundError)
      expect(failure).toMatchObject({ id: 'a', message: expect.stringContaining('version 5') })
    }
  })

  it('refuses what makes no sense, by field', async () => {
    const { streams } = await lived()
    const both = { version: 1, time: 1 } as unknown as StreamMoment
    const fields = async (attempt: Promise<unknown>) => {
      const failure = await failureOf<ValidationError>(attempt)
      expect(failure).toBeInstanceOf(ValidationError)
      return failure.violations.map(({ field }) => field)
    }
    expect(await fields(streams.history('a', { limit: 0 }))).toEqual(['limit'])
    expect(await fields(streams.history('a', { from: 0, limit: 1001 }))).toEqual(['from', 'limit'])
    expect(await fields(streams.history(undefined as unknown as string))).toEqual(['id'])
    expect(await fields(streams.history('a', null as never))).toEqual(['options'])
    expect(await fields(streams.at('a', { version: 0 }))).toEqual(['version'])
    expect(await fields(streams.at('a', { version: 1.5 }))).toEqual(['version'])
    expect(await fields(streams.at('a', both))).toEqual(['time'])
    expect(await fields(streams.at('a', {} as never))).toEqual(['version'])
    expect(await fields(streams.at('a', { time: new Date(Number.NaN) }))).toEqual(['time'])
    expect(await fields(streams.at('a', 1 as never))).toEqual(['moment'])
    expect(await fields(streams.diff('a', -1, 1))).toEqual(['from'])
    expect(await fields(streams.diff('a', 1, undefined as never))).toEqual(['to'])
  })

  it('keeps numbers and texts as they were written', async () => {
    const session = openSession()
    const { streams } = session
    await streams.create({ id: 'a', name: 'A', data: { n: 1, t: 'ä' } })
    await streams.update('a', { data: { t: 'ä', n: 1 } })
    const page = await streams.history('a')
    expect(page.items[0]).toMatchObject({ version: 2, change: 'updated', fields: [] })
    expect((await streams.diff('a', 1, 2)).changes).toEqual([])
  })

  it('is what the manual shows', async () => {
    const manual = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const blocks = [...manual.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
    const [program] = blocks.filter((code) => code.includes('streams.history('))
    const body = program!.replaceAll(/^import .*$/gm, '')
    const session = openSession()
    const created = await session.streams.create({ name: 'User Profile', data: { userId: '123' } })
    await session.streams.update(created.id, { data: { userId: '123', updated: true } })
    await session.streams.delete(created.id)
    const AsyncFunction = (async () => {}).constructor as new (...code: string[]) => (...values: unknown[]) => unknown
    const run = new AsyncFunction('useKurrentDB', 'created', `${body}; return { items, first, changes }`)
    expect(await run(() => session, created)).toMatchObject({
      items: [{ change: 'deleted' }, { change: 'updated' }, { change: 'created' }],
      first: created,
      changes: [{ path: '/data/updated', kind: 'added', after: true }],
    })
  })

  it('comes over a slow network too, and is counted among the reads', async () => {
    const session = openSession({ simulation: { preset: 'wan', errorRate: 0 } })
    await session.streams.create({ id: 'a', name: 'A', data: 1 })
    const before = (await session.kurrentdb.metrics()).operations.read.count
    expect((await session.streams.history('a')).total).toBe(1)
    expect((await session.streams.diff('a', 0, 1)).changes).toHaveLength(5)
    expect((await session.kurrentdb.metrics()).operations.read.count).toBe(before + 2)
  })
})

function entry(version: number, change: string, fields: string[]) {
  return {
    version,
    change,
    fields,
    eventType: `document-${change}`,
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    time: expect.any(Date),
  }
}
