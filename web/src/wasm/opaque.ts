/**
 * Keeps Vue from wrapping `object`, and what it leads to, in proxies when it is put into reactive state: what the core
 * hands out does not work through a proxy. The mark is the one that Vue's `markRaw` sets; Vue itself is not needed.
 */
export function keepOutOfProxies(object: object): void {
  Object.defineProperty(object, '__v_skip', { value: true })
}
