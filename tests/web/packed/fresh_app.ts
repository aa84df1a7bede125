import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

/** An empty app, in a folder of its own, in which the packed package is installed. */
export class FreshApp {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kurrentlite-packed-'))
  readonly path = join(this.folder, 'app')

  private readonly tarball: string

  constructor(manifest: object = {}) {
    if (!existsSync(join(root, 'dist/pinia.js'))) throw new Error('dist/ is missing: run `node web/build.mjs` first')
    this.write('package.json', JSON.stringify({ name: 'fresh-app', private: true, ...manifest }))
    execFileSync('npm', ['pack', root, '--pack-destination', this.folder, ...quiet], { cwd: this.folder, stdio: 'pipe' })
    this.tarball = join(this.folder, readdirSync(this.folder).find((file) => file.endsWith('.tgz'))!)
  }

  /** Installs the package under a name. Its neighbours are taken from here, so that nothing is downloaded. */
  install(name: string, neighbours: readonly string[]): void {
    this.run('npm', 'install', '--offline', ...quiet, `${name}@file:${this.tarball}`)
    for (const each of neighbours) {
      const link = join(this.path, 'node_modules', each)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(root, 'node_modules', each), link)
    }
  }

  write(file: string, content: string): void {
    const path = join(this.path, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }

  /** Runs a program in the app's folder; no variable of ours reaches it. Throws what it printed when it fails. */
  run(program: string, ...args: string[]): string {
    const { status, output } = this.attempt(program, ...args)
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${output}`)
    return output
  }

  /** The same, whether it fails or not. */
  attempt(program: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
    const { PATH, HOME } = process.env
    const env = { PATH, HOME, NO_COLOR: '1' }
    const options = { cwd: this.path, encoding: 'utf8', env, timeout: 90_000 } as const
    const { status, stdout, stderr } = spawnSync(program, args, options)
    return { status, output: status === 0 ? stdout : `${stdout}${stderr.slice(-20_000)}` }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
