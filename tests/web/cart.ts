import { defineEventStore, eventType } from '../../web/src/pinia'

export interface Cart {
  readonly items: Readonly<Record<string, number>>
  readonly note: string
}

export const cartDefinition = {
  events: {
    'item-added': eventType<{ sku: string; quantity: number }>(),
    'item-removed': eventType<{ sku: string; quantity: number }>(),
    'note-written': eventType<{ note: string }>(),
    'checked-out': eventType<{ total: number }>(),
  },
  initialState: (): Cart => ({ items: {}, note: '' }),
}

/** A cart that is all that event stores can be. */
export const useCart = defineEventStore('cart', {
  ...cartDefinition,
  evolve: (cart, event) => {
    switch (event.type) {
      case 'item-added':
        return withItem(cart, event.data.sku, event.data.quantity)
      case 'item-removed':
        return withItem(cart, event.data.sku, -event.data.quantity)
      case 'note-written':
        return { ...cart, note: event.data.note }
      case 'checked-out':
        return { items: {}, note: '' }
    }
  },
  getters: {
    total: (cart) => Object.values(cart.items).reduce((sum, quantity) => sum + quantity, 0),
    skus: (cart) => Object.keys(cart.items),
  },
  commands: {
    add: (_cart, sku: string, quantity = 1) => ({ type: 'item-added', data: { sku, quantity } }),
    addAll: (_cart, ...skus: string[]) => skus.map((sku) => ({ type: 'item-added' as const, data: { sku, quantity: 1 } })),
    remove: (cart, sku: string) => {
      const quantity = cart.items[sku]
      if (quantity === undefined) throw new Error(`There is no ${sku} in the cart.`)
      return { type: 'item-removed', data: { sku, quantity } }
    },
    write: (cart, note: string) => (cart.note === note ? null : { type: 'note-written', data: { note } }),
    checkOut: (cart) => ({ type: 'checked-out', data: { total: Object.keys(cart.items).length } }),
  },
  invert: {
    'item-added': ({ data }) => ({ type: 'item-removed', data }),
    'item-removed': ({ data }) => ({ type: 'item-added', data }),
    'note-written': (_event, before) => ({ type: 'note-written', data: { note: before.note } }),
  },
})

export function withItem(cart: Cart, sku: string, change: number): Cart {
  const { [sku]: quantity = 0, ...others } = cart.items
  return { ...cart, items: quantity + change > 0 ? { ...others, [sku]: quantity + change } : others }
}
