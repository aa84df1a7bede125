export { useKurrentDBStore } from 'kurrentlite/pinia'
