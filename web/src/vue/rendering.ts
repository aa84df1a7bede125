import { getCurrentInstance, hasInjectionContext, inject, onServerPrefetch, ssrContextKey } from 'vue'
import type { Carrier } from './session_carrier'

/**
 * Whether the caller belongs to an app that is rendered on a server: once, and then thrown away, so that nothing may be
 * followed and no timer started. A program or a test without an app may do both.
 */
export function rendersOnServer(): boolean {
  if (!hasInjectionContext()) return false
  return typeof document === 'undefined' || inject(ssrContextKey, undefined) !== undefined
}

/** Whether stores of this Pinia belong to such an app. */
export function piniaRendersOnServer({ _a: app }: Pick<Carrier, '_a'>): boolean {
  return app ? app.runWithContext(rendersOnServer) : false
}

/** Lets the server wait for `load` before it renders the current component. What fails is for the component to show. */
export function loadBeforeRendering(load: () => Promise<unknown>): void {
  if (getCurrentInstance()) onServerPrefetch(() => load().catch(() => undefined))
}
