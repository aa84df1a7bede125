import { computed, type ComputedRef, onScopeDispose, ref, type Ref, shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import { type KurrentLiteError, toKurrentLiteError } from '../../../services/errors'
import type { Session } from '../../../services/session'
import type { SimulationPreset, SimulationProfile } from '../../../wasm/core'
import { currentSession } from '../../app_session'
import { rendersOnServer } from '../../rendering'

/** Networks to choose from, in words. */
export const simulationPresets: readonly {
  readonly name: SimulationPreset
  readonly title: string
  readonly note: string
}[] = [
  { name: 'instant', title: 'Instant', note: 'No waiting, no faults' },
  { name: 'lan', title: 'Local', note: 'About 1 ms, steady' },
  { name: 'wan', title: 'Internet', note: 'About 40 ms' },
  { name: 'mobile', title: 'Mobile', note: 'About 120 ms, uneven' },
  { name: 'flaky', title: 'Flaky', note: 'Slow, 8 in 100 calls go wrong' },
]

/** Parts of the simulated network to change; the others stay. */
export interface SimulationChange {
  /** Replaces everything but `offline` and `seed`. */
  readonly preset?: SimulationPreset
  /** Milliseconds that half of the calls take at most; their spread stays, every kind of call alike. */
  readonly latencyMs?: number
  /** Chances from 0 to 1, as in `SimulationProfile`. */
  readonly errorRate?: number
  readonly lostReplyRate?: number
  readonly disconnectRate?: number
  readonly offline?: boolean
  /** From 0 to 4294967295: the same seed and the same calls meet the same faults. */
  readonly seed?: number
}

/** The simulated network, and how to change it. */
export interface Simulation {
  /** The profile in force; `null` until the database is loaded. */
  readonly profile: Readonly<ShallowRef<SimulationProfile | null>>
  /** The preset that the profile began as. */
  readonly preset: ComputedRef<SimulationPreset | null>
  /** Parts of it were changed since. */
  readonly isAdjusted: Readonly<Ref<boolean>>
  /** The median of writes, in milliseconds. */
  readonly latencyMs: ComputedRef<number>
  readonly error: Readonly<ShallowRef<KurrentLiteError | null>>
  /** Holds for calls from now on. True when it succeeded. */
  change(changes: SimulationChange): Promise<boolean>
}

/** The simulated network between a session and its database, followed for as long as the caller's scope lives. */
export function useSimulation(session: Session = currentSession()): Simulation {
  const profile = shallowRef<SimulationProfile | null>(null)
  const error = shallowRef<KurrentLiteError | null>(null)
  const isAdjusted = ref(false)
  const preset = computed(() => simulationPresets.find(({ name }) => name === profile.value?.name)?.name ?? null)

  async function attempt(work: () => Promise<SimulationProfile>): Promise<boolean> {
    const outcome = await work().then(
      (found) => ({ found }),
      (thrown: unknown) => ({ thrown }),
    )
    if ('found' in outcome) profile.value = outcome.found
    error.value = 'found' in outcome ? null : toKurrentLiteError(outcome.thrown)
    return 'found' in outcome
  }

  const environmentNow = (): string => session.environment
  let environment = environmentNow()
  const read = (): void => void attempt(() => session.simulation())
  if (!rendersOnServer()) {
    read()
    const stops = [
      session.on('simulation', read),
      session.on('connection', () => {
        if (environmentNow() === environment) return
        environment = environmentNow()
        isAdjusted.value = false
        read()
      }),
    ]
    onScopeDispose(() => stops.forEach((stop) => stop()))
  }

  async function change(changes: SimulationChange): Promise<boolean> {
    const { preset: chosen, latencyMs, ...rest } = changes
    const before = profile.value ?? (await session.simulation())
    const { name: _name, latency, ...kept } = before
    const options =
      chosen !== undefined
        ? { preset: chosen, offline: kept.offline, seed: kept.seed, ...rest }
        : {
            ...kept,
            ...(preset.value && { preset: preset.value }),
            latency: latencyMs === undefined ? latency : scaled(latency, latencyMs),
            ...rest,
          }
    if (!(await attempt(() => session.setSimulation(options)))) return false
    if (chosen !== undefined) isAdjusted.value = false
    const { offline: _offline, seed: _seed, ...adjusted } = rest
    if (latencyMs !== undefined || Object.keys(adjusted).length > 0) isAdjusted.value = true
    return true
  }

  return {
    profile: shallowReadonly(profile),
    preset,
    isAdjusted,
    latencyMs: computed(() => profile.value?.latency.append.medianMs ?? 0),
    error: shallowReadonly(error),
    change,
  }
}

type Latencies = SimulationProfile['latency']

/** The same spread around another median. */
function scaled(latency: Latencies, medianMs: number): Latencies {
  const entries = Object.entries(latency).map(([operation, { spread }]) => [
    operation,
    { medianMs, spread: medianMs === 0 ? 0 : spread || 0.25, minMs: medianMs / 3, maxMs: medianMs * 6 },
  ])
  return Object.fromEntries(entries) as Latencies
}
