/** Operations that databases in process do not have yet: consumer groups and projections. They fail as on an old server. */

import { startTimer } from '../wasm/environment'
import type { PersistentSubscriptionOperations, ProjectionOperations } from './api'
import { UnsupportedError } from './errors'
import { deadlineExceeded } from './failures'
import { HostReadable } from './host_readable'
import type { BaseOptions } from './types/core'

type Operations = PersistentSubscriptionOperations & ProjectionOperations

/** The version that official clients name for what old servers lack. */
const MINIMUM_VERSION = '21.10'
/** What a server's list of features costs to get: a shorter deadline passes first. */
const ROUND_TRIP_MS = 1

const unsupported = (feature: string) => new UnsupportedError(feature, MINIMUM_VERSION)

function rejecting(feature: string, defaultDeadline: (client: unknown) => number) {
  return function (this: unknown, ...parameters: unknown[]): Promise<never> {
    const { deadline = defaultDeadline(this) } = (parameters.at(-1) ?? {}) as BaseOptions
    const error = deadline <= ROUND_TRIP_MS ? deadlineExceeded() : unsupported(feature)
    return new Promise((_resolve, reject) => startTimer(() => reject(error), ROUND_TRIP_MS, true))
  }
}

/** A subscription that fails as soon as somebody can listen. */
function failing(feature: string) {
  return (): never => {
    const subscription = new HostReadable({ objectMode: true } as object)
    const refuse = () => Promise.reject(unsupported(feature))
    const members = {
      _read: () => undefined,
      unsubscribe: async () => void subscription.push(null),
      ack: refuse,
      nack: refuse,
    }
    startTimer(() => subscription.emit('error', unsupported(feature)), ROUND_TRIP_MS, true)
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

/** By name, for the prototype of the client. `defaultDeadline` in milliseconds. */
export function notBuiltOperations(defaultDeadline: (client: unknown) => number): Operations {
  return Object.fromEntries([
    ...REJECTING.map((name) => [name, rejecting(name, defaultDeadline)] as const),
    ...FAILING.map((name) => [name, failing(name)] as const),
  ]) as unknown as Operations
}
