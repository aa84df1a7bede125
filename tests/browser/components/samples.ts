import type { Session } from 'kurrentlite/services'

/** Documents as a small shop has them, each with a little history. */
export async function writeSamples({ streams, users }: Session): Promise<void> {
  await streams.create({ id: 'order-1042', name: 'Order 1042', description: 'Two lamps and a reading chair.', owner: 'maya', tags: ['order'], data: { customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }], total: 418.5, state: 'placed' } })
  await streams.update('order-1042', { data: { customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }, { sku: 'CHAIR-7', count: 1 }], total: 679, state: 'paid' } })
  await streams.update('order-1042', { tags: ['order', 'shipped'], data: { customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }, { sku: 'CHAIR-7', count: 1 }], total: 679, state: 'shipped', parcel: { carrier: 'Nordpost', number: 'NP 4471 0093' } } })
  await streams.create({ id: 'order-1043', name: 'Order 1043', description: 'Waiting for payment.', owner: 'maya', tags: ['order'], data: { customer: 'Jonas Lindqvist', total: 690, state: 'placed' } })
  await streams.create({ id: 'price-list-2025', name: 'Price list 2025', owner: 'tomas', tags: ['finance', 'shop'], data: { 'LAMP-2': 79, 'CHAIR-7': 260.5 } })
  await streams.archive('price-list-2025')
  await streams.create({ id: 'incident-17', name: 'Incident 17: slow checkout', description: 'Payment provider answered after 9 s on average, for two hours, on three continents.', owner: 'ines', tags: ['incident', 'shop', 'support'], data: { severity: 2, resolved: true } })
  for (let number = 1; number <= 9; number++) {
    const owner = number % 2 === 0 ? 'noor' : 'ines'
    await streams.create({ id: `note-${number}`, name: `Note ${number}`, owner, tags: ['note'], data: { text: `Nothing of note, ${number}`, number } })
  }
  await users.store('maya', { profile: { name: 'Maya Lindholm', role: 'Sales' }, preferences: { theme: 'dark' } })
  await users.store('maya', 'dashboard', 'sales', { widgets: ['orders', 'revenue'], columns: 2 })
  await users.store('tomas', 'badge', null, { title: 'Keeper of the flags', since: 2023 }, true)
}
