import { beforeAll, describe, expect, it } from 'vitest'
import type { AllStreamResolvedEvent, Position, ReadAllOptions } from '../../../web/src/client/index'
import { api, connect, isOfficial, itInProcess, streamName } from './clients'
import { collect, failureOf, happened, headOf, numbered, numbersOf } from './support'

const { BACKWARDS, END, eventTypeFilter, excludeSystemEvents, START, streamNameFilter } = api
const client = connect()
/** The official client takes what its native part cannot name for a lost connection. */
const REFUSED = isOfficial ? api.UnavailableError : api.UnknownError

/** Ten events in a row, and what lies around them. */
const stream = streamName('ten')
let positions: Position[]
beforeAll(async () => {
  await client.appendToStream(streamName('before'), numbered(2))
  await client.appendToStream(stream, numbered(10))
  await client.appendToStream(streamName('after'), numbered(2))
  positions = (await collect(client.readStream(stream))).map(({ event }) => event!.position!)
})

const ours = (events: AllStreamResolvedEvent[]) => numbersOf(events.filter(({ event }) => event!.streamId === stream) as never[])

describe('readAll: where it begins (streams 3.7)', () => {
  it('forwards from a position: with the event there', async () => {
    expect(ours(await collect(client.readAll({ fromPosition: positions[7]! })))).toEqual([7, 8, 9])
    const [first] = await collect(client.readAll({ fromPosition: positions[7]!, maxCount: 1 }))
    expect(first!.event!.position).toEqual(positions[7])
  })

  it('backwards from a position: without the event there', async () => {
    const [first] = await collect(client.readAll({ direction: BACKWARDS, fromPosition: positions[7]!, maxCount: 1 }))
    expect(first!.event!.position).toEqual(positions[6])
    expect(ours(await collect(client.readAll({ direction: BACKWARDS, fromPosition: positions[3]!, maxCount: 3 })))).toEqual([2, 1, 0])
  })

  it('from the start always forwards, from the end always backwards, as the official client reads', async () => {
    const positionsOf = async (options: ReadAllOptions) =>
      (await collect(client.readAll({ ...options, maxCount: 3 }))).map(({ event }) => event!.position)
    const up = await positionsOf({ fromPosition: START })
    const down = await positionsOf({ direction: BACKWARDS, fromPosition: END })
    expect(up[0]!.commit < up[1]!.commit && down[0]!.commit > down[1]!.commit).toBe(true)
    expect(await positionsOf({ direction: BACKWARDS, fromPosition: START })).toEqual(up)
    expect(await positionsOf({ direction: BACKWARDS })).toEqual(up)
    expect(await positionsOf({ fromPosition: END })).toEqual(down)
  })

  it('forwards from beyond the end: nothing; backwards: refused', async () => {
    const { commit } = await headOf(client)
    const beyond = { commit: commit + 100_000_000n, prepare: commit + 100_000_000n }
    expect(await collect(client.readAll({ fromPosition: beyond }))).toEqual([])
    const backwards = collect(client.readAll({ direction: BACKWARDS, fromPosition: beyond }))
    expect(await failureOf(backwards)).toBeInstanceOf(REFUSED)
  })

  it('from the start there is more than what programs wrote', async () => {
    const [first] = await collect(client.readAll({ maxCount: 1 }))
    expect(first!.event!.streamId).toMatch(/^\$/)
    expect(first!.event!.position.commit > 0n).toBe(true)
  })

  itInProcess('a fresh database tells of its users', async () => {
    const all = await collect(client.readAll({ maxCount: 10 }))
    const names = all.map(({ event }) => `${event!.streamId} ${event!.type}`)
    for (const user of ['admin', 'ops']) {
      expect(names).toContain(`$user-${user} $UserCreated`)
      expect(names).toContain(`$$$user-${user} $metadata`)
    }
    expect(names).toContain('$users $User')
  })

  it('both directions show the same, and each event has its position', async () => {
    const forwards = await collect(client.readAll({ fromPosition: positions[0]! }), 500)
    const back = client.readAll({ direction: BACKWARDS, fromPosition: END })
    const backwards: AllStreamResolvedEvent[] = []
    for await (const event of back) {
      backwards.unshift(event)
      if (event.event!.position.commit === positions[0]!.commit) break
    }
    expect(backwards).toEqual(forwards)
    for (const { event, commitPosition } of forwards) expect(commitPosition).toBe(event!.position.commit)
  })

  it('thousands of events, both ways', async () => {
    const many = streamName('many')
    await client.appendToStream(many, numbered(2500))
    const [first] = await collect(client.readStream(many, { maxCount: 1 }))
    const after = await collect(client.readAll({ fromPosition: first!.event!.position }), 2500)
    const expected = Array.from({ length: 2500 }, (_, i) => i)
    expect(numbersOf(after as never[])).toEqual(expected)
    const before = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, filter: streamNameFilter({ prefixes: [many] }) }))
    expect(numbersOf(before as never[])).toEqual(expected.reverse())
  })

  it('commit below prepare is refused', async () => {
    const { commit } = positions[3]!
    const read = collect(client.readAll({ fromPosition: { commit, prepare: commit + 1n } }))
    expect(await failureOf(read)).toBeInstanceOf(REFUSED)
  })
})

