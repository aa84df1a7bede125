/** The workloads in Node: through the official client, and a bare echo through the gRPC library of Node. */
import { once } from 'node:events'
import { credentials, Client } from '@grpc/grpc-js'
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client'
import { orderPlaced } from '../package/workloads.mjs'

/** Nanoseconds that `work` takes. */
async function timed(work) {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start)
}

/** Calls `work` with the numbers below `count`, so many at a time. */
async function inFlight(width, count, work) {
  let next = 0
  const one = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, one))
}

const event = (i) => jsonEvent(orderPlaced(i))
function check(count, wanted) {
  if (count !== wanted) throw new Error(`${count} events came instead of ${wanted}`)
}

export class OfficialClient {
  constructor(address) {
    this.client = KurrentDBClient.connectionString(`kurrentdb://${address}?tls=false`)
  }

  async append(count, width) {
    const events = Array.from({ length: count }, (_, i) => event(i))
    await this.client.appendToStream('warm-up', event(0))
    return timed(() => inFlight(width, count, (i) => this.client.appendToStream(`order-${i % 1000}`, events[i])))
  }

  async fill(stream, count) {
    for (let i = 0; i < count; i += 100) {
      await this.client.appendToStream(stream, Array.from({ length: Math.min(100, count - i) }, (_, k) => event(i + k)))
    }
  }

  read(stream, count) {
    return timed(async () => {
      let seen = 0
      for await (const { event } of this.client.readStream(stream)) if (event.revision === BigInt(seen)) seen += 1
      check(seen, count)
    })
  }

  /** Resolves when the stream's `count` events have come. */
  async follow(subscription, count) {
    let seen = 0
    await new Promise((resolve, reject) => {
      subscription.on('error', reject).on('data', ({ event }) => {
        if (event.revision === BigInt(seen)) seen += 1
        if (seen === count) resolve()
      })
    })
    await subscription.unsubscribe()
  }

  catchUp(stream, count) {
    return timed(() => this.follow(this.client.subscribeToStream(stream), count))
  }

  async live(stream, count) {
    const subscription = this.client.subscribeToStream(stream)
    const followed = this.follow(subscription, count)
    await once(subscription, 'caughtUp')
    return timed(() => Promise.all([followed, this.fill(stream, count)]))
  }

  close() {
    return this.client.dispose()
  }
}

function varint(value) {
  const bytes = []
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80)
  return Buffer.from([...bytes, value])
}

/** A Payload of echo.proto. */
const payload = (contentBytes, answerBytes, answers) =>
  Buffer.concat([
    Buffer.from([0x0a]), varint(contentBytes), Buffer.alloc(contentBytes, 'x'),
    Buffer.from([0x10]), varint(answerBytes),
    Buffer.from([0x18]), varint(answers),
  ])
const pass = (bytes) => bytes

/** Encodes and decodes nothing. */
export class BareEcho {
  constructor(address) {
    this.client = new Client(address, credentials.createInsecure())
  }

  async once(count, width, requestBytes, answerBytes) {
    const request = payload(requestBytes, answerBytes, 0)
    const call = () =>
      new Promise((resolve, reject) => {
        const done = (error, answer) => (error || answer.length < answerBytes ? reject(error ?? new Error('short')) : resolve())
        this.client.makeUnaryRequest('/kurrentlite.benchmark.Echo/Once', pass, pass, request, done)
      })
    await call()
    return timed(() => inFlight(width, count, call))
  }

  stream(count, answerBytes) {
    return timed(async () => {
      let seen = 0
      const request = payload(0, answerBytes, count)
      const call = this.client.makeServerStreamRequest('/kurrentlite.benchmark.Echo/Stream', pass, pass, request)
      for await (const answer of call) if (answer.length >= answerBytes) seen += 1
      check(seen, count)
    })
  }

  close() {
    this.client.close()
  }
}
