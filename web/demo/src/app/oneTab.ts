import { readonly, ref } from 'vue'

/**
 * Two tabs that save the same database would overwrite each other's work. So one tab at a time has it: a tab that is opened
 * asks for it, and the one before saves, lets go and says so.
 */
const name = 'kurrentlite-demo'

/** A tab that the browser has put to sleep does not answer; its work is saved already. */
const patienceMs = 3000

const isElsewhere = ref(false)

/** Waits until this tab has the database to itself. `letGo` is called, once, when another tab asks for it. */
export async function takeDatabase(letGo: () => Promise<void>): Promise<void> {
  // Without locks (a page served without https from another machine) tabs stay on their own.
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) return
  const channel = new BroadcastChannel(name)
  const release = await acquire(channel, leave)

  async function leave(): Promise<void> {
    if (isElsewhere.value) return
    isElsewhere.value = true
    channel.close()
    try {
      await letGo()
    } finally {
      release()
    }
  }
  channel.onmessage = () => void leave()
}

/** Resolves to what gives the lock back, as soon as it is held. `lost` is called when it was taken by force. */
async function acquire(channel: BroadcastChannel, lost: () => Promise<void>): Promise<() => void> {
  const waiting = new AbortController()
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))

  let impatience: ReturnType<typeof setTimeout> | undefined
  await new Promise<void>((resolve) => {
    const hold = () => {
      clearTimeout(impatience)
      resolve()
      return released
    }
    const request = (options: LockOptions, whenDenied?: () => void) =>
      navigator.locks
        .request(name, options, (lock) => (lock ? hold() : whenDenied?.()))
        .catch(() => {
          if (!options.signal?.aborted) void lost()
        })
    void request({ ifAvailable: true }, () => {
      channel.postMessage('wanted')
      void request({ signal: waiting.signal })
      impatience = setTimeout(() => {
        waiting.abort()
        void request({ steal: true })
      }, patienceMs)
    })
  })
  return release
}

export const useOneTab = () => ({ isElsewhere: readonly(isElsewhere) })
