import { KurrentDBUserData } from 'kurrentlite/vue'
import type { Scene } from '../page/main'
import { writeSamples } from '../samples'

export default {
  component: KurrentDBUserData,
  async prepare(session) {
    await writeSamples(session)
    return { userId: 'maya', readonly: true }
  },
} satisfies Scene
