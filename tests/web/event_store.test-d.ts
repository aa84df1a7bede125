import { acceptHMRUpdate, createPinia, storeToRefs } from 'pinia'
import { describe, expectTypeOf, it } from 'vitest'
import type { Ref } from 'vue'
import { defineEventStore, type EventStoreConflictError, eventType } from '../../web/src/pinia'
import { type Cart, useCart } from './cart'

describe('defineEventStore', () => {
  it('infers everything from the definition', () => {
    const check = async () => {
      const cart = useCart('ann', createPinia())
      expectTypeOf(cart.state).toEqualTypeOf<Cart>()
      expectTypeOf(cart.version).toBeNumber()
      expectTypeOf(cart.error).toEqualTypeOf<Error | null>()
      expectTypeOf(cart.canUndo).toBeBoolean()
      expectTypeOf(cart.total).toBeNumber()
      expectTypeOf(cart.skus).toEqualTypeOf<string[]>()
      expectTypeOf(cart.add).toBeCallableWith('apple')
      expectTypeOf(cart.add).toBeCallableWith('apple', 2)
      expectTypeOf(cart.checkOut).parameters.toEqualTypeOf<[]>()
      expectTypeOf(await cart.add('apple')).toBeVoid()
      expectTypeOf(await cart.stateAt(3)).toEqualTypeOf<Cart>()
      expectTypeOf(await cart.undo()).toBeBoolean()
      expectTypeOf(cart.$id).toBeString()
      expectTypeOf(storeToRefs(cart).state).toExtend<Ref<Cart>>()
      // @ts-expect-error a text
      void cart.add(3)
      // @ts-expect-error no such command
      void cart.burn()
      void cart.commit([{ type: 'note-written', data: { note: '' } }, { type: 'checked-out', data: { total: 1 } }])
      // @ts-expect-error no such event
      void cart.commit({ type: 'note-burnt', data: { note: '' } })
      // @ts-expect-error not this event's data
      void cart.commit({ type: 'note-written', data: { total: 1 } })
      acceptHMRUpdate(useCart, {})
    }
    expectTypeOf(check).toBeFunction()
  })

  it('checks the definition', () => {
    const events = { grown: eventType<{ by: number }>(), reset: eventType<null>() }
    defineEventStore('counter', {
      events,
      initialState: () => 0,
      evolve(count, event) {
        expectTypeOf(count).toBeNumber()
        if (event.type === 'reset') return 0
        expectTypeOf(event.data.by).toBeNumber()
        return count + event.data.by
      },
      invert: {
        grown: ({ data }, before) => {
          expectTypeOf(before).toBeNumber()
          return { type: 'grown', data: { by: -data.by } }
        },
      },
      onConflict: ({ theirs }) => {
        expectTypeOf(theirs[0]!.type).toEqualTypeOf<'grown' | 'reset'>()
        return theirs.length > 3 ? 'throw' : 'retry'
      },
    })
    defineEventStore('counter', {
      events,
      initialState: () => 0,
      // @ts-expect-error another state
      evolve: () => 'text',
    })
    defineEventStore('counter', {
      events,
      initialState: () => 0,
      evolve: (count) => count,
      // @ts-expect-error no such event
      commands: {
        shrink: () => ({ type: 'shrunk', data: { by: 1 } }),
      },
    })
    expectTypeOf<EventStoreConflictError['theirs'][number]['type']>().toBeString()
  })
})
