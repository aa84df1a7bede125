import { KurrentDBStreamHistory } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBStreamHistory,
  async prepare(session, record) {
    await writeSamples(session)
    await session.streams.archive('order-1042')
    await session.streams.restore('order-1042')
    return { id: 'order-1042', onRestored: record('restored') }
  },
} satisfies Scene
