import type { FileDocument, FileUserData } from './transfer'

/** What the demo holds when it is opened for the first time: a small company's streams, each with a little history. */
interface SampleDocument extends FileDocument {
  readonly id: string
  readonly history?: readonly { readonly data?: unknown; readonly tags?: string[] }[]
}

export const sampleDocuments: readonly SampleDocument[] = [
  {
    id: 'stream-id',
    kind: 'customer',
    name: 'User Profile',
    description: 'The document that the API example reads, changes and deletes.',
    data: { userId: '123', profile: { name: 'John' } },
    tags: ['profile', 'example'],
    owner: 'john',
  },
  {
    id: 'order-1042',
    kind: 'order',
    name: 'Order 1042',
    description: 'Two lamps and a reading chair.',
    data: { customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }, { sku: 'CHAIR-7', count: 1 }], total: 418.5, state: 'placed' },
    tags: ['order'],
    owner: 'maya',
    history: [
      { data: { customer: 'Amara Okafor', items: [{ sku: 'LAMP-2', count: 2 }, { sku: 'CHAIR-7', count: 1 }], total: 418.5, state: 'paid' } },
      {
        data: {
          customer: 'Amara Okafor',
          items: [{ sku: 'LAMP-2', count: 2 }, { sku: 'CHAIR-7', count: 1 }],
          total: 418.5,
          state: 'shipped',
          parcel: { carrier: 'Nordpost', number: 'NP 4471 0093' },
        },
        tags: ['order', 'shipped'],
      },
    ],
  },
  {
    id: 'order-1043',
    kind: 'order',
    name: 'Order 1043',
    description: 'Waiting for payment.',
    data: { customer: 'Jonas Lindqvist', items: [{ sku: 'DESK-1', count: 1 }], total: 690, state: 'placed' },
    tags: ['order'],
    owner: 'maya',
  },
  {
    id: 'order-1044',
    kind: 'order',
    name: 'Order 1044',
    description: 'Returned: the shelf arrived scratched.',
    data: { customer: 'Chen Wei', items: [{ sku: 'SHELF-3', count: 1 }], total: 129.9, state: 'delivered' },
    tags: ['order'],
    owner: 'maya',
    history: [
      { data: { customer: 'Chen Wei', items: [{ sku: 'SHELF-3', count: 1 }], total: 129.9, state: 'returned' }, tags: ['order', 'support'] },
    ],
  },
  {
    id: 'feature-flags',
    kind: 'settings',
    name: 'Feature flags',
    description: 'Read by the shop at every start.',
    data: { newCheckout: false, darkMode: true, giftCards: { enabled: false, countries: [] } },
    tags: ['settings', 'shop'],
    owner: 'tomas',
    history: [
      { data: { newCheckout: true, darkMode: true, giftCards: { enabled: false, countries: [] } } },
      { data: { newCheckout: true, darkMode: true, giftCards: { enabled: true, countries: ['SE', 'DE'] } } },
    ],
  },
  {
    id: 'release-2026-11',
    name: 'Release notes, November',
    data: { version: '4.7.0', highlights: ['Checkout in one step', 'Gift cards in Sweden and Germany'], published: false },
    tags: ['release', 'shop'],
    owner: 'tomas',
  },
  {
    id: 'incident-17',
    kind: 'report',
    name: 'Incident 17: slow checkout',
    description: 'Payment provider answered after 9 s on average.',
    data: { severity: 2, opened: '2026-11-18T07:42:00Z', timeline: ['07:42 alarm', '07:55 provider informed'], resolved: false },
    tags: ['incident', 'shop', 'support'],
    owner: 'ines',
    history: [
      {
        data: {
          severity: 2,
          opened: '2026-11-18T07:42:00Z',
          timeline: ['07:42 alarm', '07:55 provider informed', '08:31 switched to the second provider', '09:10 back to normal'],
          resolved: true,
        },
      },
    ],
  },
  {
    id: 'onboarding',
    name: 'Onboarding checklist',
    data: { steps: [{ title: 'Accounts', done: true }, { title: 'Laptop', done: true }, { title: 'First deployment', done: false }] },
    tags: ['team'],
    owner: 'ines',
    history: [
      { data: { steps: [{ title: 'Accounts', done: true }, { title: 'Laptop', done: true }, { title: 'First deployment', done: true }] } },
    ],
  },
  {
    id: 'weather-rooftop',
    name: 'Rooftop weather station',
    description: 'One reading an hour.',
    data: { place: { lat: 59.3293, lon: 18.0686 }, readings: [{ at: '06:00', celsius: 3.4 }, { at: '07:00', celsius: 3.9 }] },
    tags: ['sensor'],
    owner: 'station-4',
    history: [
      { data: { place: { lat: 59.3293, lon: 18.0686 }, readings: [{ at: '07:00', celsius: 3.9 }, { at: '08:00', celsius: 5.1 }] } },
      { data: { place: { lat: 59.3293, lon: 18.0686 }, readings: [{ at: '08:00', celsius: 5.1 }, { at: '09:00', celsius: 6.8 }] } },
    ],
  },
  {
    id: 'budget-2027',
    kind: 'report',
    name: 'Budget 2027, draft',
    data: { currency: 'EUR', lines: { people: 1_240_000, cloud: 86_000, travel: 31_500 }, approved: null },
    tags: ['finance', 'team'],
    owner: 'maya',
  },
  {
    id: 'survey-summer',
    kind: 'report',
    name: 'Customer survey, summer',
    description: 'Closed in September; kept for comparison.',
    data: { answers: 1873, satisfaction: 4.4, wishes: ['Faster delivery', 'More colours'] },
    tags: ['survey'],
    owner: 'ines',
    status: 'archived',
  },
  {
    id: 'price-list-2025',
    kind: 'settings',
    name: 'Price list 2025',
    data: { 'LAMP-2': 79, 'CHAIR-7': 260.5, 'DESK-1': 690, 'SHELF-3': 129.9 },
    tags: ['finance', 'shop'],
    owner: 'tomas',
    status: 'archived',
  },
]

export const sampleUsers: readonly FileUserData[] = [
  { userId: 'john', type: 'data', data: { profile: { name: 'John' }, preferences: { theme: 'light', language: 'en' } } },
  { userId: 'maya', type: 'data', data: { profile: { name: 'Maya Lindholm', role: 'Sales' }, preferences: { theme: 'dark' } } },
  { userId: 'maya', type: 'dashboard', category: 'sales', data: { widgets: ['orders', 'revenue'], columns: 2 } },
  { userId: 'tomas', type: 'data', data: { profile: { name: 'Tomas Reyes', role: 'Engineering' }, preferences: { theme: 'system' } } },
  { userId: 'tomas', type: 'badge', data: { title: 'Keeper of the flags', since: 2023 }, isPublic: true },
  { userId: 'ines', type: 'data', data: { profile: { name: 'Ines Duarte', role: 'Operations' }, onCall: true } },
]
