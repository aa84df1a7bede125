#!/usr/bin/env node
/** `npx kurrentlite …`: runs the native program with the same arguments, streams and signals, and ends as it ends. */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find_program'

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

function fail(problem: string): never {
  process.stderr.write(`kurrentlite: ${problem}\n`)
  process.exit(1)
}

function run(program: string): void {
  // A name that leads back here must not do so again.
  const { KURRENTLITE_BINARY: _named, ...env } = process.env
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit', env })
  // A terminal sends its signals to both; the program ends in its own time, and then so does this.
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${program} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const each of forwarded) process.removeAllListeners(each)
    process.kill(process.pid, signal)
    process.exit(128 + constants.signals[signal]) // a signal that Node outlives
  })
}

const found = findProgram(dirname(fileURLToPath(import.meta.url)), process.env)
if ('problem' in found) fail(found.problem)
run(found.program)
