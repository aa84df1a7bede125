/** What a client takes from its connection string: everything checked, and every default filled in. */

import { nodeModule } from '../wasm/environment'
import { parseConnectionString, type ConnectionOptions, type EndPoint, type NodePreference } from './connection_string'
import { refusalOfBridge } from './connection_string_bridge'
import { LEADER } from './constants'

/** A connection string's settings; times are in the units that connection strings use. */
export interface ConnectionSettings {
  /** Lower-case `host:port` of the first host: names the in-process database. */
  readonly authority: string
  readonly hosts: readonly Readonly<EndPoint>[]
  /** The first host stands for a cluster whose nodes it knows. */
  readonly discover: boolean
  /** Sent with calls that bring none of their own. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** @defaultValue true */
  readonly tls: boolean
  /** @defaultValue true */
  readonly tlsVerifyCert: boolean
  readonly tlsCAFile?: string
  readonly userCertFile?: string
  readonly userKeyFile?: string
  /** Without a name of its own, a client draws one. */
  readonly connectionName?: string
  /** Rounds of discovery. @defaultValue 10 */
  readonly maxDiscoverAttempts: number
  /** Milliseconds between two rounds. @defaultValue 100 */
  readonly discoveryInterval: number
  /** Seconds that one node gets to answer. @defaultValue 5 */
  readonly gossipTimeout: number
  /** @defaultValue 'leader' */
  readonly nodePreference: NodePreference
  /** Whether an append at a wrong revision throws, or resolves with `success: false`. @defaultValue true */
  readonly throwOnAppendFailure: boolean
  /** Milliseconds; -1 is never. @defaultValue 10000 */
  readonly keepAliveInterval: number
  /** Milliseconds; -1 is never. @defaultValue 10000 */
  readonly keepAliveTimeout: number
  /** Milliseconds that a call gets when it names no deadline. @defaultValue 10000 */
  readonly defaultDeadline: number
}

const KEEP_ALIVE_MS = 10_000
const PORT_MAX = 65_535

/**
 * Reads the connection string of a client: what the official client checks when it is made is checked here, in its order
 * and with its messages. Nothing is connected or loaded; where there is a file system, certificates have to exist.
 * @throws {ParseError} where the text does not follow the grammar; other errors for values that cannot be meant
 */
export function readConnectionString(connectionString: string): ConnectionSettings {
  const options = parseConnectionString(connectionString)
  checkFiles(options)
  const refusal = refusalOfBridge(connectionString)
  if (refusal !== undefined) throw new Error(refusal)
  // The two parsers find different hosts in a text such as `kdb://a?connectionName=x@b:99999`.
  if (options.hosts.some(({ port }) => port < 0 || port > PORT_MAX)) throw new Error(connectionString)
  const settings = withDefaults(options)
  checkTimes(settings)
  return settings
}

function withDefaults(options: ConnectionOptions): ConnectionSettings {
  const { dnsDiscover, defaultCredentials, hosts: given, ...rest } = options
  const hosts = given.map(({ address, port }) => ({ address: bareAddress(address), port }))
  return {
    tls: true,
    tlsVerifyCert: true,
    maxDiscoverAttempts: 10,
    discoveryInterval: 100,
    gossipTimeout: 5,
    nodePreference: LEADER,
    throwOnAppendFailure: true,
    keepAliveInterval: KEEP_ALIVE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    defaultDeadline: 10_000,
    ...rest,
    ...(defaultCredentials && { credentials: defaultCredentials }),
    authority: `${asciiLower(hosts[0]?.address ?? '')}:${hosts[0]?.port}`,
    hosts,
    discover: dnsDiscover,
  }
}

/** The parser leaves the slash of `localhost/?tls=false` where it found it. */
const bareAddress = (address: string) => address.replace(/\/.*$/s, '').trim()

/** The engine knows no other lower case, and both have to name the same database. */
const asciiLower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Certificates prove who is who on a network; in process only their options are checked. */
function checkFiles({ tls, tlsCAFile, userCertFile, userKeyFile }: ConnectionOptions): void {
  const caFile = tls === false ? undefined : tlsCAFile
  if (!userCertFile !== !userKeyFile) {
    // The official client looks for the authority's file first.
    requireFiles([[caFile, 'certificate']])
    throw new Error('userCertFile must be given with accompanying userKeyFile')
  }
  requireFiles([
    [caFile, 'certificate'],
    [userCertFile, 'certificate'],
    [userKeyFile, 'certificate key'],
  ])
}

function requireFiles(files: readonly (readonly [path: string | undefined, what: string])[]): void {
  const given = files.filter(([path]) => path)
  if (given.length === 0) return
  const fs = nodeModule('node:fs')
  if (fs === undefined) {
    console.warn('There is no file system here: tlsCAFile, userCertFile and userKeyFile have no effect.')
    return
  }
  for (const [path = '', what] of given) {
    if (!fs.existsSync(path)) throw new Error(`Failed to load ${what} file. File was not found.`)
  }
}

function checkTimes({ keepAliveInterval, keepAliveTimeout, defaultDeadline }: ConnectionSettings): void {
  for (const [name, value] of Object.entries({ keepAliveInterval, keepAliveTimeout })) {
    if (value < -1) throw new Error(`Invalid ${name} "${value}". Please provide a positive integer, or -1 to disable.`)
  }
  if (keepAliveInterval > -1 && keepAliveInterval < KEEP_ALIVE_MS) {
    console.warn(`Specified KeepAliveInterval of ${keepAliveInterval} is less than recommended 10_000 ms.`)
  }
  if (defaultDeadline <= 0) {
    throw new Error(`Invalid defaultDeadline "${defaultDeadline}". Please provide a positive integer.`)
  }
}
