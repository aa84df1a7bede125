import type { Database, StoredEvent } from '../../wasm/core'
import { turn } from '../../wasm/environment'

/** What is known of a stream without asking for it. */
export interface KnownStream {
  readonly name: string
  /** Revision of the last event, and 1. */
  version: number
  /** The newest events, oldest first. */
  readonly latest: { readonly revision: number; readonly type: string }[]
}

const PAGE_EVENTS = 500
const LATEST_EVENTS = 20

/** The streams of a database, kept up with what is appended. Goes around the simulated network and its faults. */
export class StreamIndex {
  /** In the order of the last append. */
  readonly streams = new Map<string, KnownStream>()
  private after: bigint | undefined
  private reading = false
  /** Where the log ended when this was made: what comes after it is news, also while what was there is still being read. */
  private readonly begin: bigint
  private readonly stopListening: () => void

  constructor(
    private readonly database: Database,
    /** Called with events that were appended since this was made. */
    private readonly appended: (events: readonly StoredEvent[]) => void,
    private readonly changed: () => void,
  ) {
    this.begin = database.head()
    this.stopListening = database.onAppend(() => void this.read())
    void this.read()
  }

  stop(): void {
    this.stopListening()
  }

  events(stream: string, version: number): StoredEvent[] {
    const from = BigInt(Math.max(0, version - PAGE_EVENTS))
    return this.database.readEvents(stream, { from, maxCount: PAGE_EVENTS })
  }

  /** Page by page, so that a large database does not stop the page that is being looked at. */
  private async read(): Promise<void> {
    if (this.reading) return
    this.reading = true
    try {
      for (;;) {
        const from = this.after === undefined ? {} : { after: this.after }
        const events = this.database.readAllEvents({ ...from, maxCount: PAGE_EVENTS })
        for (const event of events) this.note(event)
        if (events.length === 0) break
        const news = events.filter(({ position }) => position.commit > this.begin)
        if (news.length > 0) this.appended(news)
        this.changed()
        await turn()
      }
    } catch {
      this.stop() // the database was closed
    } finally {
      this.reading = false
    }
  }

  private note({ streamId: name, revision, type, position }: StoredEvent): void {
    const known = this.streams.get(name) ?? { name, version: 0, latest: [] }
    known.version = Number(revision) + 1
    known.latest.push({ revision: Number(revision), type })
    if (known.latest.length > LATEST_EVENTS) known.latest.shift()
    this.streams.delete(name)
    this.streams.set(name, known)
    this.after = position.commit
  }
}
