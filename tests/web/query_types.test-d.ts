import { describe, expectTypeOf, it } from 'vitest'
import type {
  EventService, LiveStreamQuery, Stream, StreamCondition, StreamQuery, StreamRow, StreamService,
} from '../../web/src/services'

declare const streams: StreamService
declare const events: EventService

describe('queries', () => {
  it('answer documents, or rows of what was selected', async () => {
    expectTypeOf((await streams.query<{ a: number }>({ limit: 1 })).items).toEqualTypeOf<Stream<{ a: number }>[]>()
    const { items } = await streams.query({ select: ['name', 'createdAt', 'tags', 'data.x'] })
    expectTypeOf(items).toEqualTypeOf<StreamRow<'name' | 'createdAt' | 'tags' | 'data.x'>[]>()
    expectTypeOf(items[0]!.name).toEqualTypeOf<string | undefined>()
    expectTypeOf(items[0]!.createdAt).toEqualTypeOf<Date | undefined>()
    expectTypeOf(items[0]!.tags).toEqualTypeOf<string[] | undefined>()
    expectTypeOf(streams.live<{ a: number }>()).toEqualTypeOf<LiveStreamQuery<Stream<{ a: number }>>>()
    expectTypeOf(streams.live({ select: ['version'] }).items[0]!.version).toEqualTypeOf<number | undefined>()
  })

  it('take conditions on every path, and on no others', () => {
    const where: StreamCondition = {
      status: 'active',
      'data.total': { gte: 100, lt: 500 },
      createdAt: { gt: new Date() },
      tags: { contains: 'vip' },
      'tags.0': { prefix: 'v' },
      '/data/a.b': { exists: true },
      or: [{ name: { regex: /x/u } }, { not: { owner: { in: ['a', 'b'] } } }],
    }
    expectTypeOf(where).toExtend<StreamQuery['where']>()
    // @ts-expect-error total is no path; data.total is
    void streams.query({ where: { total: 1 } })
    // @ts-expect-error there is no such comparison
    void streams.query({ where: { name: { above: 1 } } })
    // @ts-expect-error a prefix is a text
    void streams.query({ where: { name: { prefix: 1 } } })
    // @ts-expect-error totals are no path
    void streams.query({ sort: '-total' })
    void streams.query({ sort: ['-updatedAt', { path: 'name', ignoreCase: true }] })
    // @ts-expect-error groups are not followed
    void streams.live({ groupBy: 'owner' })
    void events.query({ where: { type: 'paid', 'data.amount': { gte: 1 }, 'metadata.user': 'ann' } })
    // @ts-expect-error documents have names, events have not
    void events.query({ where: { name: 'x' } })
  })
})
