import { beforeAll, describe, expect, it } from 'vitest'
import type { AllStreamSubscription, Filter, Position } from '../../../web/src/client/index'
import { api, connect, itInProcess, streamName } from './clients'
import { collect, happened, headOf, numbered, numbersOf, thrownBy, turns, watch, type Watched } from './support'

const { END, eventTypeFilter, excludeSystemEvents, START, streamNameFilter } = api
const client = connect()
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Numbers of the events that a subscription to everything got of one stream. */
const numbersOfStream = ({ events }: Watched<AllStreamSubscription>, stream: string) =>
  numbersOf(events.filter(({ event }) => event!.streamId === stream))

describe('subscribeToAll: where it begins (streams 3.12)', () => {
  const stream = streamName()
  let positions: Position[]
  beforeAll(async () => {
    await client.appendToStream(stream, numbered(5))
    positions = (await collect(client.readStream(stream))).map(({ event }) => event!.position!)
  })

  it('from the start: with the events of the system', async () => {
    const watched = watch(client.subscribeToAll({ fromPosition: START }))
    await watched.received(1)
    expect(watched.events[0]!.event!.streamId).toMatch(/^\$/)
    expect(watched.log[0]).toBe('confirmation')
  })

  it('by default from the start', async () => {
    const [first] = await watch(client.subscribeToAll()).received(1)
    const [start] = await collect(client.readAll({ maxCount: 1 }))
    expect(first!.event).toMatchObject({ id: start!.event!.id, position: start!.event!.position })
  })

  it('after a position: without the event there', async () => {
    const watched = watch(client.subscribeToAll({ fromPosition: positions[2]! }))
    await watched.received(2)
    expect(numbersOfStream(watched, stream).slice(0, 2)).toEqual([3, 4])
  })

  it('from the end: only what comes', async () => {
    const watched = watch(client.subscribeToAll({ fromPosition: END }))
    await watched.emitted('caughtUp')
    const other = streamName()
    await client.appendToStream(other, numbered(3))
    await watched.until(() => numbersOfStream(watched, other).length === 3)
    expect(numbersOfStream(watched, stream)).toEqual([])
  })

  it('caughtUp tells the time and the position', async () => {
    const from = await headOf(client)
    const watched = watch(client.subscribeToAll({ fromPosition: from }))
    await watched.emitted('caughtUp')
    const [info] = watched.caughtUps
    expect(Object.keys(info!)).toEqual(['date', 'position'])
    expect(info!.position!.commit >= from.commit).toBe(true)
    expect(Math.abs(info!.date!.getTime() - Date.now())).toBeLessThan(5000)
    expect(info).not.toHaveProperty('revision')
  })

  it('sees every event once in order, over several streams, deletions and tombstones', async () => {
    const watched = watch(client.subscribeToAll({ fromPosition: await headOf(client) }))
    const names = range(0, 5).map(() => streamName('mixed'))
    for (let n = 0; n < 50; n++) await client.appendToStream(names[n % 5]!, happened(n))
    await client.deleteStream(names[0]!)
    await client.tombstoneStream(names[1]!)
    await watched.until(() => watched.log.includes('$streamDeleted'))
    const seen = watched.events.filter(({ event }) => names.includes(event!.streamId.replace('$$', '')))
    expect(seen.map(({ event }) => event!.type)).toEqual([...Array(50).fill('happened'), '$metadata', '$streamDeleted'])
    expect(numbersOf(seen.slice(0, 50))).toEqual(range(0, 50))
    const positions = seen.map(({ event }) => event!.position!.commit)
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)))
    expect(watched.log).not.toContain('error')
  })

  it('a position that no event can have is an error', async () => {
    const { commit } = positions[2]!
    const watched = watch(client.subscribeToAll({ fromPosition: { commit, prepare: commit + 1n } }))
    await watched.emitted('error')
    expect(watched.error).toBeInstanceOf(api.UnknownError)
    expect(watched.log.filter((each) => each !== 'confirmation')).toEqual(['error'])
  })
})

