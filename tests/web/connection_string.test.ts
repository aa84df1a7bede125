// Connection strings: the table that C++ reads, too, and the official client as a judge of random texts.
import { KurrentDBClient } from '@kurrent/kurrentdb-client'
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ParseError, parseConnectionString } from '../../web/src/client/connection_string'
import { readConnectionString } from '../../web/src/client/connection_string_settings'
import table from '../contract/connection_strings.json'

const official = createRequire(import.meta.url)(
  '@kurrent/kurrentdb-client/dist/Client/parseConnectionString',
) as typeof import('../../web/src/client/connection_string')

interface Case {
  text: string
  warnings?: string[]
  deviation?: string
}
interface Accepted extends Case {
  settings: { hosts: [address: string, port: number][]; credentials?: [username: string, password: string] }
}
interface Refused extends Case {
  message: string
  location?: [from: number, to: number]
}
const accepted = table.accepted as unknown as Accepted[]
const refused = table.refused as unknown as Refused[]
const cases: Case[] = [...accepted, ...refused]

/** What a call returned or threw, and what it said meanwhile. */
function outcomeOf<T>(call: () => T) {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const warnings = () => warn.mock.calls.map((parts) => parts.join(' '))
  try {
    return { value: call(), warnings: warnings() }
  } catch (thrown) {
    const { message, location, expected, connectionString } = thrown as ParseError
    return { error: { message, location, expected, connectionString }, thrown, warnings: warnings() }
  } finally {
    warn.mockRestore()
  }
}

/** The parts that two readers of a connection string must share. */
function comparable(outcome: ReturnType<typeof outcomeOf>) {
  return { value: outcome.value, error: outcome.error, warnings: outcome.warnings }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('connection strings of the table', () => {
  it('are many, and each is there once', () => {
    expect(cases.length).toBeGreaterThan(150)
    expect(new Set(cases.map(({ text }) => text)).size).toBe(cases.length)
  })

  it.each(accepted)('$text is accepted', ({ text, settings: { hosts, credentials, ...settings }, warnings = [] }) => {
    const { value, error, warnings: said } = outcomeOf(() => readConnectionString(text))
    expect(error).toBeUndefined()
    expect(value).toStrictEqual({
      ...table.defaults,
      ...settings,
      hosts: hosts.map(([address, port]) => ({ address, port })),
      ...(credentials && { credentials: { username: credentials[0], password: credentials[1] } }),
    })
    expect(said).toEqual(warnings)
  })

  it.each(refused)('$text is refused', ({ text, message, location, warnings = [] }) => {
    const { error, thrown, warnings: said } = outcomeOf(() => readConnectionString(text))
    expect(error).toMatchObject({ message, location })
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown instanceof ParseError).toBe(location !== undefined)
    expect(said).toEqual(warnings)
  })

  it.each(cases)('$text has the outcome of the official parser', ({ text }) => {
    const expected = comparable(outcomeOf(() => official.parseConnectionString(text)))
    expect(comparable(outcomeOf(() => parseConnectionString(text)))).toStrictEqual(expected)
  })

  it.each(cases)('$text has the outcome of the official client, or says why not', ({ text, deviation }) => {
    const client = outcomeOf(() => KurrentDBClient.connectionString(text))
    const ours = outcomeOf(() => readConnectionString(text))
    const isSame = client.error?.message === ours.error?.message
    expect(isSame, `${client.error?.message} / ${ours.error?.message}`).toBe(deviation === undefined)
    if (isSame) expect(ours.warnings).toEqual(client.warnings)
  })
})

describe('a refusal', () => {
  it('is an Error with the place and what would fit there', () => {
    const { thrown } = outcomeOf(() => parseConnectionString(' kdb://a:x/ '))
    expect(thrown).toBeInstanceOf(ParseError)
    expect(thrown).toMatchObject({ connectionString: 'kdb://a:x', location: [8, 9], expected: 'port number' })
    expect((thrown as Error).name).toBe('Error')
    expect(Object.keys(thrown as Error).sort()).toEqual(['connectionString', 'expected', 'location'])
  })

  it('may show half of a character', () => {
    expect(() => parseConnectionString('😀')).toThrow(`Unexpected "\ud83d" at position 0, expected kurrentdb://`)
  })

  it('comes soon for a long text', () => {
    const texts = ['/', ':', 'a:', '@', 'kdb://h?a=', ','].map((part) => `kdb://h${part.repeat(200_000)};`)
    const begin = performance.now()
    for (const text of texts) expect(outcomeOf(() => readConnectionString(text)).error).toBeDefined()
    expect(performance.now() - begin).toBeLessThan(5_000)
  })
})

