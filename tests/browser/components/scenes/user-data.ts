import { KurrentDBUserData } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBUserData,
  async prepare(session, record) {
    await writeSamples(session)
    return { onStored: record('stored'), onDeleted: record('deleted') }
  },
} satisfies Scene
