/** Where the native program is: that of an installation, of a build, of the machine. */

import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

const fileName = process.platform === 'win32' ? 'kurrentlite.exe' : 'kurrentlite'
const machine = `${process.platform}-${process.arch}`

export type Found = { readonly program: string } | { readonly problem: string }

/**
 * The first of: `KURRENTLITE_BINARY`; the one shipped beside the script, in `<platform>-<arch>/`; the one that
 * `npm run build:native` made, when the script lies in the repository's `dist/bin`; `kurrentlite` on `PATH`.
 * @param folder  of the script
 */
export function findProgram(folder: string, env: NodeJS.ProcessEnv): Found {
  const named = env.KURRENTLITE_BINARY
  if (named) return isProgram(named) ? { program: named } : { problem: `KURRENTLITE_BINARY names no program: ${named}` }
  const program = [
    join(folder, machine, fileName),
    join(folder, '../../build/native-release/bin', fileName),
    ...onPath(env.PATH ?? ''),
  ].find(isProgram)
  if (program !== undefined) return { program }
  const how = 'build it from source (npm run build:native in a clone), then name it in KURRENTLITE_BINARY or put it on PATH.'
  return { problem: `no server program for ${machine} is installed: ${how}` }
}

/** What package managers put on `PATH` under the same name are scripts that end here again: only programs count. */
function onPath(path: string): string[] {
  const folders = path.split(delimiter).filter(isAbsolute)
  return folders.map((folder) => join(folder, fileName)).filter((file) => isProgram(file) && !isScript(file))
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2)
  try {
    const opened = openSync(file, 'r')
    readSync(opened, start)
    closeSync(opened)
  } catch {
    return false // may be run without being read
  }
  return start.toString('latin1') === '#!'
}
