export {
  ConfigError,
  ConnectionError,
  CorruptDataError,
  DocumentNotFoundError,
  KurrentDBDisabledError,
  KurrentDBService,
  KurrentLiteError,
  OperationTimeoutError,
  Session,
  StreamConflictError,
  StreamService,
  UserStreamService,
  ValidationError,
} from 'kurrentlite/services'
export { useUserStreamService } from 'kurrentlite/pinia'
export { createKurrentLite, useKurrentDB } from 'kurrentlite/vue'
