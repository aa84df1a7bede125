export { KurrentDBStatus } from 'kurrentlite/vue'
