import { KurrentDBLiveTail } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBLiveTail,
  async prepare(session, record) {
    await writeSamples(session)
    return { limit: 30, history: 5, streamHref: (stream: string) => `#${stream}`, onSelect: record('select') }
  },
} satisfies Scene
