/** Documents, user data and health by the official client: the mock is exchanged for a server by one option. */

import { KurrentDBClient } from '@kurrent/kurrentdb-client'
import { afterEach } from 'vitest'
import { describeServicesOverClient } from '../web/support_client_services'
import { RunningServer } from './support/server'

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

describeServicesOverClient(async () => {
  const server = await RunningServer.start()
  const client = KurrentDBClient.connectionString(`${server.uri}&discoveryInterval=1`)
  endings.push(async () => {
    await client.dispose()
    await server.stop()
  })
  return client
})
