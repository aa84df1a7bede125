import { KurrentDBEventTable } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBEventTable,
  async prepare(session) {
    await writeSamples(session)
    return { stream: 'document-order-1042' }
  },
} satisfies Scene
