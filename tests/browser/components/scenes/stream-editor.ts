import { KurrentDBStreamEditor } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBStreamEditor,
  async prepare(session, record) {
    await writeSamples(session)
    const document = await session.streams.get('order-1042')
    return { document, onSaved: record('saved'), onTransferred: record('transferred'), onCancel: record('cancel') }
  },
} satisfies Scene