describe('files of certificates', () => {
  const read = (options: string) => outcomeOf(() => readConnectionString(`kdb://h?${options}`))

  it('are looked for below the working directory, or by their whole path', () => {
    expect(read('tlsCAFile=package.json').value).toMatchObject({ tlsCAFile: 'package.json' })
    const path = `${process.cwd()}/package.json`
    expect(read(`tlsCAFile=${path}`).value).toMatchObject({ tlsCAFile: path })
    expect(read('userCertFile=package.json&userKeyFile=README.md').value).toMatchObject({
      userCertFile: 'package.json',
      userKeyFile: 'README.md',
    })
  })

  it.each([
    ['tlsCAFile=/some/path.ca', 'Failed to load certificate file. File was not found.'],
    ['userCertFile=no.crt&userKeyFile=README.md', 'Failed to load certificate file. File was not found.'],
    ['userCertFile=README.md&userKeyFile=no.key', 'Failed to load certificate key file. File was not found.'],
    ['tlsCAFile=no.ca&userCertFile=README.md', 'Failed to load certificate file. File was not found.'],
    ['tlsCAFile=README.md&userKeyFile=no.key', 'userCertFile must be given with accompanying userKeyFile'],
    ['tls=false&userCertFile=no.crt&userKeyFile=no.key', 'Failed to load certificate file. File was not found.'],
    ['tlsCAFile=no.ca&gossipTimeout=1.5', 'Failed to load certificate file. File was not found.'],
  ])('that are missing are an error: %s', (options, message) => {
    expect(read(options).error?.message).toBe(message)
    expect(outcomeOf(() => KurrentDBClient.connectionString(`kdb://h?${options}`)).error?.message).toBe(message)
  })

  it('have no effect in a browser, which is said once', () => {
    vi.stubGlobal('process', undefined)
    const { value, warnings } = read('tlsCAFile=no.ca&userCertFile=no.crt&userKeyFile=no.key')
    expect(value).toMatchObject({ tlsCAFile: 'no.ca', userCertFile: 'no.crt', userKeyFile: 'no.key' })
    expect(warnings).toEqual(['There is no file system here: tlsCAFile, userCertFile and userKeyFile have no effect.'])
    expect(read('tls=false').warnings).toEqual([])
  })
})

/** A seeded maker of connection strings, most of them wrong somewhere. */
class Generator {
  constructor(private state: number) {}

  /** A number from 0 to `count` - 1 (mulberry32). */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  connectionString(edits: number): string {
    let text = this.pick(SCHEMES)
    if (this.below(3) === 0) text += `${this.pick(NAMES)}:${this.pick(NAMES)}@`
    text += this.some(2, () => this.pick(HOSTS) + this.pick(PORTS)).join(',') + this.pick(['', '', '', '/', '//', ' '])
    const options = this.below(3) === 0 ? [] : this.some(4, () => this.option())
    if (options.length > 0) text += `?${options.join('&')}`
    for (let edit = this.below(edits + 1); edit > 0; edit -= 1) text = this.edited(text)
    return text
  }

  private option(): string {
    return `${this.pick(KEYS)}=${this.pick(VALUES)}`
  }

  private some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make)
  }

  private edited(text: string): string {
    const at = this.below(text.length + 1)
    switch (this.below(4)) {
      case 0:
        return text.slice(0, at) + this.pick(TOKENS) + text.slice(at)
      case 1:
        return text.slice(0, at) + text.slice(at + 1 + this.below(3))
      case 2:
        return text.slice(0, at) + text.slice(this.below(text.length + 1)) // doubles or drops a part
      default:
        return text.slice(0, at) + this.pick(TOKENS) + text.slice(at + 1)
    }
  }
}