describe('subscribeToAll with a filter (streams 3.12, node 4.3)', () => {
  it('by prefixes and expressions, then live', async () => {
    const unique = streamName('filtered')
    const [orders, carts] = [`${unique}-orders`, `${unique}-carts`]
    const from = await headOf(client)
    const typed = (n: number) => [happened(n, 'placed'), happened(n, 'paid')]
    for (const name of [orders, carts]) await client.appendToStream(name, typed(0))
    const all = {
      prefix: watch(client.subscribeToAll({ fromPosition: from, filter: streamNameFilter({ prefixes: [orders] }) })),
      name: watch(client.subscribeToAll({ fromPosition: from, filter: streamNameFilter({ regex: `${unique}.*carts$` }) })),
      type: watch(client.subscribeToAll({ fromPosition: from, filter: eventTypeFilter({ prefixes: ['pa'] }) })),
      none: watch(client.subscribeToAll({ fromPosition: from, filter: streamNameFilter({ prefixes: [] }) })),
      user: watch(client.subscribeToAll({ fromPosition: from, filter: excludeSystemEvents() })),
    }
    await Promise.all(Object.values(all).map((each) => each.emitted('caughtUp')))
    await client.setStreamMetadata(orders, { maxCount: 100 })
    for (const name of [orders, carts]) await client.appendToStream(name, typed(1))
    await all.user.received(8)
    await Promise.all([all.prefix.received(4), all.name.received(4), all.type.received(4)])
    const seen = ({ events }: (typeof all)['none']) => events.map(({ event }) => `${event!.streamId.slice(unique.length)} ${event!.type}`)
    expect(seen(all.prefix)).toEqual(['-orders placed', '-orders paid', '-orders placed', '-orders paid'])
    expect(seen(all.name)).toEqual(['-carts placed', '-carts paid', '-carts placed', '-carts paid'])
    expect(seen(all.type)).toEqual(['-orders paid', '-carts paid', '-orders paid', '-carts paid'])
    expect(all.none.events).toEqual([])
    expect(seen(all.user).filter((each) => each.includes('$'))).toEqual([])
  })

  it.each([
    ['maxSearchWindow', 0, 'MaxSearchWindow must be greater than 0.'],
    ['maxSearchWindow', -1, 'MaxSearchWindow must be greater than 0.'],
    ['checkpointInterval', 0, 'CheckpointInterval must be greater than 0.'],
    ['checkpointInterval', -3, 'CheckpointInterval must be greater than 0.'],
  ])('%s %d is refused at once (node 3)', (key, value, message) => {
    const filter = streamNameFilter({ prefixes: ['x'], [key]: value } as never)
    expect(thrownBy(() => client.subscribeToAll({ filter })).message).toBe(message)
  })

  it('an invalid expression is an error', async () => {
    const watched = watch(client.subscribeToAll({ filter: streamNameFilter({ regex: '(' }) }))
    await watched.emitted('error')
    expect(watched.error).toBeInstanceOf(api.UnknownError)
    expect(watched.log.filter((each) => each !== 'confirmation')).toEqual(['error'])
  })
})