describe('readAll with a filter (streams 3.12, node 4.3)', () => {
  const unique = streamName('f').slice(2, 15)
  const names = [`${unique}-orders-1`, `${unique}-Orders-2`, `${unique}-carts-1`, `$${unique}-system`]
  const types = ['placed', 'Placed', 'placed.v2', 'größe', '$hidden', 'a1', 'a٣', 'x\ny', 'x\ry', 'x\u2028y', 'ends\n', '']
  let from: Position

  beforeAll(async () => {
    from = await headOf(client)
    for (const name of names) {
      for (const type of types.filter((each) => each !== '')) await client.appendToStream(name, happened(0, type))
    }
  })

  /** Streams and types of the events that a filter lets through, of those above. */
  async function passed(filter: Parameters<typeof client.readAll>[0] & object extends { filter?: infer F } ? F : never) {
    const events = await collect(client.readAll({ fromPosition: from, filter }))
    return events.filter(({ event }) => names.includes(event!.streamId)).map(({ event }) => event!)
  }
  const streamsOf = async (...args: Parameters<typeof passed>) => [...new Set((await passed(...args)).map((event) => event.streamId))]
  const typesOf = async (...args: Parameters<typeof passed>) => [...new Set((await passed(...args)).map((event) => event.type))]

  it('prefixes of stream names', async () => {
    expect(await streamsOf(streamNameFilter({ prefixes: [`${unique}-orders`] }))).toEqual([names[0]])
    expect(await streamsOf(streamNameFilter({ prefixes: [`${unique}-carts`, 'nothing', `$${unique}`] }))).toEqual([names[2], names[3]])
    expect(await streamsOf(streamNameFilter({ prefixes: [unique.slice(1)] }))).toEqual([])
  })

  it('no prefix lets nothing through', async () => {
    expect(await streamsOf(streamNameFilter({ prefixes: [] }))).toEqual([])
  })

  it('prefixes and expressions of event types', async () => {
    expect(await typesOf(eventTypeFilter({ prefixes: ['placed'] }))).toEqual(['placed', 'placed.v2'])
    expect(await typesOf(eventTypeFilter({ prefixes: ['größ'] }))).toEqual(['größe'])
    expect(await typesOf(eventTypeFilter({ regex: '^placed$' }))).toEqual(['placed'])
    expect(await typesOf(eventTypeFilter({ regex: 'aced' }))).toEqual(['placed', 'Placed', 'placed.v2'])
  })

  it('excludeSystemEvents', async () => {
    const visible = types.filter((type) => type !== '' && !type.startsWith('$'))
    expect(await typesOf(excludeSystemEvents())).toEqual(visible)
  })

  /** What .NET's regular expressions mean by these. */
  it.each<[string, string, string[]]>([
    ['\\d is any decimal digit', '^a\\d$', ['a1', 'a٣']],
    ['\\w has the letters of all scripts', '^\\w+\\z', ['placed', 'Placed', 'größe', 'a1', 'a٣']],
    ['\\W', '^placed\\Wv', ['placed.v2']],
    ['. is anything but a line feed', '^x.y', ['x\ry', 'x\u2028y']],
    ['a dot in a class is a dot', '^placed[.]v2$', ['placed.v2']],
    ['\\s', 'x\\sy', ['x\ny', 'x\ry', 'x\u2028y']],
    ['a character by number', '^\\u0070\\x6cac', ['placed', 'placed.v2']],
    ['$ also stands before a last line feed', '^ends$', ['ends\n']],
    ['\\z does not', '^ends\\z', []],
    ['\\Z does', '^ends\\Z', ['ends\n']],
    ['\\A', '\\Apl', ['placed', 'placed.v2']],
    ['a group that ignores case', '^(?i:PLACED)$', ['placed', 'Placed']],
    ['the whole that ignores case', '(?i)^PLACED$', ['placed', 'Placed']],
    ['(?s)', '(?s)^x.y', ['x\ny', 'x\ry', 'x\u2028y']],
    ['(?s:)', '^(?s:x.y)', ['x\ny', 'x\ry', 'x\u2028y']],
    ['a named group', '^(?<what>placed)$', ['placed']],
    ['a look-ahead', '^placed(?!\\.)', ['placed']],
    ['a look-behind', '(?<=placed)\\.v', ['placed.v2']],
    ['a class with a subtraction', '^[a-z-[b-z]]1$', ['a1']],
    ['a class of a Unicode category', '^\\p{Lu}laced$', ['Placed']],
    ['an escaped sign', '^\\$hidden', ['$hidden']],
    ['a lazy quantifier', '^p.+?d$', ['placed']],
    ['an alternative', '^(a1|größe)$', ['größe', 'a1']],
  ])('an expression: %s', async (_what, regex, expected) => {
    let found: string[]
    try {
      found = await typesOf(eventTypeFilter({ regex }))
    } catch (error) {
      // In process the host's own expressions do not know all of it: refused, never a wrong answer.
      expect(error).toBeInstanceOf(REFUSED)
      expect(['(?i)', '(?s', '(?i:', '-[b'].some((part) => regex.includes(part)), `${regex} should work`).toBe(true)
      return
    }
    expect(found).toEqual(expected)
  })

  it.each(['(', '[', '\\u{70}', '\\p{Letter}', '\\p{', '\\x7', '*', 'a{2,1}', '\\', '(?<', '(?<name', '[z-a]', 'a**', '\\k<none>', '(?P<x>a)'])('an invalid expression is refused: %s', async (regex) => {
    const error = await failureOf(collect(client.readAll({ filter: eventTypeFilter({ regex }) })))
    expect(error).toBeInstanceOf(REFUSED)
  })

  it('counts events that pass, both ways', async () => {
    const filter = eventTypeFilter({ regex: '^placed$' })
    const forwards = await collect(client.readAll({ fromPosition: from, filter: streamNameFilter({ prefixes: [unique] }), maxCount: 4 }))
    expect(forwards).toHaveLength(4)
    expect(await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, filter, maxCount: 2n }))).toHaveLength(2)
  })

  it('finds few events among thousands, both ways', async () => {
    const [rare, noise] = [streamName('rare'), streamName('noise')]
    const before = await headOf(client)
    for (let n = 0; n < 3; n++) {
      await client.appendToStream(noise, numbered(1700))
      await client.appendToStream(rare, happened(n))
    }
    await client.appendToStream(noise, numbered(1700))
    const filter = streamNameFilter({ prefixes: [rare] })
    expect(numbersOf((await collect(client.readAll({ fromPosition: before, filter }))) as never[])).toEqual([0, 1, 2])
    const last = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, filter, maxCount: 2 }))
    expect(numbersOf(last as never[])).toEqual([2, 1])
    expect(await collect(client.readAll({ fromPosition: before, filter, maxCount: 1 }))).toHaveLength(1)
  })

  it('a filter looks at the link, not at its target', async () => {
    const links = streamName('links')
    await client.appendToStream(links, api.binaryEvent({ type: '$>', data: Buffer.from(`0@${names[0]}`) }))
    const filter = streamNameFilter({ prefixes: [links] })
    const [resolved] = await collect(client.readAll({ fromPosition: from, filter, resolveLinkTos: true }))
    expect(resolved!.event!.streamId).toBe(names[0])
    expect(resolved!.link!.streamId).toBe(links)
  })
})
