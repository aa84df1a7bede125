/**
 * A client to be killed: `fork` it, send `{ uri, port, calls }`; says 'ready' once everything is under way, and goes on for ever.
 * `calls` are raw calls, `{ path, messages, ends, reads }`: what they send, whether they say that it was all, and whether they
 * read more than the first answer; one that neither ends nor reads waits for no answer.
 */

import { once } from 'node:events'
import * as grpc from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'

const [{ uri, port, calls }] = await once(process, 'message')
const begun = []

const raw = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { 'grpc.max_send_message_length': -1 })
const pass = (bytes) => Buffer.from(bytes)
for (const { path, messages, ends, reads } of calls) {
  const call = raw.makeBidiStreamRequest(path, pass, pass)
  call.on('error', () => undefined)
  if (ends) begun.push(once(call, 'metadata'))
  if (reads) call.resume()
  else call.pause()
  for (const each of messages) call.write(each)
  if (ends) call.end()
  else begun.push(new Promise((resolve) => call.write(messages.at(-1), resolve)))
}

const client = KurrentDBClient.connectionString(uri)
const forever = async (act) => {
  for (;;) await act()
}
const appended = new Promise((resolve) => {
  const append = () => client.appendToStream('appended', jsonEvent({ type: 'happened', data: { text: 'x' } }))
  for (let n = 0; n < 16; n++) void forever(() => append().then(resolve))
})
const read = new Promise((resolve) => {
  void forever(async () => {
    for await (const _ of client.readStream('long')) resolve()
  })
})
for (let n = 0; n < 3; n++) {
  const subscription = client.subscribeToAll({ fromPosition: n === 0 ? 'start' : 'end' }).on('error', () => undefined)
  begun.push(once(subscription, 'confirmation'))
  if (n < 2) subscription.on('data', () => undefined)
}
await Promise.all([appended, read, ...begun])
process.send('ready')
