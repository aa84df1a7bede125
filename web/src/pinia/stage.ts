import { getActivePinia, type Pinia } from 'pinia'
import { type App, hasInjectionContext, onScopeDispose, shallowRef } from 'vue'
import { noConnection } from '../services/convert'
import { toKurrentLiteError } from '../services/errors'
import type { Session } from '../services/session'
import { noSync } from '../services/sync'
import { sessionOfPinia } from '../vue/app_session'
import { piniaRendersOnServer } from '../vue/rendering'
import { type Change, type FollowedState, Follower } from './follower'

/** What the store shows before its first action. */
export function initialState(): FollowedState {
  return {
    connection: shallowRef(noConnection('dev')),
    health: shallowRef(null),
    healthHistory: shallowRef([]),
    metrics: shallowRef(null),
    sync: shallowRef(noSync),
    streams: shallowRef([]),
    userStreams: shallowRef([]),
    isLoading: shallowRef(false),
    error: shallowRef(null),
    filter: {},
    streamCount: shallowRef(0),
  }
}

/** Where a pinia keeps the follower of its store, so that a store set up anew (hot replacement) takes over. */
const followerKey = Symbol.for('kurrentlite/follower')
type Carrier = Pinia & { [followerKey]?: Follower; readonly _a?: App | null }

/** Runs actions: finds the session, counts what is under way, keeps the last error, brings the lists up to date. */
export class Stage {
  private readonly pinia: Carrier | undefined
  private follower: Follower | undefined
  private running = 0

  constructor(readonly state: FollowedState) {
    this.pinia = quietActivePinia()
    if (this.pinia) this.takeOver(this.pinia)
    onScopeDispose(() => this.follower?.stop())
  }

  /** An action of the store. `changed` tells what the lists have to show before it resolves. */
  action<A extends unknown[], R>(
    run: (follower: Follower, ...args: A) => Promise<R>,
    changed: (result: any, args: readonly unknown[]) => Change = () => 'nothing',
  ): (...args: A) => Promise<R> {
    const perform = (pinia: Carrier | undefined, args: A) =>
      this.perform(
        pinia,
        (follower) => run(follower, ...args),
        (result) => changed(result, args),
      )
    // Pinia calls actions with the store as `this`, and a store knows its pinia.
    return function (this: unknown, ...args: A) {
      return perform((this as { readonly _p?: Carrier } | undefined)?._p, args)
    }
  }

  /** The session of the store, without an action: for what neither waits nor fails. */
  session(pinia?: unknown): Session | undefined {
    const carrier = (pinia as Carrier | undefined) ?? this.pinia
    return carrier ? this.follow(carrier).session : this.follower?.session
  }

  /** Back to `initialState`, disconnected. */
  reset(): void {
    const { state } = this
    const { filter, streamCount, health, metrics, streams, userStreams, error } = initialState()
    state.health.value = health.value
    state.healthHistory.value = []
    state.metrics.value = metrics.value
    state.streams.value = streams.value
    state.userStreams.value = userStreams.value
    state.error.value = error.value
    state.streamCount.value = streamCount.value
    state.filter = filter
    this.follower?.startOver()
  }

  private async perform<R>(
    pinia: Carrier | undefined,
    run: (follower: Follower) => Promise<R>,
    changed: (result: R) => Change,
  ): Promise<R> {
    const { state } = this
    state.isLoading.value = ++this.running > 0
    try {
      const follower = this.follow(pinia)
      const result = await run(follower)
      await follower.show(changed(result))
      return result
    } catch (thrown) {
      throw (state.error.value = toKurrentLiteError(thrown))
    } finally {
      state.isLoading.value = --this.running > 0
    }
  }

  /** The follower of the session that the pinia works on now; the plugin may have been added since the last action. */
  private follow(pinia = this.pinia): Follower {
    if (!pinia) throw new Error('This action was taken out of its store: call it as a method of the store.')
    const session = sessionOfPinia(pinia)
    if (this.follower?.session === session) return this.follower
    this.follower?.stop()
    return this.keep(pinia, session)
  }

  private keep(pinia: Carrier, session: Session): Follower {
    const mayStartTimers = !piniaRendersOnServer(pinia)
    this.follower = new Follower(session, this.state, mayStartTimers)
    Object.defineProperty(pinia, followerKey, { value: this.follower, configurable: true })
    return this.follower
  }

  /** Continues where the store that is being replaced stands. */
  private takeOver(pinia: Carrier): void {
    const session = sessionOfPinia(pinia)
    const { state } = this
    state.connection.value = session.connection
    const previous = pinia[followerKey]
    if (!previous || previous.isStopped) return
    state.health.value = previous.state.health.value
    state.healthHistory.value = previous.state.healthHistory.value
    state.sync.value = previous.state.sync.value
    state.metrics.value = previous.state.metrics.value
    state.streams.value = previous.state.streams.value
    state.userStreams.value = previous.state.userStreams.value
    state.error.value = previous.state.error.value
    state.streamCount.value = previous.state.streamCount.value
    state.filter = previous.state.filter
    previous.stop()
    this.keep(pinia, session)
  }
}

/** Pinia complains on servers when it is asked outside of an app; there the first action tells. */
function quietActivePinia(): Carrier | undefined {
  return hasInjectionContext() || typeof window !== 'undefined' ? (getActivePinia() as Carrier | undefined) : undefined
}
