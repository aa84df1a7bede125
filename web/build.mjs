/**
 * Builds the package into dist/ from the TypeScript below web/src and the WebAssembly module of the wasm-release
 * preset: ES modules that share chunks, CommonJS for Node, declarations, styles. Run by toolchains/build.
 *   node web/build.mjs            everything
 *   node web/build.mjs --module   only puts the WebAssembly module where the sources and their tests find it
 *   node web/build.mjs --command  only the `kurrentlite` command, which needs no module
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { compileScript, parse } from 'vue/compiler-sfc'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = (path) => join(root, 'web/src', path)
/** Takes the place of dist/ when everything is there, so that users of dist/ never see half of it. */
const staging = join(root, 'build/package')
const dist = (path) => join(staging, path)

const generated = source('wasm/generated')
const entryOf = (name) => (name === 'index' ? source('index.ts') : source(`${name}/index.ts`))
/** Also for CommonJS; under Node's conditions their ES modules wrap the CommonJS, so that each class exists once. */
const dualEntries = ['index', 'client', 'testing'].filter((name) => existsSync(entryOf(name)))
const esmEntries = [...dualEntries, 'services', 'pinia', 'vue']

/** Writes only what changed: the files' times tell other tools what to do again. */
function putFile(path, content) {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path) || !readFileSync(path).equals(Buffer.from(content))) writeFileSync(path, content)
}

function copyModule() {
  for (const file of ['kurrentlite.mjs', 'kurrentlite.wasm']) {
    const built = join(root, 'build/wasm-release/bin', file)
    if (!existsSync(built))
      throw new Error(`${relative(root, built)} is missing: run cmake --workflow --preset wasm-release first.`)
    putFile(join(generated, file), readFileSync(built))
  }
}

/** In dist/ the module lies beside the script that loads it. */
const moduleBesideScript = {
  name: 'module-beside-script',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[/\\]wasm[/\\]load\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll('./generated/kurrentlite.wasm', './kurrentlite.wasm')
      return { contents, loader: 'ts' }
    })
  },
}

function readComponent(path) {
  const { descriptor, errors } = parse(readFileSync(path, 'utf8'), { filename: path, sourceMap: false })
  if (errors.length > 0) throw errors[0]
  return descriptor
}

/**
 * Script and template become one module; styles are gathered by buildStyles. defineComponent answers what it is given, and
 * minifying would drop the comment that lets a bundler leave the call out: so there is none.
 */
const vueComponents = {
  name: 'vue-components',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.vue$/ }, ({ path }) => {
      const options = { id: basename(path), isProd: true, inlineTemplate: true }
      const { content } = compileScript(readComponent(path), options)
      return { contents: content.replace('/*@__PURE__*/_defineComponent(', '('), loader: 'ts' }
    })
  },
}

/** A CommonJS entry that needs another one requires it, so that its classes exist once. */
const requireOtherEntries = (self) => ({
  name: 'require-other-entries',
  setup(esbuild) {
    const others = dualEntries.filter((name) => name !== self && name !== 'index')
    esbuild.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const target = join(resolveDir, path)
      const name = others.find((each) => [source(each), source(`${each}/index`)].includes(target))
      return name && { path: `./${name}.cjs`, external: true }
    })
  },
})

const common = {
  bundle: true,
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  external: ['vue', 'pinia', '@kurrent/kurrentdb-client'],
  logLevel: 'warning',
}

const componentFiles = readdirSync(source('vue/components'), { recursive: true })
  .filter((file) => file.endsWith('.vue'))
  .sort()

/**
 * Each component is an entry, and so a module of its own: package.json says that modules do nothing but export, and a
 * bundler leaves out those that an app does not use.
 */
function buildEsm() {
  const components = componentFiles.map((file) => [`vue/${basename(file, '.vue')}`, source(`vue/components/${file}`)])
  return build({
    ...common,
    entryPoints: Object.fromEntries([...esmEntries.map((name) => [name, entryOf(name)]), ...components]),
    format: 'esm',
    platform: 'browser',
    splitting: true,
    outdir: dist('.'),
    chunkNames: 'chunk-[hash]',
    plugins: [moduleBesideScript, vueComponents],
  })
}

