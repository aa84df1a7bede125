// The app of packed.test.ts: a user's first lines with the installed package.
import { createPinia } from 'pinia'
import { createApp, h } from 'vue'
import { useKurrentDBStore, useUserStreamService } from 'kurrentlite/pinia'
import { Session, ValidationError } from 'kurrentlite/services'
import { createKurrentLite, KurrentDBStatus } from 'kurrentlite/vue'
import 'kurrentlite/style.css'

const app = createApp({
  setup() {
    const store = useKurrentDBStore()
    return () => h('main', [h(KurrentDBStatus), h('p', store.streams.map(({ name }) => name).join())])
  },
})
app.use(createPinia()).use(createKurrentLite())
app.mount('#app')

const store = useKurrentDBStore()
const { id } = await store.createStream({ name: 'packed', data: { profile: { name: 'John' } } })
const stream = await store.getStream<{ profile: { name: string } }>(id)
const name: string | undefined = stream?.data.profile.name
await useUserStreamService().storeUserData('user-id', { theme: 'dark' })
const refused = await store.createStream({ name: '', data: 1 }).catch((error: unknown) => error)
// @ts-expect-error the declarations are found: a count is no text
const wrong: string = store.totalStreams
// The part that checks JSON Schemas is a chunk of its own.
const strict = new Session({ kinds: { '*': { schema: { type: 'object', required: ['total'] } } } })
const unfit = await strict.streams.create({ name: 'A', data: {} }).catch((error: unknown) => error)
strict.dispose()
const fields = [refused, unfit].map((error) => error instanceof ValidationError && error.field)
const outcome = [name, store.connection.environment, wrong, ...fields]
document.title = `ready: ${outcome.join(', ')}`
