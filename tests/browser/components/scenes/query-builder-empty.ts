import { KurrentDBQueryBuilder } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBQueryBuilder,
  async prepare(session, record) {
    await writeSamples(session)
    return { pageSize: 5, onSelect: record('select'), 'onUpdate:query': record('query') }
  },
} satisfies Scene
