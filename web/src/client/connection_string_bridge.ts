/**
 * The official client reads its connection string twice: `parseConnectionString` takes it apart, and then the native bridge,
 * which does its reads, takes it for a URL and is stricter about ports, paths, numbers and white space. A string has to
 * please both. This is what the bridge refuses of what the first parser has accepted, in its words.
 *
 * One thing is different on purpose: the two agree on no spelling of a read-only replica but `ReadOnlyReplica`, and every
 * spelling that either of them takes is fine here.
 */

import { textDecoder, textEncoder } from '../wasm/environment'
import { nodePreferenceOf } from './connection_string'

const PORT_MAX = 65_535
const U64_MAX = 2n ** 64n - 1n
const I64_MAX = 2n ** 63n - 1n

/** The integers of the query: with a sign or without one, and what the first parser calls them. */
const INTEGERS = new Map([
  ['maxdiscoverattempts', { signed: false, name: 'maxDiscoverAttempts' }],
  ['discoveryinterval', { signed: false, name: 'discoveryInterval' }],
  ['gossiptimeout', { signed: false, name: 'gossipTimeout' }],
  ['keepaliveinterval', { signed: true, name: 'keepAliveInterval' }],
  ['keepalivetimeout', { signed: true, name: 'keepAliveTimeout' }],
  ['defaultdeadline', { signed: true, name: 'defaultDeadline' }],
])

/** A URL that is no web address, as far as it matters here. */
interface Url {
  host: string
  path: string
  query: string
}

/** What the bridge says against `connectionString`, which the first parser accepts; nothing when it accepts it too. */
export function refusalOfBridge(connectionString: string): string | undefined {
  const text = urlText(connectionString)
  const url = splitUrl(text)
  if (typeof url === 'object') {
    const path = encodedPath(url.path)
    if (path !== '' && path !== '/') return `Unsupported URL path: ${path}`
    if (url.host === '') return "Connection string doesn't have an host"
    return refusalOfQuery(url.query)
  }
  // Several hosts with ports are no URL; with slashes between them, all but the first become its path.
  const rewritten = url === 'port' && text.includes(',') ? splitUrl(text.replaceAll(',', '/')) : url
  if (typeof rewritten === 'string' || rewritten.host === '') return connectionString
  for (const seed of rewritten.path.split('/').slice(1)) {
    const refusal = refusalOfSeed(seed)
    if (refusal !== undefined) return refusal
  }
  return refusalOfQuery(rewritten.query)
}

/** URLs lose control characters and spaces at both ends, and line breaks and tabs anywhere. */
function urlText(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1
  return text.slice(from, to).replace(/[\t\n\r]/g, '')
}

/** The parts of a URL, or what is wrong with it. */
function splitUrl(text: string): Url | 'port' | 'invalid' {
  const [, authority, path, query = ''] = /^[a-z][a-z+]*:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/.exec(text) ?? []
  if (authority === undefined || path === undefined) return 'invalid'
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1)
  const colon = hostAndPort.indexOf(':')
  const host = colon < 0 ? hostAndPort : hostAndPort.slice(0, colon)
  if (host === '' && authority !== '') return 'invalid'
  if (/[\0 <>[\\\]^|]/.test(host)) return 'invalid'
  if (colon >= 0 && !isPort(hostAndPort.slice(colon + 1))) return 'port'
  return { host, path, query }
}

const isPort = (text: string) => /^\d*$/.test(text) && Number(text) <= PORT_MAX

function refusalOfSeed(seed: string): string | undefined {
  const [, port, ...rest] = seed.split(':')
  if (rest.length > 0) return `Invalid host part: '${encodedPath(seed)}'`
  if (port === undefined || (port !== '' && isPort(port))) return undefined
  return `Invalid port number: ${encodedPath(port)}`
}

function refusalOfQuery(query: string): string | undefined {
  const given = new Set<string>()
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const key = formDecoded(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase()
    const value = formDecoded(equals < 0 ? '' : pair.slice(equals + 1))
    const refusal = refusalOfOption(key, value)
    if (refusal !== undefined) return refusal
    given.add(key)
  }
  return given.has('usercertfile') === given.has('userkeyfile')
    ? undefined
    : 'Invalid user certificate settings. Both userCertFile and userKeyFile must be provided'
}

function refusalOfOption(key: string, value: string): string | undefined {
  const invalid = (problem: string) => `Invalid format for param '${key}'. value = '${value}': ${problem}`
  if (key === 'tls' || key === 'tlsverifycert') {
    return value === 'true' || value === 'false' ? undefined : invalid('provided string was not `true` or `false`')
  }
  if (key === 'nodepreference') {
    return nodePreferenceOf(value) === undefined ? `Unknown node preference value '${value.toLowerCase()}'` : undefined
  }
  const integer = INTEGERS.get(key)
  if (integer === undefined) return undefined
  const number = parseInteger(value, integer.signed)
  if (typeof number === 'string') return invalid(number)
  return integer.signed && number < -1n
    ? `Invalid ${integer.name} of ${number}. Please provide a positive integer, or -1 to disable`
    : undefined
}

/** An integer of 64 bits, or why `text` is none. */
function parseInteger(text: string, signed: boolean): bigint | string {
  if (text === '') return 'cannot parse integer from empty string'
  const negative = signed && text[0] === '-'
  const digits = negative || text[0] === '+' ? text.slice(1) : text
  if (digits === '') return 'invalid digit found in string'
  const max = signed ? (negative ? I64_MAX + 1n : I64_MAX) : U64_MAX
  let value = 0n
  for (const digit of digits) {
    if (digit < '0' || digit > '9') return 'invalid digit found in string'
    value = value * 10n + BigInt(digit)
    if (value > max) return `number too ${negative ? 'small' : 'large'} to fit in target type`
  }
  return negative ? -value : value
}

/** The value of a form's field. */
function formDecoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  const bytes = textEncoder.encode(spaced)
  const decoded: number[] = []
  for (let at = 0; at < bytes.length; at += 1) {
    const escape = bytes[at] === 0x25 ? String.fromCharCode(...bytes.subarray(at + 1, at + 3)) : ''
    const isEscape = /^[0-9a-fA-F]{2}$/.test(escape)
    decoded.push(isEscape ? parseInt(escape, 16) : (bytes[at] ?? 0))
    if (isEscape) at += 2
  }
  return textDecoder.decode(Uint8Array.from(decoded))
}

/** What a path may not hold as it is becomes escapes. */
function encodedPath(path: string): string {
  return path.replace(/[\0- "#<>`{}\x7f-\u{10ffff}]+/gu, (text) => {
    const bytes = [...textEncoder.encode(text)]
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  })
}
