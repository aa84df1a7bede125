/**
 * Connection strings, read as the parser inside `@kurrent/kurrentdb-client` reads them:
 *
 *     scheme "://" [ user ":" password "@" ] host [ ":" port ] { "," host [ ":" port ] }
 *         [ "?" key "=" value { "&" key "=" value } ]
 *
 * The same words in the same places are refused with the same messages, because programs and suites show and compare them.
 * What the official client makes of the result, its defaults and its further checks are in `connection_string_settings.ts`.
 */

import { FOLLOWER, LEADER, RANDOM, READ_ONLY_REPLICA } from './constants'

/** The kind of node a cluster's client would rather talk to. */
export type NodePreference = typeof RANDOM | typeof FOLLOWER | typeof LEADER | typeof READ_ONLY_REPLICA

/** One node, or the name under which a cluster is found. */
export interface EndPoint {
  address: string
  port: number
}

/** The options after the `?`; those that were not given are absent. */
export interface QueryOptions {
  userCertFile?: string
  userKeyFile?: string
  maxDiscoverAttempts?: number
  connectionName?: string
  defaultDeadline?: number
  discoveryInterval?: number
  gossipTimeout?: number
  nodePreference?: NodePreference
  tls?: boolean
  tlsVerifyCert?: boolean
  tlsCAFile?: string
  throwOnAppendFailure?: boolean
  keepAliveInterval?: number
  keepAliveTimeout?: number
}

/** A connection string, taken apart; nothing is filled in but a host's port. */
export interface ConnectionOptions extends QueryOptions {
  dnsDiscover: boolean
  defaultCredentials?: { username: string; password: string }
  hosts: EndPoint[]
}

/** A half-open range of the connection string, in UTF-16 code units. */
export type TextRange = [from: number, to: number]

/** Something in a connection string stands where it cannot. */
export class ParseError extends Error {
  /** The text that was read, without white space around it and slashes at its end. */
  readonly connectionString: string
  /** What cannot stand there. */
  readonly location: TextRange
  /** What could. */
  readonly expected: string

  constructor(connectionString: string, location: TextRange, expected: string) {
    const [from, to] = location
    const found = connectionString.substring(from, from === to ? from + 1 : to)
    super(`Unexpected "${found}" at position ${from}, expected ${expected}.`)
    this.connectionString = connectionString
    this.location = location
    this.expected = expected
  }
}

const SCHEMES = ['kurrentdb', 'kurrent', 'kdb', 'esdb']
const DISCOVER = '+discover'
const SCHEMES_EXPECTED =
  'kurrentdb://, kurrentdb+discover://, kurrent://, kurrent+discover://, kdb://, or kdb+discover://'
const DEFAULT_PORT = '2113'

/** Names are compared without case, `_` and `-`. */
const flat = (text: string) => text.trim().toLowerCase().replace(/[_-]/g, '')
const flatNames = <Name extends string>(names: readonly Name[]) => new Map(names.map((name) => [flat(name), name]))

const NODE_PREFERENCES = [LEADER, FOLLOWER, READ_ONLY_REPLICA, RANDOM] as const
const preferences = flatNames(NODE_PREFERENCES)

/** The preference that `text` names in any spelling. */
export function nodePreferenceOf(text: string): NodePreference | undefined {
  return preferences.get(flat(text))
}

type Kind = 'text' | 'integer' | 'boolean' | 'preference'
const OPTION_KINDS: Readonly<Record<keyof QueryOptions, Kind>> = {
  userCertFile: 'text',
  userKeyFile: 'text',
  maxDiscoverAttempts: 'integer',
  connectionName: 'text',
  defaultDeadline: 'integer',
  discoveryInterval: 'integer',
  gossipTimeout: 'integer',
  nodePreference: 'preference',
  tls: 'boolean',
  tlsVerifyCert: 'boolean',
  tlsCAFile: 'text',
  throwOnAppendFailure: 'boolean',
  keepAliveInterval: 'integer',
  keepAliveTimeout: 'integer',
}
const optionNames = flatNames(Object.keys(OPTION_KINDS) as (keyof QueryOptions)[])

/**
 * Takes a connection string apart, as the official parser does. Unknown options and the old scheme `esdb` are reported by
 * `console.warn`.
 * @throws {ParseError} at the first thing that cannot stand where it does
 * @throws {URIError} when a `%` in credentials, a name or a path begins no escape
 */
export function parseConnectionString(connectionString: string): ConnectionOptions {
  const reader = new Reader(withoutSlashesAtEnd(connectionString.trim()))
  const dnsDiscover = reader.scheme()
  const defaultCredentials = reader.credentials()
  const hosts = reader.hosts()
  return { dnsDiscover, hosts, ...(defaultCredentials && { defaultCredentials }), ...reader.options() }
}

