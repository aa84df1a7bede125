import { describe, expect, it } from 'vitest'
import { api, connect, isOfficial, streamName } from './clients'
import { failureOf } from './support'

const client = connect()
const settings = api.persistentSubscriptionToStreamSettingsFromDefaults()
const settingsToAll = api.persistentSubscriptionToAllSettingsFromDefaults()
const name = streamName()

const calls: Record<string, () => Promise<unknown>> = {
  createPersistentSubscriptionToStream: () => client.createPersistentSubscriptionToStream(name, 'group', settings),
  createPersistentSubscriptionToAll: () => client.createPersistentSubscriptionToAll('group', settingsToAll),
  updatePersistentSubscriptionToStream: () => client.updatePersistentSubscriptionToStream(name, 'group', settings),
  updatePersistentSubscriptionToAll: () => client.updatePersistentSubscriptionToAll('group', settingsToAll),
  deletePersistentSubscriptionToStream: () => client.deletePersistentSubscriptionToStream(name, 'group'),
  deletePersistentSubscriptionToAll: () => client.deletePersistentSubscriptionToAll('group'),
  getPersistentSubscriptionToStreamInfo: () => client.getPersistentSubscriptionToStreamInfo(name, 'group'),
  getPersistentSubscriptionToAllInfo: () => client.getPersistentSubscriptionToAllInfo('group'),
  listAllPersistentSubscriptions: () => client.listAllPersistentSubscriptions(),
  listPersistentSubscriptionsToStream: () => client.listPersistentSubscriptionsToStream(name),
  listPersistentSubscriptionsToAll: () => client.listPersistentSubscriptionsToAll(),
  replayParkedMessagesToStream: () => client.replayParkedMessagesToStream(name, 'group'),
  replayParkedMessagesToAll: () => client.replayParkedMessagesToAll('group'),
  restartPersistentSubscriptionSubsystem: () => client.restartPersistentSubscriptionSubsystem(),
  createProjection: () => client.createProjection(name, 'fromAll()'),
  updateProjection: () => client.updateProjection(name, 'fromAll()'),
  deleteProjection: () => client.deleteProjection(name),
  enableProjection: () => client.enableProjection(name),
  disableProjection: () => client.disableProjection(name),
  abortProjection: () => client.abortProjection(name),
  resetProjection: () => client.resetProjection(name),
  getProjectionState: () => client.getProjectionState(name),
  getProjectionResult: () => client.getProjectionResult(name),
  getProjectionStatus: () => client.getProjectionStatus(name),
  listProjections: () => client.listProjections(),
  restartSubsystem: () => client.restartSubsystem(),
}

// A server has all of this.
describe.skipIf(isOfficial)('what databases in process do not have yet (node 3)', () => {
  it.each(Object.entries(calls))('%s rejects with UnsupportedError', async (feature, call) => {
    const error = await failureOf(call())
    expect(error).toBeInstanceOf(api.UnsupportedError)
    expect(error).toMatchObject({ type: 'unsupported', feature })
    expect(error.message).toBe(`${feature} requires server version ${String(error.minimumVersion)} or higher.`)
  })

  it.each(Object.entries({
    subscribeToPersistentSubscriptionToStream: () => client.subscribeToPersistentSubscriptionToStream(name, 'group'),
    subscribeToPersistentSubscriptionToAll: () => client.subscribeToPersistentSubscriptionToAll('group'),
  }))('%s emits it', async (feature, subscribe) => {
    const subscription = subscribe()
    const error = await new Promise<Error>((resolve) => subscription.once('error', resolve))
    expect(error).toBeInstanceOf(api.UnsupportedError)
    expect(error).toMatchObject({ type: 'unsupported', feature })
    expect(await failureOf(subscription.ack())).toBeInstanceOf(api.UnsupportedError)
    expect(await failureOf(subscription.nack('park', 'because'))).toBeInstanceOf(api.UnsupportedError)
    await subscription.unsubscribe()
  })

  it('no operation is missing', () => {
    const known = new Set<string>()
    for (let at: object = client; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
      for (const each of Object.getOwnPropertyNames(at)) known.add(each)
    }
    expect(Object.keys(calls).filter((each) => !known.has(each))).toEqual([])
    const built = [...known].filter((each) => /Projection|PersistentSubscription|Subsystem/.test(each) && !(each in calls))
    expect(built).toEqual(['subscribeToPersistentSubscriptionToStream', 'subscribeToPersistentSubscriptionToAll'])
  })
})
