import { KurrentDBStreamEditor } from 'kurrentlite/vue'
import type { Scene } from '../page/main'

export default {
  component: KurrentDBStreamEditor,
  prepare: (_session, record) => Promise.resolve({ onSaved: record('saved'), onCancel: record('cancel') }),
} satisfies Scene
