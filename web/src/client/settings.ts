/** Settings of persistent subscriptions, complete with what the official client fills in. */

import { END, ROUND_ROBIN, UNBOUNDED } from './constants'
import type { PersistentSubscriptionToAllSettings, PersistentSubscriptionToStreamSettings } from './types/persistent'

/** The defaults with `changes` in their place; also where a change is `undefined`. */
export const persistentSubscriptionToStreamSettingsFromDefaults = (
  changes: Partial<PersistentSubscriptionToStreamSettings> = {},
): PersistentSubscriptionToStreamSettings => ({ ...defaults(), ...changes })

/** The defaults with `changes` in their place; also where a change is `undefined`. */
export const persistentSubscriptionToAllSettingsFromDefaults = (
  changes: Partial<PersistentSubscriptionToAllSettings> = {},
): PersistentSubscriptionToAllSettings => ({ ...defaults(), ...changes })

function defaults() {
  return {
    startFrom: END,
    resolveLinkTos: false,
    extraStatistics: false,
    messageTimeout: 30_000,
    maxRetryCount: 10,
    checkPointAfter: 2_000,
    checkPointLowerBound: 10,
    checkPointUpperBound: 1_000,
    maxSubscriberCount: UNBOUNDED,
    liveBufferSize: 500,
    readBatchSize: 20,
    historyBufferSize: 500,
    consumerStrategyName: ROUND_ROBIN,
  } as const
}
