import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { after } from '../../../services/timers'

/** Copying to the clipboard, and how it went. */
export interface Copying {
  /** `done` and `failed` last for two seconds. */
  readonly state: Readonly<Ref<'idle' | 'done' | 'failed'>>
  /** Puts a text on the clipboard. True when it is there: a browser may refuse, and pages without TLS have no clipboard. */
  copy(text: string): Promise<boolean>
}

const shownMs = 2000

export function useCopy(): Copying {
  const state = ref<'idle' | 'done' | 'failed'>('idle')
  let forget: (() => void) | undefined

  async function copy(text: string): Promise<boolean> {
    const clipboard = (globalThis.navigator as Navigator | undefined)?.clipboard as Clipboard | undefined
    const succeeded = clipboard
      ? await clipboard.writeText(text).then(
          () => true,
          () => false,
        )
      : false
    forget?.()
    state.value = succeeded ? 'done' : 'failed'
    forget = after(shownMs, () => (state.value = 'idle'))
    return succeeded
  }

  onScopeDispose(() => forget?.())
  return { state: readonly(state), copy }
}
