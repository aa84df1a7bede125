/** What a client did, written down so that two clients can be compared line by line. */

/** What one step of a script came to. */
export interface Entry {
  readonly step: string
  readonly lines: readonly string[]
}

// The official client calls a position the revision of metadata.
const POSITION_KEYS = new Set(['commit', 'prepare', 'position', 'commitPosition', 'metastreamRevision'])
const MADE_UP = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** What errors hold beyond what they tell, or what differs from machine to machine. */
const UNTOLD = new Set(['_raw', 'stack', 'message', 'name', 'cause'])

/** What hangs says where. */
class Hanging extends Error {}

async function inTime<T>(step: string, result: T): Promise<Awaited<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Hanging(`"${step}" did not end within 20 s`)), 20_000)))
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Takes down results and errors. Only what must differ from run to run is put otherwise: times of this run are `now`, positions
 * their order among all positions, and ids that somebody made up the order in which they came.
 */
export class Transcript {
  private readonly began = Date.now() - 60_000
  private readonly entries: { step: string; lines: string[] }[] = []
  private readonly ids = new Map<string, string>()

  /** @param given ids of the script itself, which stay as they are */
  constructor(private readonly given: RegExp) {}

  /** Notes what `act` answers or throws, at once or later; of an array, each element on its own line. */
  async step(step: string, act: () => unknown): Promise<void> {
    if (this.entries.some((each) => each.step === step)) throw new Error(`There are two steps "${step}"`)
    const lines: string[] = []
    this.entries.push({ step, lines })
    try {
      const result = await inTime(step, act())
      if (Array.isArray(result)) lines.push(`${result.length} of them`, ...result.map((each) => this.show(each)))
      else lines.push(this.show(result))
    } catch (error) {
      if (error instanceof Hanging) throw error
      lines.push(...this.showError(error))
    }
  }

  /** What was noted, once it is complete. */
  finished(): Entry[] {
    const text = JSON.stringify(this.entries)
    const positions = [...new Set([...text.matchAll(/@(\d+)@/g)].map(([, position]) => BigInt(position!)))]
    positions.sort((a, b) => (a < b ? -1 : 1))
    const ranks = new Map(positions.map((position, rank) => [String(position), rank]))
    return JSON.parse(text.replace(/@(\d+)@/g, (_, position: string) => `@${ranks.get(position)!}`)) as Entry[]
  }

  /** Kind, type and message of an error on lines of their own, then what else it tells. */
  showError(error: unknown): string[] {
    if (!(error instanceof Error)) return [`threw ${this.show(error)}`]
    const told = Object.entries(error).filter(([key]) => !UNTOLD.has(key))
    return [
      `threw ${error.constructor.name}`,
      `message ${this.text(error.message)}`,
      ...told.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key} ${this.show(value, key)}`),
    ]
  }

  show(value: unknown, key = ''): string {
    if (typeof value === 'bigint') return POSITION_KEYS.has(key) ? `@${value}@` : `${value}n`
    if (typeof value === 'string') return this.text(JSON.stringify(value))
    if (typeof value !== 'object' || value === null) return String(value)
    if (value instanceof Date) {
      const isNow = value.getTime() >= this.began && value.getTime() <= Date.now() + 60_000
      return isNow ? 'now' : value.toISOString()
    }
    // A Buffer or not: official reads make one, official subscriptions do not.
    if (ArrayBuffer.isView(value)) return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
    if (Array.isArray(value)) return `[${value.map((each) => this.show(each)).join(', ')}]`
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, each]) => `${name}: ${this.show(each, name)}`).join(', ')}}`
  }

  private text(text: string): string {
    return text.replace(MADE_UP, (id) => {
      if (this.given.test(id)) return id
      if (!this.ids.has(id)) this.ids.set(id, `id ${this.ids.size + 1}`)
      return this.ids.get(id)!
    })
  }
}