const SCHEMES = ['kurrentdb://', 'kdb://', 'kurrent+discover://', 'esdb://', 'kdb+discover://', ' kdb://', 'kdb:/']
const NAMES = ['admin', 'u ', 'p%40', '%zz', 'ü', ' ', 'a:b', 'x@y', '%F0%9F%98%80', '+', 'a/b', '$!']
const HOSTS = ['localhost', 'h', '10.0.0.1', 'ünï', '😀', ' h ', '[::1]', '::1', 'a_b', 'a^b', '', 'u@h', 'H.x']
const PORTS = ['', '', ':2113', ':1', ':70000', ':65535', ':x', ':21x', ':', ': 5', ':0x1', ':-1', ':1:2']
const KEYS = [
  ...['tls', 'TLS', 'tlsVerifyCert', 'tls_verify-cert', 'throwOnAppendFailure', 'connectionName', 'nodePreference'],
  ...['maxDiscoverAttempts', 'max_discover_attempts', 'discoveryInterval', 'gossipTimeout', 'gossip_timeout', 'x', ''],
  ...['keepAliveInterval', 'keep_alive_interval', 'keepAliveTimeout', 'keep-alive-timeout', 'defaultDeadline', 'ü'],
  ...['default_deadline', 'dnsDiscover', 'dnsdiscover', ' tls ', '%74ls', 'constructor', '__proto__'],
]
const VALUES = [
  ...['true', 'true', 'false', 'TRUE', ' true ', '1', '0', '-1', '-2', '5', '12000', '1.5', '3abc', '0x10', '1e3', ''],
  ...['99999999999999999999', '-99999999999999999999', '9223372036854775808', '18446744073709551615', '+4', '%2B4', '-'],
  ...['leader', 'FOLLOWER', 'ReadOnlyReplica', 'random', 'any', 'a%20b', '%', '%C3', 'é', 'a,b', 'x#y', 'a=b', 'a@b'],
]
const TOKENS = ['/', ':', '@', '?', '&', '=', ',', ' ', '%', '#', '+', '-', '_', ';', '[', '\t', '\n', '\0', '\u00a0', 'é']

describe('random connection strings', () => {
  const REPLAY = 20_261_123

  it('have the outcome of the official parser', () => {
    const generator = new Generator(REPLAY)
    let parsed = 0
    const rounds = 30_000
    for (let round = 0; round < rounds; round += 1) {
      const text = generator.connectionString(3)
      const expected = comparable(outcomeOf(() => official.parseConnectionString(text)))
      const actual = comparable(outcomeOf(() => parseConnectionString(text)))
      expect(actual, JSON.stringify(text)).toStrictEqual(expected)
      if (expected.error === undefined) parsed += 1
    }
    expect(parsed).toBeGreaterThan(rounds / 20)
    expect(parsed).toBeLessThan(rounds / 2)
  })

  it('have the outcome of the official client', () => {
    const generator = new Generator(REPLAY + 1)
    let refusedLater = 0
    // Making an official client takes 25 ms: those that both accept are few.
    for (let accepted = 0; accepted < 60; ) {
      const text = generator.connectionString(1)
      const parsed = outcomeOf(() => parseConnectionString(text))
      if (parsed.error !== undefined || hasTwoReadings(text)) continue
      const expected = outcomeOf(() => KurrentDBClient.connectionString(text))
      const actual = outcomeOf(() => readConnectionString(text))
      expect(actual.error?.message, JSON.stringify(text)).toBe(expected.error?.message)
      expect(actual.warnings, JSON.stringify(text)).toEqual(expected.warnings)
      if (expected.error === undefined) accepted += 1
      else refusedLater += 1
    }
    expect(refusedLater).toBeGreaterThan(100)
  })
})

/** The official parsers disagree on where the hosts of such a text are, or on a character that is half there. */
function hasTwoReadings(text: string): boolean {
  return /[?/@].*@/s.test(text.slice(text.indexOf('://') + 3)) || /\p{Surrogate}/u.test(text)
}
