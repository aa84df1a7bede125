export { useKurrentDBStore } from './store'
export type {
  KurrentDBStoreActions,
  KurrentDBStoreGetters,
  KurrentDBStoreSetup,
  KurrentDBStoreState,
  UserDataActions,
} from './types'
export { useUserStreamService } from './user_stream'
