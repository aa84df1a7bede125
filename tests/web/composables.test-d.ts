import { describe, expectTypeOf, it } from 'vitest'
import { computed, reactive, ref } from 'vue'
import type { KurrentDBClient } from '../../web/src/client'
import type { EventClient, KurrentLiteError, Stream, StreamConflictError } from '../../web/src/services'
import {
  createKurrentLite, type FollowStatus, useEventQuery, useKurrentDB, useStream, useStreamQuery, useSubscription,
} from '../../web/src/vue'

interface Profile {
  theme: string
}
type Placed = { type: 'placed'; data: { total: number } }

describe('composables', () => {
  it('know the type of data', () => {
    const check = async (id: string, client: KurrentDBClient) => {
      const { data, error, conflict, update } = useStream<Profile>(() => id)
      expectTypeOf(data.value).toEqualTypeOf<Stream<Profile> | null>()
      expectTypeOf(error.value).toEqualTypeOf<KurrentLiteError | null>()
      expectTypeOf(conflict.value).toEqualTypeOf<StreamConflictError | null>()
      expectTypeOf(await update({ data: { theme: 'dark' } })).toEqualTypeOf<Stream<Profile>>()
      // @ts-expect-error not what the document holds
      void update({ data: { colour: 'dark' } })
      // @ts-expect-error read only
      data.value = null
      const search = ref('')
      const found = useStreamQuery<Profile>(computed(() => ({ search: search.value, limit: 10 })))
      expectTypeOf(found.data.value).toEqualTypeOf<readonly Stream<Profile>[]>()
      expectTypeOf(reactive({ found }).found.total).toBeNumber()
      const rows = useStreamQuery(() => ({ select: ['name', 'data.n', 'updatedAt'], sort: 'name' }))
      expectTypeOf(rows.data.value[0]!.name).toEqualTypeOf<string | undefined>()
      expectTypeOf(rows.data.value[0]!.updatedAt).toEqualTypeOf<Date | undefined>()
      // @ts-expect-error not selected
      void rows.data.value[0]!.owner
      // @ts-expect-error pages are counted by next()
      useStreamQuery({ offset: 3 })
      const { lastEvent, status } = useSubscription<Placed>(search, ({ event }) => event?.data.total, { from: 3n })
      expectTypeOf(lastEvent.value!.event!.data.total).toBeNumber()
      expectTypeOf(status.value).toEqualTypeOf<FollowStatus>()
      useSubscription('$all', () => undefined, { from: { commit: 1n, prepare: 1n } })
      const events = useEventQuery<Placed>('order-1', { direction: 'backwards', where: ({ event }) => event?.type === 'placed' })
      expectTypeOf(events.data.value[0]!.event!.data).toEqualTypeOf<{ total: number }>()
      expectTypeOf(useKurrentDB().client).toEqualTypeOf<EventClient>()
      createKurrentLite({ client })
    }
    expectTypeOf(check).toBeFunction()
  })
})
