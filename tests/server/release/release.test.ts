/** What `npm run build:native` makes: a program that needs nothing but the C library, and the command that runs it. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { jsonEvent, KurrentDBClient, StreamNotFoundError } from '@kurrent/kurrentdb-client'
import { describe, expect, it } from 'vitest'
import { binary } from '../support/server'

/** What npm links as `kurrentlite`. */
const command = fileURLToPath(new URL('../../../dist/bin/kurrentlite.js', import.meta.url))

describe('the released program', () => {
  it('needs libc and libm only', () => {
    const lines = execFileSync('ldd', [binary], { encoding: 'utf8' }).trim().split('\n')
    const libraries = lines.map((line) => line.trim().split(' ')[0]!.replace(/^.*\//, ''))
    expect(libraries.filter((name) => !/^(linux-vdso|ld-linux[\w-]*)\.so\.\d$/.test(name)).sort()).toEqual(['libc.so.6', 'libm.so.6'])
  })

  it('holds no names of functions', () => {
    expect(execFileSync('readelf', ['--wide', '--sections', binary], { encoding: 'utf8' })).not.toContain('.symtab')
  })
})

describe('npx kurrentlite', () => {
  it('serves the official client until a signal ends both, and empties the database', async () => {
    const { KURRENTLITE_BINARY: _tested, ...env } = process.env // the one that was built is found by itself
    const server = spawn(command, ['serve', '--insecure', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'], env })
    const ended = once(server, 'exit')
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const uri = line.replace(/^listening /, '')
    const client = KurrentDBClient.connectionString(uri)
    await client.appendToStream('orders', jsonEvent({ type: 'placed', data: { total: 3 } }))
    const totals = async () => {
      const events = []
      for await (const { event } of client.readStream('orders')) events.push(event?.data)
      return events
    }
    expect(await totals()).toEqual([{ total: 3 }])
    execFileSync(command, ['ctl', 'reset', '--address', new URL(uri).host], { env, stdio: 'pipe' })
    await expect(totals()).rejects.toBeInstanceOf(StreamNotFoundError)
    await client.dispose()
    server.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})
