/** The programs that the server's benchmark starts. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const built = (name) => fileURLToPath(new URL(`../../../build/native-release/bin/${name}`, import.meta.url))
export const binary = built('kurrentlite')
const loop = built('kurrentlite_server_benchmark')

/** Starts a program that tells its address in its first line. */
async function listening(program, args) {
  const start = performance.now()
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(createInterface(child.stdout), 'line')
  const readyAfterMs = performance.now() - start
  return {
    readyAfterMs,
    address: /127\.0\.0\.1:\d+/.exec(line)[0],
    residentBytes: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))[1]) * 1024,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

export const startServer = () => listening(binary, ['serve', '--insecure', '--port', '0'])
export const startEcho = () => listening(loop, ['echo-server'])

/** Empties the server's database. */
export const reset = (address) => execFileSync(binary, ['ctl', 'reset', '--address', address])

/** A workload of the C++ program: `{ operations, elapsedNs, requestBytes, answerBytes }`. */
export const measureInCpp = (workload, address, ...numbers) =>
  JSON.parse(execFileSync(loop, [workload, address, ...numbers.map(String)], { encoding: 'utf8' }))
