import { KurrentDBQueryBuilder } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBQueryBuilder,
  async prepare(session, record) {
    await writeSamples(session)
    return {
      query: {
        where: { 'data.total': { gte: 100 }, or: [{ owner: 'maya' }, { tags: { contains: 'shop' } }] },
        sort: ['-data.total'],
        groupBy: 'tags',
      },
      onSelect: record('select'),
      'onUpdate:query': record('query'),
    }
  },
} satisfies Scene