function withoutSlashesAtEnd(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end -= 1
  return text.slice(0, end)
}

/** Reads part after part; `position` is where the next one begins. */
class Reader {
  private position = 0

  constructor(private readonly text: string) {}

  /** Whether the scheme asks for discovery. */
  scheme(): boolean {
    const scheme = /^([^:]+):\/\//.exec(this.text)?.[1]
    if (scheme === undefined) this.refuse(0, 0, SCHEMES_EXPECTED)
    this.position = scheme.length + '://'.length
    if (scheme.startsWith('esdb')) {
      console.warn(`The 'esdb' protocol is deprecated. Please use 'kurrentdb' instead`)
    }
    const discover = scheme.endsWith(DISCOVER)
    const name = discover ? scheme.slice(0, -DISCOVER.length) : scheme
    if (!SCHEMES.includes(name)) this.refuse(0, this.position, SCHEMES_EXPECTED)
    return discover
  }

  /** What stands before an `@`, when it has a colon; further colons cut the password off. */
  credentials(): ConnectionOptions['defaultCredentials'] {
    const found = /^([^:]+:[^@]+)@/.exec(this.rest())?.[1]
    if (found === undefined) return undefined
    this.position += found.length + '@'.length
    const [username = '', password = ''] = found.trim().split(':')
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  }

  /** Slashes belong to a host's text: one that ends it has no meaning, and others are refused later on. */
  hosts(): EndPoint[] {
    const hosts: EndPoint[] = []
    for (;;) {
      const [whole, host] = /^([^$+!?*'(),;[\]{}|"%~#<>=&]+),?/.exec(this.rest()) ?? []
      if (whole === undefined || host === undefined) break
      const from = this.position
      this.position += whole.length
      hosts.push(this.endPoint(host.trim(), from))
    }
    if (hosts.length === 0) this.refuse(this.position, this.position, 'host')
    return hosts
  }

  options(): QueryOptions & { dnsDiscover?: boolean } {
    const options: Record<string, unknown> = {}
    for (let separator = '?'; this.position < this.text.length; separator = '&') {
      const from = this.position
      const [whole, rawKey, rawValue] = /^[?&]([^=]+)=([^&?]+)/.exec(this.rest()) ?? []
      if (whole?.[0] !== separator || rawKey === undefined || rawValue === undefined) {
        this.refuse(from, from, `${separator}key=value`)
      }
      this.position += whole.length
      const key = optionNames.get(flat(rawKey)) ?? rawKey
      const kind = kindOf(key)
      if (kind === undefined) {
        this.warnOfUnknown(key, from + separator.length)
      } else {
        options[key] = this.value(kind, rawValue.trim(), from + `${separator}${rawKey}=`.length)
      }
    }
    return options
  }

  private endPoint(host: string, from: number): EndPoint {
    const [address = '', rawPort = DEFAULT_PORT, ...rest] = host.split(':')
    if (rest.length > 0) this.refuse(from + `${address}:${rawPort}`.length, this.position, ', or ?key=value')
    const port = parseInt(rawPort.trim())
    if (Number.isNaN(port)) this.refuse(from + `${address}:`.length, this.position, 'port number')
    return { address, port }
  }

  private value(kind: Kind, value: string, from: number): string | number | boolean {
    switch (kind) {
      case 'text':
        return decodeURIComponent(value)
      case 'integer': {
        const number = parseInt(value)
        return Number.isNaN(number) ? this.refuse(from, this.position, 'Integer') : number
      }
      case 'boolean':
        return value === 'true' || (value !== 'false' && this.refuse(from, this.position, 'true or false'))
      case 'preference':
        return nodePreferenceOf(value) ?? this.refuse(from, this.position, NODE_PREFERENCES.join(' or '))
    }
  }

  private warnOfUnknown(key: string, from: number): void {
    const marks = ' '.repeat(from) + '^'.repeat(key.length)
    console.warn(`Unknown option key "${key}", setting will be ignored.\n${this.text}\n${marks}`)
  }

  private rest(): string {
    return this.text.substring(this.position)
  }

  private refuse(from: number, to: number, expected: string): never {
    throw new ParseError(this.text, [from, to], expected)
  }
}

function kindOf(key: string): Kind | undefined {
  // Only in this very spelling, and not documented: what `+discover` says can be overruled.
  if (key === 'dnsDiscover') return 'boolean'
  return Object.hasOwn(OPTION_KINDS, key) ? OPTION_KINDS[key as keyof QueryOptions] : undefined
}
