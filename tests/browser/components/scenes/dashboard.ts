import { KurrentDBDashboard } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBDashboard,
  async prepare(session, record) {
    await writeSamples(session)
    return { interval: 300, links: { documents: '#documents' }, onChecked: record('checked') }
  },
} satisfies Scene
