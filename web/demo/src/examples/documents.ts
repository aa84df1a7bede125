import { useKurrentDBStore } from '@/features/kurrentDB'
const dbStore = useKurrentDBStore()
await dbStore.createStream({ name: 'User Profile', data: { userId: '123', profile: { name: 'John' } } })
const stream = await dbStore.getStream('stream-id')
await dbStore.updateStream('stream-id', { data: { updated: true } })
await dbStore.deleteStream('stream-id')
