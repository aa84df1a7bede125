/**
 * One server for the test file that is about to run: the contract of clients, by the official client. `KURRENTLITE_URI` of
 * whoever starts the run names a server of their own instead.
 */

import { afterAll, expect } from 'vitest'
import { RunningServer } from './server'

if (process.env.KURRENTLITE_URI === undefined) {
  const server = await RunningServer.start()
  process.env.KURRENTLITE_URI = server.uri.replace('kurrentdb://', 'kurrentdb://admin:changeit@')
  afterAll(async () => {
    delete process.env.KURRENTLITE_URI
    const { code, signal, tookMs, stderr } = await server.stop()
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(tookMs).toBeLessThan(1000)
  })
}