describe('checkpoints (streams 3.12)', () => {
  const I = 10
  interface Checkpoint {
    position: Position
    /** Events delivered before it. */
    after: number
  }

  /** A subscription to one stream by filter, with the checkpoints it met. */
  function checkpointed(stream: string, from: Position | typeof END, options: Partial<Filter> = {}) {
    const checkpoints: Checkpoint[] = []
    let owner: unknown
    const subscription = client.subscribeToAll({
      fromPosition: from,
      filter: {
        ...streamNameFilter({ prefixes: [stream], maxSearchWindow: I }),
        checkpointReached: (self: unknown, position: Position) => {
          owner = self
          checkpoints.push({ position, after: watched.events.length })
          watched.log.push('checkpoint')
        },
        ...options,
      } as Filter,
    })
    const watched = watch(subscription)
    return { watched, checkpoints, ownerOf: () => owner }
  }

  it('come at least every interval while catching up, and before caughtUp', async () => {
    const [stream, noise] = [streamName('wanted'), streamName('noise')]
    const from = await headOf(client)
    await client.appendToStream(noise, numbered(95))
    await client.appendToStream(stream, numbered(5))
    const { watched, checkpoints, ownerOf } = checkpointed(stream, from)
    await watched.emitted('caughtUp')
    expect(checkpoints.length).toBeGreaterThanOrEqual(10)
    expect(watched.log.at(-2)).toBe('checkpoint')
    expect(ownerOf()).toBe(watched.subscription)
    const positions = checkpoints.map(({ position }) => position.commit)
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)))
    // No two are further apart than an interval of events.
    const all = (await collect(client.readAll({ fromPosition: from }))).map(({ event }) => event!.position.commit)
    let last = 0
    for (const position of positions) {
      const at = all.findIndex((each) => each >= position)
      expect(at - last).toBeLessThanOrEqual(I + 1)
      last = at
    }
  })

  it('come after exactly an interval of events when live, whether or not they match', async () => {
    const [stream, noise] = [streamName('wanted'), streamName('noise')]
    const { watched, checkpoints } = checkpointed(stream, END)
    await watched.emitted('caughtUp')
    expect(checkpoints).toEqual([])
    const before = await headOf(client)
    for (let n = 0; n < 35; n++) await client.appendToStream(n % 7 === 0 ? stream : noise, happened(n))
    await watched.until(() => checkpoints.length === 3)
    const all = (await collect(client.readAll({ fromPosition: before }))).map(({ event }) => event!.position)
    expect(all).toHaveLength(36)
    expect(checkpoints.map(({ position }) => position)).toEqual([all[10], all[20], all[30]])
    expect(checkpoints.map(({ after }) => after)).toEqual([2, 3, 5])
  })

  it('are as many as checkpointInterval says', async () => {
    const [stream, noise] = [streamName('wanted'), streamName('noise')]
    const { watched, checkpoints } = checkpointed(stream, END, { checkpointInterval: 3 })
    await watched.emitted('caughtUp')
    const before = await headOf(client)
    await client.appendToStream(noise, numbered(65))
    // Nothing is emitted when they come.
    while (checkpoints.length < 2) await turns(1)
    const all = (await collect(client.readAll({ fromPosition: before }))).map(({ event }) => event!.position)
    expect(checkpoints.map(({ position }) => position)).toEqual([all[30], all[60]])
  })

  it('the default window is 32 events', async () => {
    const noise = streamName('noise')
    const positions: Position[] = []
    const filter = streamNameFilter({ prefixes: ['none'], checkpointReached: (_self, position) => void positions.push(position) })
    const watched = watch(client.subscribeToAll({ fromPosition: END, filter }))
    await watched.emitted('caughtUp')
    const before = await headOf(client)
    await client.appendToStream(noise, numbered(40))
    await new Promise<void>((resolve) => {
      const look = () => (positions.length > 0 ? resolve() : setImmediate(look))
      look()
    })
    const all = (await collect(client.readAll({ fromPosition: before }))).map(({ event }) => event!.position)
    expect(positions).toEqual([all[32]])
  })

  it('each is a place to go on from: nothing is missed, nothing comes twice', async () => {
    const [stream, noise] = [streamName('wanted'), streamName('noise')]
    const from = await headOf(client)
    for (let n = 0; n < 60; n++) await client.appendToStream(n % 3 ? noise : stream, happened(n))
    const { watched, checkpoints } = checkpointed(stream, from)
    await watched.emitted('caughtUp')
    for (let n = 60; n < 120; n++) await client.appendToStream(n % 3 ? noise : stream, happened(n))
    const expected = range(0, 120).filter((n) => n % 3 === 0)
    await watched.received(expected.length)
    expect(watched.numbers).toEqual(expected)
    expect(checkpoints.length).toBeGreaterThan(8)
    for (const { position, after } of checkpoints) {
      const resumed = checkpointed(stream, position).watched
      await resumed.received(expected.length - after)
      await resumed.emitted('caughtUp')
      expect(resumed.numbers).toEqual(expected.slice(after))
      resumed.subscription.destroy()
    }
  })

  it('are awaited before the next event', async () => {
    const stream = streamName('wanted')
    const from = await headOf(client)
    await client.appendToStream(stream, numbered(50))
    let release: (() => void) | undefined
    let reached = 0
    const { watched } = checkpointed(stream, from, {
      checkpointReached: () => {
        reached++
        return new Promise<void>((resolve) => (release = resolve))
      },
    })
    await watched.received(1)
    for (let checkpoint = 1; watched.events.length < 50; checkpoint++) {
      while (reached < checkpoint) await turns(1)
      await turns()
      expect(reached).toBe(checkpoint)
      const held = watched.events.length
      await turns()
      expect(watched.events).toHaveLength(held)
      release!()
      await turns()
    }
    expect(reached).toBeGreaterThanOrEqual(5)
    expect(watched.numbers).toEqual(range(0, 50))
  })

  itInProcess('one that fails is an error of the subscription', async () => {
    const words = new Error('words')
    for (const checkpointReached of [
      () => Promise.reject(words),
      () => {
        throw words
      },
      () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(words) }) as Promise<void>,
    ]) {
      const stream = streamName('wanted')
      const from = await headOf(client)
      await client.appendToStream(stream, numbered(30))
      const { watched } = checkpointed(stream, from, { checkpointReached })
      await watched.emitted('error')
      expect(watched.error).toBe(words)
      const seen = watched.events.length
      await turns()
      expect(watched.events).toHaveLength(seen)
    }
  })

  it('unsubscribing within one ends it', async () => {
    const stream = streamName('wanted')
    const from = await headOf(client)
    await client.appendToStream(stream, numbered(30))
    const { watched } = checkpointed(stream, from, {
      checkpointReached: (self) => (self as AllStreamSubscription).unsubscribe(),
    })
    await watched.emitted('close')
    expect(watched.log).not.toContain('error')
  })
})