function buildCommonJs(name) {
  return build({
    ...common,
    entryPoints: [entryOf(name)],
    outfile: dist(`${name}.cjs`),
    format: 'cjs',
    platform: 'node',
    banner: { js: "const __kl_url=require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': '__kl_url', 'import.meta.env': 'undefined' },
    plugins: [moduleBesideScript, requireOtherEntries(name)],
  })
}

/** Suites written for the official client import its parser by this path. */
const parserEntry = 'Client/parseConnectionString'

function buildParser() {
  const contents = "export { parseConnectionString } from './client/connection_string'"
  return build({
    ...common,
    stdin: { contents, resolveDir: source('.'), loader: 'ts' },
    outfile: dist(`${parserEntry}.cjs`),
    format: 'cjs',
    platform: 'node',
  })
}

/** `npx kurrentlite`: see findProgram for where in a package it must lie. */
async function buildCommand(outfile) {
  await build({ ...common, entryPoints: [source('command/kurrentlite.ts')], outfile, format: 'esm', platform: 'node' })
  chmodSync(outfile, 0o755)
}

/**
 * The ES module that Node gets: the names of the CommonJS one. Before it runs CommonJS that is imported, Node searches it for
 * names, which takes longer than loading it: hence the step between, where there is nothing to find.
 */
function wrapForNode(name) {
  const names = Object.keys(createRequire(import.meta.url)(dist(`${name}.cjs`))).filter((each) => /^[\w$]+$/.test(each))
  putFile(dist(`${name}.node.cjs`), `const all = require('./${name}.cjs')\nmodule.exports = all\n`)
  putFile(dist(`${name}.node.js`), `import all from './${name}.node.cjs'\nexport const { ${names.join(', ')} } = all\n`)
}

/** Declarations for both module systems: relative imports get the endings that each of them asks for. */
function buildDeclarations() {
  const types = dist('types')
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', types]
  const config = join(root, 'web/tsconfig.build.json')
  execFileSync(process.execPath, [join(root, 'node_modules/vue-tsc/bin/vue-tsc.js'), '-p', config, ...options], {
    stdio: 'inherit',
  })
  const files = readdirSync(types, { recursive: true }).filter((file) => file.endsWith('.d.ts'))
  for (const file of files) {
    const path = join(types, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, withEndings(path, text, '.js'))
    writeFileSync(path.replace(/\.d\.ts$/, '.d.cts'), withEndings(path, text, '.cjs'))
  }
  for (const name of esmEntries) {
    const target = relative(source('.'), entryOf(name)).replace(/\.ts$/, '')
    putFile(dist(`${name}.d.ts`), `export * from './types/${target}.js'\n`)
    if (dualEntries.includes(name)) putFile(dist(`${name}.d.cts`), `export * from './types/${target}.cjs'\n`)
  }
  const parser = '../types/client/connection_string.cjs'
  putFile(
    dist(`${parserEntry}.d.cts`),
    `export { parseConnectionString, type ConnectionOptions, type QueryOptions } from '${parser}'\n`,
  )
}

function withEndings(file, text, ending) {
  return text.replace(/(from |import\()(['"])(\.\.?\/[^'"]+)\2/g, (_whole, before, quote, path) => {
    const isFolder = existsSync(join(dirname(file), path, 'index.d.ts'))
    return `${before}${quote}${path}${isFolder ? '/index' : ''}${ending}${quote}`
  })
}

async function buildStyles() {
  const shared = ['tokens', 'base', 'controls'].map((name) => readFileSync(source(`vue/style/${name}.css`), 'utf8'))
  const own = componentFiles.flatMap((file) => readComponent(source(`vue/components/${file}`)).styles)
  const all = [withThemes(shared[0]), ...shared.slice(1), ...own.map(({ content }) => content)].join('\n')
  const { code } = await transform(all, { loader: 'css', minify: true, target: 'chrome111' })
  putFile(dist('style.css'), code)
  putFile(dist('style.css.d.ts'), 'export {}\n')
}

/**
 * Writes tokens with light-dark() as two lists. Browsers of 2023 know no light-dark(), what bundlers put in its place works
 * only where `color-scheme` is set, and setting that would turn the page of an app dark.
 */
function withThemes(css) {
  return css.replace(/:where\(:root\) \{([^}]*)\}/g, (whole, body) => {
    const declarations = body.replace(/\/\*[^]*?\*\//g, '').split(';').filter((each) => each.trim() !== '')
    const themed = declarations.filter((each) => each.includes('light-dark('))
    if (themed.length === 0) return whole
    const list = (side) => themed.map((each) => oneSide(each, side)).join(';')
    const plain = declarations.filter((each) => !themed.includes(each)).join(';')
    return `:where(:root) {${plain}}
:where(:root, [data-theme='light']) {${list(0)}}
@media (prefers-color-scheme: dark) { :where(:root:not([data-theme='light'])) {${list(1)}} }
:where([data-theme='dark']) {${list(1)}}`
  })
}

/** Both sides of a light-dark() may have brackets, but no comma outside of them. */
function oneSide(declaration, side) {
  return declaration.replace(/light-dark\(((?:[^(),]|\([^()]*\))+),((?:[^(),]|\([^()]*\))+)\)/g, (...match) => match[side + 1].trim())
}

function printSizes(folder) {
  const files = readdirSync(folder).filter((file) => /\.(js|cjs|css|wasm)$/.test(file) && !/\.node\.c?js$/.test(file))
  const kB = (bytes) => (bytes / 1000).toFixed(1).padStart(8)
  console.log(`${'dist/'.padEnd(28)}${'kB'.padStart(8)}${'brotli'.padStart(8)}`)
  for (const file of files.sort()) {
    const bytes = readFileSync(join(folder, file))
    console.log(`${basename(file).padEnd(28)}${kB(bytes.length)}${kB(brotliCompressSync(bytes).length)}`)
  }
}

const command = 'bin/kurrentlite.js'
if (process.argv.includes('--command')) {
  await buildCommand(join(root, 'dist', command))
  process.exit()
}
copyModule()
if (!process.argv.includes('--module')) {
  rmSync(dist('.'), { recursive: true, force: true })
  await Promise.all([buildEsm(), ...dualEntries.map(buildCommonJs), buildParser(), buildStyles(), buildCommand(dist(command))])
  copyFileSync(join(generated, 'kurrentlite.wasm'), dist('kurrentlite.wasm'))
  copyFileSync(join(root, 'web/third_party_notices.txt'), dist('third_party_notices.txt'))
  for (const name of dualEntries) wrapForNode(name)
  buildDeclarations()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(staging, join(root, 'dist'))
  printSizes(join(root, 'dist'))
}
