/** The command itself: what it says, how it ends. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client'
import { describe, expect, it } from 'vitest'
import { run, RunningServer } from './support/server'

/** One line on stderr that holds `words`, nothing on stdout. */
async function refused(args: readonly string[], code: number, words: RegExp): Promise<void> {
  const outcome = await run(args)
  expect(outcome).toMatchObject({ code, signal: null, stdout: '' })
  expect(outcome.stderr).toMatch(/^[^\n]+\n$/)
  expect(outcome.stderr).toMatch(words)
}

describe('kurrentlite serve', () => {
  it('takes a free port for port 0 and tells the address in its first line', async () => {
    const [one, two] = await Promise.all([RunningServer.start(), RunningServer.start()])
    expect(one.uri).toMatch(/^kurrentdb:\/\/127\.0\.0\.1:\d+\?tls=false$/)
    expect(one.port).not.toBe(two.port)
    expect(await one.stop()).toMatchObject({ code: 0, stdout: `listening ${one.uri}\n`, stderr: '' })
    expect(await two.stop()).toMatchObject({ code: 0 })
  })

  it('listens where --bind says', async () => {
    const server = await RunningServer.start(['--insecure', '--bind', '127.0.0.2'])
    expect(server.uri).toMatch(/^kurrentdb:\/\/127\.0\.0\.2:\d+\?tls=false$/)
    const client = KurrentDBClient.connectionString(server.uri)
    expect(await client.appendToStream('s', jsonEvent({ type: 't', data: {} }))).toMatchObject({ success: true })
    await client.dispose()
    await server.stop()
  })

  it('starts again at once on the port of one that has ended', async () => {
    const first = await RunningServer.start()
    const { port } = first
    await first.stop()
    const again = await RunningServer.start(['--insecure'], port)
    expect(again.port).toBe(port)
    await again.stop()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends open subscriptions and the server within a second, with 0', async (signal) => {
    const server = await RunningServer.start()
    const client = KurrentDBClient.connectionString(server.uri)
    await client.appendToStream('s', jsonEvent({ type: 't', data: {} }))
    const subscriptions = [client.subscribeToStream('s'), client.subscribeToAll(), client.subscribeToStream('none')]
    const heard = (name: 'caughtUp' | 'error') =>
      Promise.all(subscriptions.map((each) => new Promise<void>((resolve) => void each.on(name, () => resolve()))))
    const ended = heard('error')
    for (const each of subscriptions) each.on('data', () => undefined)
    await heard('caughtUp')
    const outcome = await server.stop(signal)
    expect(outcome).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(outcome.tookMs).toBeLessThan(1000)
    await ended
    await client.dispose()
  })

  it('a client that stopped reading does not keep it from ending', async () => {
    const server = await RunningServer.start()
    const client = KurrentDBClient.connectionString(server.uri)
    const data = { text: 'x'.repeat(10_000) }
    await client.appendToStream('s', Array.from({ length: 1000 }, () => jsonEvent({ type: 't', data })))
    const subscription = client.subscribeToStream('s').on('error', () => undefined)
    await once(subscription, 'confirmation')
    const outcome = await server.stop()
    expect(outcome).toMatchObject({ code: 0, signal: null })
    expect(outcome.tookMs).toBeLessThan(1000)
    subscription.destroy()
    await client.dispose()
  })

  it('--log-level debug tells on stderr of each call as it ends, and of nothing on stdout', async () => {
    const server = await RunningServer.start(['--insecure', '--log-level', 'debug'])
    const client = KurrentDBClient.connectionString(server.uri)
    const line = /^\S+Z debug \/event_store\.client\.streams\.Streams\/Read ipv4:127\.0\.0\.1:\d+ OK \d+\.\d ms$/m
    const told = server.hears(line)
    await client.appendToStream('s', jsonEvent({ type: 't', data: {} }))
    for await (const _ of client.readStream('s')) continue
    await told
    await client.dispose()
    const { stdout, stderr } = await server.stop()
    expect(stdout).toBe(`listening ${server.uri}\n`)
    expect(stderr.trim().split('\n').every((each) => /^\d{4}-\d\d-\d\dT\S+Z (debug|info|warn|error) \S/.test(each))).toBe(true)
  })

  it('a port that is taken: one line and no success', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    await refused(['serve', '--insecure', '--port', String(port)], 1, new RegExp(`127\\.0\\.0\\.1:${port}`))
    holder.close()
  })

  it('an address that is none: one line and no success', () =>
    refused(['serve', '--insecure', '--port', '0', '--bind', '203.0.113.7'], 1, /203\.0\.113\.7/))

  it.each([
    ['an unknown flag', ['--insecure', '--fast'], /--fast/],
    ['a port that is no number', ['--insecure', '--port', 'many'], /port/i],
    ['a port that is none', ['--insecure', '--port', '70000'], /port/i],
    ['neither --insecure nor a certificate', [], /--insecure.*--certificate/],
    ['--insecure and a certificate', ['--insecure', '--certificate', 'c', '--private-key', 'k'], /--insecure.*--certificate/],
    ['a log level that is none', ['--insecure', '--log-level', 'loud'], /--log-level: loud is none of debug, info/],
    ['a certificate without its key', ['--certificate', 'c'], /--private-key/],
  ] as const)('%s: one line and exit status 2', (_what, args, words) => refused(['serve', ...args], 2, words))

  it('no command, or one there is not: one line and exit status 2', async () => {
    await refused([], 2, /serve|subcommand/i)
    await refused(['server'], 2, /server|subcommand/i)
  })

  it('a certificate that cannot be read: one line with its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kurrentlite-'))
    const missing = join(folder, 'missing.crt')
    await refused(['serve', '--certificate', missing, '--private-key', missing], 1, /missing\.crt/)
    const folderAsFile = ['serve', '--certificate', folder, '--private-key', folder, '--port', '0']
    const outcome = await run(folderAsFile)
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('a certificate that is none: one line and no success', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kurrentlite-'))
    const nonsense = join(folder, 'nonsense.crt')
    writeFileSync(nonsense, 'no certificate\n')
    await refused(['serve', '--certificate', nonsense, '--private-key', nonsense, '--port', '0'], 1, /certificate/)
  })

  it('--help tells every option', async () => {
    const outcome = await run(['serve', '--help'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    for (const option of ['--port', '--bind', '--insecure', '--certificate', '--private-key', '--trusted-roots', '--max-append-size', '--users-file', '--log-level']) {
      expect(outcome.stdout).toContain(option)
    }
    expect((await run(['--help'])).stdout).toContain('serve')
  })

  it('--version is the package\'s', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `kurrentlite ${version}\n`, stderr: '' })
  })
})
