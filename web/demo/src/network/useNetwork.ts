import { computed, ref, watch } from 'vue'
import type { SimulationPreset } from '@/features/kurrentDB'
import { useDatabase } from '../app/database'

export const presets: readonly { readonly name: SimulationPreset; readonly title: string; readonly note: string }[] = [
  { name: 'instant', title: 'Instant', note: 'No waiting, no faults' },
  { name: 'lan', title: 'Local', note: 'About 1 ms, steady' },
  { name: 'wan', title: 'Internet', note: 'About 40 ms' },
  { name: 'mobile', title: 'Mobile', note: 'About 120 ms, uneven' },
  { name: 'flaky', title: 'Flaky', note: 'Slow, 8 in 100 calls go wrong' },
]

/** Slider places for the latency: fine steps where they can be felt, up to two seconds. */
export const latencySteps = [0, 1, 2, 5, 10, 20, 40, 60, 80, 120, 160, 200, 300, 400, 500, 750, 1000, 1500, 2000]

/** The simulated network between this page and its database, as controls. */
export function useNetwork() {
  const { simulation, setSimulation, environment } = useDatabase()
  const preset = ref<SimulationPreset>()
  const isCustom = ref(false)

  /** Profiles carry the name of the preset that they began as. */
  watch(
    [simulation, environment],
    () => {
      const name = simulation.value?.name
      preset.value = presets.find((known) => known.name === name)?.name ?? preset.value ?? 'instant'
    },
    { immediate: true },
  )
  watch(environment, () => (isCustom.value = false))

  const latencyMs = computed(() => simulation.value?.latency.append.medianMs ?? 0)
  const errorPercent = computed(() => Math.round((simulation.value?.errorRate ?? 0) * 100))
  const offline = computed(() => simulation.value?.offline ?? false)

  async function choose(name: SimulationPreset): Promise<void> {
    await setSimulation({ preset: name, offline: offline.value })
    preset.value = name
    isCustom.value = false
  }

  /** Changes parts of the profile in force and keeps the others. */
  async function adjust(change: { latencyMs?: number; errorPercent?: number; offline?: boolean }): Promise<void> {
    const profile = simulation.value
    if (!profile) return
    const { name: _name, ...rest } = profile
    const latency =
      change.latencyMs === undefined ? profile.latency : scale(profile.latency, change.latencyMs)
    await setSimulation({
      ...rest,
      latency,
      ...(preset.value && { preset: preset.value }),
      ...(change.errorPercent !== undefined && { errorRate: change.errorPercent / 100 }),
      ...(change.offline !== undefined && { offline: change.offline }),
    })
    if (change.latencyMs !== undefined || change.errorPercent !== undefined) isCustom.value = true
  }

  return { preset, isCustom, latencyMs, errorPercent, offline, choose, adjust }
}

type Latencies = NonNullable<ReturnType<typeof useDatabase>['simulation']['value']>['latency']

/** The same spread around another median; every kind of call alike. */
function scale(latency: Latencies, medianMs: number): Latencies {
  const entries = Object.entries(latency).map(([operation, { spread }]) => [
    operation,
    { medianMs, spread: medianMs === 0 ? 0 : spread || 0.25, minMs: medianMs / 3, maxMs: medianMs * 6 },
  ])
  return Object.fromEntries(entries) as Latencies
}
