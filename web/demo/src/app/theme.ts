import { computed, ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

/** Also read by public/theme.js. */
const storageKey = 'kurrentlite-demo-theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = ref(prefersDark.matches)
prefersDark.addEventListener('change', (event) => (systemIsDark.value = event.matches))

function stored(): Theme {
  const value = document.documentElement.dataset.theme
  return value === 'light' || value === 'dark' ? value : 'system'
}

const theme = ref<Theme>(stored())

watchEffect(() => {
  const root = document.documentElement
  if (theme.value === 'system') delete root.dataset.theme
  else root.dataset.theme = theme.value
  try {
    if (theme.value === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme.value)
  } catch {
    // Storage may be switched off; the choice then lasts until the page is left.
  }
})

/** The system's theme until the person chooses; choosing what the system has anyway goes back to following it. */
export function useTheme() {
  const isDark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'))
  return {
    isDark,
    toggle: () => {
      const next = isDark.value ? 'light' : 'dark'
      theme.value = (next === 'dark') === systemIsDark.value ? 'system' : next
    },
  }
}
