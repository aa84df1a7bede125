import { computed, readonly, ref } from 'vue'

/** The pages, in the order of the navigation. */
export const pages = [
  { id: 'overview', title: 'Overview', short: 'Home', icon: 'pulse' },
  { id: 'streams', title: 'Streams', short: 'Streams', icon: 'layers' },
  { id: 'events', title: 'Events', short: 'Events', icon: 'list' },
  { id: 'users', title: 'User data', short: 'Users', icon: 'user' },
  { id: 'network', title: 'Network', short: 'Network', icon: 'signal' },
  { id: 'transfer', title: 'Your data', short: 'Data', icon: 'transfer' },
  { id: 'api', title: 'Try the API', short: 'API', icon: 'code' },
] as const

export type PageId = (typeof pages)[number]['id']

export interface Route {
  readonly page: PageId
  /** What the page shows in detail, e.g. a document's id. */
  readonly item: string | undefined
}

/** `#/streams/order-1` → page `streams`, item `order-1`. Anything unknown is the overview. */
export function parseRoute(hash: string): Route {
  const [, first = '', ...rest] = hash.replace(/^#/, '').split('/')
  const page = pages.find(({ id }) => id === first)?.id ?? 'overview'
  const item = rest.join('/')
  return { page, item: item === '' ? undefined : decode(item) }
}

export function routeTo(page: PageId, item?: string): string {
  return item === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(item)}`
}

/** A hand-typed address may hold a broken escape; it is then taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const current = ref(parseRoute(location.hash))
addEventListener('hashchange', () => (current.value = parseRoute(location.hash)))

export function useRoute() {
  return {
    route: readonly(current),
    page: computed(() => pages.find(({ id }) => id === current.value.page) ?? pages[0]),
    go: (page: PageId, item?: string) => {
      location.hash = routeTo(page, item)
    },
  }
}
