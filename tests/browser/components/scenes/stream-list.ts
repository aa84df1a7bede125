import { KurrentDBStreamList } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBStreamList,
  async prepare(session, record) {
    await writeSamples(session)
    return { selected: 'incident-17', onSelect: record('select') }
  },
} satisfies Scene
