import { defineStore, getActivePinia, type Pinia } from 'pinia'
import { computed, onScopeDispose } from 'vue'
import { sessionOfPinia } from '../../vue/app_session'
import { loadBeforeRendering, piniaRendersOnServer } from '../../vue/rendering'
import type { Carrier } from '../../vue/session_carrier'
import { EventStoreEngine } from './engine'
import type { EventStoreDefinition, EventTypes, UseEventStore } from './types'

/**
 * Defines a Pinia store whose state is the fold of a stream of events. Each `id` given to the function that this returns
 * has a stream and a store of its own (`{store}/{id}` in Pinia, `{store}-{id}` in the database). The store reads its stream
 * by itself and follows it, so stores of other tabs and clients converge. Commands show what they decide at once, and take
 * it back when it cannot be appended.
 *
 * ```ts
 * export const useCart = defineEventStore('cart', {
 *   events: { added: eventType<{ sku: string }>(), removed: eventType<{ sku: string }>() },
 *   initialState: () => [] as string[],
 *   evolve: (skus, { type, data }) => (type === 'added' ? [...skus, data.sku] : skus.filter((sku) => sku !== data.sku)),
 *   commands: { add: (skus, sku: string) => (skus.includes(sku) ? null : { type: 'added', data: { sku } }) },
 *   invert: { added: ({ data }) => ({ type: 'removed', data }) },
 * })
 *
 * const cart = useCart('user-1')
 * await cart.add('apple')
 * await cart.undo()
 * ```
 *
 * With a development server: `import.meta.hot.accept(acceptHMRUpdate(useCart, import.meta.hot))`, Pinia's own, folds the
 * events anew by the new definition.
 */
export function defineEventStore<const Id extends string, T extends EventTypes, S, G = {}, C = {}>(
  id: Id,
  definition: EventStoreDefinition<T, S, G, C>,
): UseEventStore<Id, T, S, G, C> {
  const instances = new Map<string, UseInstance>()
  const instanceOf = (name: string): UseInstance => {
    const known = instances.get(name) ?? defineInstance(id, name, definition)
    instances.set(name, known)
    return known
  }

  function useEventStore(given?: string | null | Pinia, second?: unknown): unknown {
    const pinia = (typeof given === 'object' ? given : second) as Pinia | null | undefined
    if (isStore(second)) return replaceAll(pinia as Pinia)
    const name = typeof given === 'string' ? given : ''
    const use = instanceOf(name)
    const store = inPinia(pinia, () => use(pinia))
    // Pinia tells by this that it is a development build, where hot replacement looks for a store of the plain name.
    if (use._pinia) {
      useEventStore._pinia = use._pinia
      if (name !== '') inPinia(store._p, () => instanceOf('')(store._p))
    }
    begin(store)
    return store
  }

  /** For hot replacement: every instance goes over to this definition. */
  function replaceAll(pinia: Pinia): void {
    const stores = (pinia as unknown as { readonly _s: Map<string, LoadableStore> })._s
    for (const [key, store] of [...stores]) {
      if (key !== id && !key.startsWith(`${id}/`)) continue
      inPinia(pinia, () => instanceOf(key.slice(id.length + 1))(pinia, store))
      engines.get(pinia)?.get(key)?.foldAnew()
      if (begun.has(store)) load(store)
    }
  }

  useEventStore.$id = id
  useEventStore._pinia = undefined as Pinia | undefined
  return useEventStore as unknown as UseEventStore<Id, T, S, G, C>
}

interface LoadableStore {
  readonly _p: Pinia
  load(): Promise<void> | undefined
}
interface UseInstance {
  (pinia?: Pinia | null, hot?: unknown): LoadableStore
  readonly _pinia?: Pinia
}

const isStore = (value: unknown): value is LoadableStore => typeof (value as { $id?: unknown } | undefined)?.$id === 'string'

/** The Pinia that a store is being set up for, when its user named one. */
let givenPinia: Pinia | undefined

function inPinia<R>(pinia: Pinia | null | undefined, run: () => R): R {
  const outer = givenPinia
  givenPinia = pinia ?? undefined
  try {
    return run()
  } finally {
    givenPinia = outer
  }
}

/** Stores that somebody has asked for. */
const begun = new WeakSet<object>()

/** The first who uses a store lets it load, through its action, which tests may have replaced. */
function begin(store: LoadableStore): void {
  if (piniaRendersOnServer(store._p as Carrier)) {
    loadBeforeRendering(async () => store.load())
  } else if (!begun.has(store)) {
    begun.add(store)
    load(store)
  }
}

/** Failures are in `error`. */
function load(store: LoadableStore): void {
  void Promise.resolve(store.load()).catch(() => undefined)
}

/** The engine of each store, by its id: hot replacement sets a store up anew. */
const engines = new WeakMap<object, Map<string, EventStoreEngine>>()

function defineInstance(id: string, name: string, definition: EventStoreDefinition<any, any, any, any>): UseInstance {
  const key = name === '' ? id : `${id}/${name}`
  const stream = definition.stream?.(name) ?? (name === '' ? id : `${id}-${name}`)

  function setup(): object {
    const pinia = givenPinia ?? getActivePinia()!
    const engine = new EventStoreEngine(
      definition,
      stream,
      () => sessionOfPinia(pinia as Carrier),
      () => piniaRendersOnServer(pinia as Carrier),
    )
    const all = engines.get(pinia) ?? new Map<string, EventStoreEngine>()
    all.get(key)?.stop()
    engines.set(pinia, all.set(key, engine))
    onScopeDispose(() => engine.stop())
    const { state } = engine.refs
    const getters = Object.entries(definition.getters ?? {}).map(([getter, compute]) => [
      getter, computed(() => (compute as (state: unknown) => unknown)(state.value)),
    ])
    const commands = Object.entries(definition.commands ?? {}).map(([command, decide]) => [
      command,
      (...given: unknown[]) => engine.commit((now) => (decide as (...all: unknown[]) => unknown)(now, ...given)),
    ])
    return {
      ...Object.fromEntries([...getters, ...commands]),
      ...engine.refs,
      canUndo: engine.history.canUndo,
      canRedo: engine.history.canRedo,
      load: () => engine.load(),
      commit: (events: unknown) => engine.commit(() => events),
      undo: () => engine.undo(),
      redo: () => engine.redo(),
      stateAt: (version: number) => engine.stateAt(version),
    }
  }
  return defineStore(key, setup) as unknown as UseInstance
}
