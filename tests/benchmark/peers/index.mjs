/** Stores that a team would take instead, as subjects of the benchmark (see ../package/subjects.mjs). */
import { sqlStore } from './sql_store.mjs'

/** Statements of a database that answers at once. */
const atOnce = (prepare) => ({
  begin: prepare('begin'),
  commit: prepare('commit'),
  next: prepare('select coalesce(max(revision) + 1, 0) as next from events where stream = ?'),
  insert: prepare('insert into events (stream, revision, id, type, data, metadata, created) values (?, ?, ?, ?, ?, ?, ?)'),
  stream: prepare('select * from events where stream = ? order by revision'),
  all: prepare('select * from events order by position'),
  types: prepare('select * from events where type >= ? and type < ? order by position'),
})

const schema = [
  'create table events (position integer primary key, stream text not null, revision integer not null, id text not null, ' +
    'type text not null, data text not null, metadata text not null, created real not null)',
  'create unique index by_stream on events (stream, revision)',
  'create index by_type on events (type)',
]

async function openBetterSqlite({ default: Database }) {
  const database = new Database(':memory:')
  for (const each of schema) database.exec(each)
  const statements = atOnce((text) => {
    const statement = database.prepare(text)
    return statement.reader ? (...values) => statement.iterate(...values) : (...values) => statement.run(...values)
  })
  return sqlStore(statements, () => database.close())
}

async function openSqliteWasm({ default: init }) {
  const sqlite = await init({ print() {}, printErr() {} })
  const database = new sqlite.oo1.DB(':memory:')
  for (const each of schema) database.exec(each)
  const prepared = []
  const statements = atOnce((text) => {
    const statement = database.prepare(text)
    prepared.push(statement)
    return function* (...values) {
      if (values.length > 0) statement.bind(values)
      while (statement.step()) yield statement.get({})
      statement.reset()
    }
  })
  return sqlStore(drained(statements), () => {
    for (const each of prepared) each.finalize()
    database.close()
  })
}

async function openSqlJs({ default: init }) {
  const { Database } = await init()
  const database = new Database()
  for (const each of schema) database.run(each)
  const statements = atOnce((text) => {
    const statement = database.prepare(text)
    return function* (...values) {
      statement.bind(values)
      while (statement.step()) yield statement.getAsObject()
      statement.reset()
    }
  })
  return sqlStore(drained(statements), () => database.close())
}

/** Statements without rows run only when somebody asks their generator. */
function drained(statements) {
  const run = (statement) => (...values) => void [...statement(...values)]
  const { begin, commit, insert } = statements
  return { ...statements, begin: run(begin), commit: run(commit), insert: run(insert) }
}

async function openPglite({ PGlite }) {
  const database = await PGlite.create()
  await database.exec(
    'create table events (position bigserial primary key, stream text not null, revision bigint not null, id uuid not null, ' +
      'type text not null, data json not null, metadata json not null, created double precision not null);' +
      'create unique index by_stream on events (stream, revision); create index by_type on events (type)',
  )
  // It parses JSON itself, and gives numbers for what fits.
  const rows = async (text, values) => (await database.query(text, values)).rows
  return {
    append: (stream, events) =>
      database.transaction(async (transaction) => {
        const found = await transaction.query('select coalesce(max(revision) + 1, 0) as next from events where stream = $1', [stream])
        let revision = Number(found.rows[0].next)
        for (const { type, data, metadata } of events) {
          await transaction.query(
            'insert into events (stream, revision, id, type, data, metadata, created) values ($1, $2, $3, $4, $5, $6, $7)',
            [stream, revision++, crypto.randomUUID(), type, data, metadata, Date.now()],
          )
        }
      }),
    async readStream(stream, visit) {
      for (const event of await rows('select * from events where stream = $1 order by revision', [stream])) visit(event)
    },
    async readAll(visit) {
      for (const event of await rows('select * from events order by position')) visit(event)
    },
    async readTypes(prefix, visit) {
      const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`
      for (const event of await rows('select * from events where type >= $1 and type < $2 order by position', [prefix, end])) visit(event)
    },
    close: () => database.close(),
  }
}

async function openEmmett({ getInMemoryEventStore }) {
  const store = getInMemoryEventStore()
  return {
    append: (stream, events) => store.appendToStream(stream, events),
    async readStream(stream, visit) {
      for (const event of (await store.readStream(stream)).events) visit(event)
    },
    close() {},
  }
}

/** In the order of their rows. `share`: of the size that is measured, where the whole would take minutes. */
const peers = [
  { title: 'emmett, in memory', module: '@event-driven-io/emmett', open: openEmmett, isolated: false },
  { title: 'better-sqlite3', module: 'better-sqlite3', open: openBetterSqlite, isolated: true },
  { title: 'sqlite-wasm', module: '@sqlite.org/sqlite-wasm', open: openSqliteWasm, isolated: true },
  { title: 'sql.js', module: 'sql.js', open: openSqlJs, isolated: true, insteadOf: 'better-sqlite3' },
  { title: 'PGlite', module: '@electric-sql/pglite', open: openPglite, isolated: true, share: 0.05 },
]

/** The peers that `load` finds, by their titles. One that is not installed here (better-sqlite3 needs a compiler) is left out. */
export async function peerSubjects(load = (name) => import(name)) {
  const subjects = {}
  for (const { title, module, open, isolated, share, insteadOf } of peers) {
    if (insteadOf && subjects[insteadOf]) continue
    const found = await load(module).catch(() => undefined)
    if (found) subjects[title] = { isolated, share, open: () => open(found) }
  }
  return subjects
}
