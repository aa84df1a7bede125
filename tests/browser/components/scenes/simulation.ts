import { KurrentDBSimulation } from 'kurrentlite/vue'
import type { Scene } from '../page/main'

export default {
  component: KurrentDBSimulation,
  prepare: (_session, record) => Promise.resolve({ onChange: record('change') }),
} satisfies Scene
