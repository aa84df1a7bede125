import { KurrentDBEventTimeline } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBEventTimeline,
  async prepare(session) {
    await writeSamples(session)
    return { events: (await session.openDatabase()).readAllEvents().slice(0, 6), withStream: true }
  },
} satisfies Scene
