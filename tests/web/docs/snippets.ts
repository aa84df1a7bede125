/**
 * Makes programs of the snippets in README.md and docs/. What readers need not see stands in HTML comments around a snippet:
 *
 *   <!-- before every          code before each snippet of the page, e.g. to open a session
 *   <!-- before                code before the next snippet
 *   <!-- after                 code after the last snippet: what it must have done
 *   <!-- continues -->         the next snippet goes on where the last one ended
 *   <!-- not run: why -->      the next snippet is only checked by the compiler
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileScript, parse } from 'vue/compiler-sfc'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = `${root}build/docs/`

export interface Snippet {
  /** `docs/query.md:12` */
  readonly place: string
  readonly language: string
  readonly code: string
  readonly before: string
  after: string
  /** Why it is not run. */
  readonly notRun: string | undefined
}

export const pages = (): string[] => ['README.md', ...readdirSync(`${root}docs`).map((file) => `docs/${file}`)].sort()

export function snippetsOf(page: string): Snippet[] {
  const found: Snippet[] = []
  const text = readFileSync(root + page, 'utf8')
  let [every, before, continues, notRun] = ['', '', false, undefined as string | undefined]
  const parts = /^```(\w*)[^\n]*\n(.*?)^```$|^<!-- (before every|before|after|continues|not run:?)(.*?)-->/gms
  for (const { index, 1: language, 2: code, 3: directive, 4: content } of text.matchAll(parts)) {
    if (directive === 'before every') every = content!
    else if (directive === 'before') before += content!
    else if (directive === 'after') found.at(-1)!.after += content!
    else if (directive === 'continues') continues = true
    else if (directive !== undefined) notRun = content!.trim() || 'no reason given'
    if (language === undefined) continue
    const previous = continues ? found.at(-1) : undefined
    found.push({
      place: `${page}:${text.slice(0, index).split('\n').length}`,
      language,
      code: code!,
      before: (previous ? `${previous.before}\n${previous.code}` : every) + before,
      after: '',
      notRun,
    })
    ;[before, continues, notRun] = ['', false, undefined]
  }
  return found
}

/** Imports of several pieces of a program, each name once. */
function moduleOf(...pieces: string[]): string {
  const named = new Map<string, Set<string>>()
  const others = new Set<string>()
  const body = pieces.join('\n').replace(/^import\s(?:type\s)?(?:[^'"]*?\sfrom\s)?'[^']+'.*$/gm, (statement) => {
    const [, isType, names, from] = /^import\s(type\s)?\{([^}]*)\} from '([^']+)'/.exec(statement) ?? []
    if (from === undefined) others.add(statement)
    else {
      const known = named.get(from) ?? new Set()
      for (const name of names!.split(',').map((each) => each.trim())) if (name) known.add(isType ? `type ${name}` : name)
      named.set(from, known)
    }
    return ''
  })
  const imports = [...named].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}'`)
  return [...others, ...imports, body, 'export {}\n'].join('\n')
}

const harness = `import { expect, vi } from 'vitest'`

/** Mounts a component in an app that has all plugins. */
const mounting = (component: string) => ({
  before: `
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { createTestingKurrentLite } from 'kurrentlite/testing'
import Component from './${component}'
const kurrentLite = createTestingKurrentLite()
const { session } = kurrentLite
`,
  mount: `
const wrapper = mount(Component, { attachTo: document.body, global: { plugins: [createPinia(), kurrentLite] } })
`,
  end: `
wrapper.unmount()
kurrentLite.dispose()
`,
})

export interface Program {
  readonly snippet: Snippet
  /** The module to import. */
  readonly path: string
}

/** The script of a component with its template in it, as a browser gets it. */
function compiled(component: string, filename: string): string {
  const { descriptor, errors } = parse(component, { filename })
  if (errors.length > 0) throw errors[0]!
  return compileScript(descriptor, { id: filename, inlineTemplate: true }).content
}

/**
 * Writes the programs below build/docs, where `kurrentlite` is the built package: to `check` what the compiler is to look at,
 * to `run` what is to be imported.
 */
export function writePrograms(snippets: readonly Snippet[]): Program[] {
  rmSync(folder, { recursive: true, force: true })
  for (const each of ['check', 'run']) mkdirSync(`${folder}${each}`, { recursive: true })
  const options = { noUnusedLocals: false, noUnusedParameters: false, paths: {} }
  const config = { extends: '../../../web/tsconfig.json', compilerOptions: options, include: ['./*'], exclude: [] }
  writeFileSync(`${folder}check/tsconfig.json`, JSON.stringify(config))
  return snippets.flatMap((snippet): Program[] => {
    const name = snippet.place.replace(/^docs\//, '').replace(/\W+/g, '_')
    const write = (program: string, ofRun = program) => {
      writeFileSync(`${folder}check/${name}.ts`, program)
      writeFileSync(`${folder}run/${name}.ts`, ofRun)
      return [{ snippet, path: `${folder}run/${name}.ts` }]
    }
    if (snippet.language === 'ts') return write(moduleOf(harness, snippet.before, snippet.code, snippet.after))
    if (snippet.language !== 'vue') return []
    writeFileSync(`${folder}check/${name}.vue`, snippet.code)
    writeFileSync(`${folder}run/${name}.vue.ts`, compiled(snippet.code, `${name}.vue`))
    const { before, mount, end } = mounting(`${name}.vue`)
    const program = moduleOf(harness, before, snippet.before, mount, snippet.after, end)
    return write(program, program.replace(`${name}.vue'`, `${name}.vue.ts'`))
  })
}
