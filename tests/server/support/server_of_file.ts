/**
 * One server for the test file that is about to run: the contract of clients, by the official client. `KURRENTLITE_URI` of
 * whoever starts the run names a server of their own instead; `KURRENTLITE_TLS=1` takes one with users and access lists.
 */

import { afterAll, expect } from 'vitest'
import { Authority, serving } from './certificates'
import { RunningServer } from './server'

if (process.env.KURRENTLITE_URI === undefined) {
  const authority = process.env.KURRENTLITE_TLS === '1' ? new Authority() : undefined
  const server = await RunningServer.start(authority ? serving(authority.sign('node')) : ['--insecure'])
  const uri = new URL(server.uri)
  uri.username = 'admin'
  uri.password = 'changeit'
  if (authority) uri.searchParams.set('tlsCAFile', authority.certificate)
  process.env.KURRENTLITE_URI = uri.href
  afterAll(async () => {
    delete process.env.KURRENTLITE_URI
    const { code, signal, tookMs, stderr } = await server.stop()
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(tookMs).toBeLessThan(1000)
  })
}
