import { KurrentDBEventTable } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBEventTable,
  async prepare(session, record) {
    await writeSamples(session)
    return { pageSize: 10, streamHref: (stream: string) => `#${stream}`, onSelect: record('select') }
  },
} satisfies Scene
