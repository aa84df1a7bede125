import { getCurrentInstance, hasInjectionContext, inject, onServerPrefetch, ssrContextKey } from 'vue'

/**
 * Whether the caller belongs to an app that is rendered on a server: once, and then thrown away, so that nothing may be
 * followed and no timer started. A program or a test without an app may do both.
 */
export function rendersOnServer(): boolean {
  if (!hasInjectionContext()) return false
  return typeof document === 'undefined' || inject(ssrContextKey, undefined) !== undefined
}

/** Lets the server wait for `load` before it renders the current component. What fails is for the component to show. */
export function loadBeforeRendering(load: () => Promise<unknown>): void {
  if (getCurrentInstance()) onServerPrefetch(() => load().catch(() => undefined))
}
