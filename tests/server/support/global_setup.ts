/** One server for the whole run: the contract of clients is tested against it, by the official client. */

import { RunningServer } from './server'

export default async function setup(): Promise<() => Promise<void>> {
  const server = await RunningServer.start()
  // Worker processes inherit it.
  process.env.KURRENTLITE_URI = server.uri.replace('kurrentdb://', 'kurrentdb://admin:changeit@')
  return async () => {
    const { code, signal, tookMs, stderr } = await server.stop()
    if (code !== 0 || tookMs > 1000) {
      throw new Error(
        `SIGTERM ended the server with ${String(signal ?? code)} after ${Math.round(tookMs)} ms, not with 0 within a second. ${stderr}`,
      )
    }
  }
}
