import { onMounted, onScopeDispose, readonly, ref, type Ref } from 'vue'

/** The width of an element in CSS pixels, followed; `assumed` until it is known. */
export function useWidth(element: Readonly<Ref<Element | null>>, assumed: number): Readonly<Ref<number>> {
  const width = ref(assumed)
  let observer: ResizeObserver | undefined
  onMounted(() => {
    if (!element.value) return
    observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) width.value = Math.round(entry.contentRect.width)
    })
    observer.observe(element.value)
  })
  onScopeDispose(() => observer?.disconnect())
  return readonly(width)
}
