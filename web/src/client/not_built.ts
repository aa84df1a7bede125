/** Operations that databases in process do not have yet: consumer groups and projections. They fail as on an old server. */

import { startTimer } from '../wasm/environment'
import type { PersistentSubscriptionOperations, ProjectionOperations } from './api'
import { UnsupportedError } from './errors'
import { HostReadable } from './host_readable'

type Operations = PersistentSubscriptionOperations & ProjectionOperations

/** The version that official clients name for what old servers lack. */
const MINIMUM_VERSION = '21.10'

const unsupported = (feature: string) => new UnsupportedError(feature, MINIMUM_VERSION)

const reject = (feature: string) => (): Promise<never> => Promise.reject(unsupported(feature))

/** A subscription that fails as soon as somebody can listen. */
function failing(feature: string) {
  return (): never => {
    const subscription = new HostReadable({ objectMode: true } as object)
    const members = {
      _read: () => undefined,
      unsubscribe: async () => void subscription.push(null),
      ack: reject(feature),
      nack: reject(feature),
    }
    startTimer(() => subscription.emit('error', unsupported(feature)), 0, true)
    return Object.assign(subscription, members) as never
  }
}

const REJECTING: readonly (keyof Operations)[] = [
  'createPersistentSubscriptionToStream', 'createPersistentSubscriptionToAll', 'updatePersistentSubscriptionToStream',
  'updatePersistentSubscriptionToAll', 'deletePersistentSubscriptionToStream', 'deletePersistentSubscriptionToAll',
  'getPersistentSubscriptionToStreamInfo', 'getPersistentSubscriptionToAllInfo', 'listAllPersistentSubscriptions',
  'listPersistentSubscriptionsToStream', 'listPersistentSubscriptionsToAll', 'replayParkedMessagesToStream',
  'replayParkedMessagesToAll', 'restartPersistentSubscriptionSubsystem', 'createProjection', 'updateProjection',
  'deleteProjection', 'enableProjection', 'disableProjection', 'abortProjection', 'resetProjection', 'getProjectionState',
  'getProjectionResult', 'getProjectionStatus', 'listProjections', 'restartSubsystem',
]
const FAILING: readonly (keyof Operations)[] = [
  'subscribeToPersistentSubscriptionToStream', 'subscribeToPersistentSubscriptionToAll',
]

/** By name, for the prototype of the client. */
export const notBuilt = Object.fromEntries([
  ...REJECTING.map((name) => [name, reject(name)] as const),
  ...FAILING.map((name) => [name, failing(name)] as const),
]) as unknown as Operations
