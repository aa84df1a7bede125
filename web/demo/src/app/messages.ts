import { readonly, ref } from 'vue'

export type Tone = 'good' | 'bad' | 'info'

export interface Message {
  readonly key: number
  readonly tone: Tone
  readonly text: string
}

const shownForMs = 6000
const messages = ref<Message[]>([])
let lastKey = 0

function dismiss(key: number): void {
  messages.value = messages.value.filter((message) => message.key !== key)
}

/** Shows `text` in a corner for a while and has screen readers say it. Bad news stay until dismissed. */
export function announce(text: string, tone: Tone = 'good'): void {
  const key = ++lastKey
  messages.value = [...messages.value.filter((message) => message.text !== text), { key, tone, text }].slice(-3)
  if (tone !== 'bad') setTimeout(() => dismiss(key), shownForMs)
}

export function useMessages() {
  return { messages: readonly(messages), dismiss }
}
