/*
 * How components write times, sizes and counts: in the words of the host's language. Made when first used: making a
 * formatter takes long, and a bundler may leave out what nobody calls.
 */

const made = new Map<string, unknown>()
function once<T>(name: string, make: () => T): T {
  if (!made.has(name)) made.set(name, make())
  return made.get(name) as T
}

const dateFormat = (name: string, options: Intl.DateTimeFormatOptions) =>
  once(name, () => new Intl.DateTimeFormat(undefined, options))

/** "23 Nov 2026, 07:42:10" */
export const formatDateTime = (date: Date): string =>
  dateFormat('date and time', { dateStyle: 'medium', timeStyle: 'medium' }).format(date)

/** "07:42:10" */
export const formatTime = (date: Date): string => dateFormat('time', { timeStyle: 'medium' }).format(date)

/** "12,345" */
export const formatNumber = (value: number | bigint): string =>
  once('number', () => new Intl.NumberFormat()).format(value)

/** "0 B", "1.4 kB", "23 MB": three digits at most. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`
}

/** "0.4 ms", "38 ms", "1.2 s". */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(1))} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`
}

/** "45 s", "12 min", "3 h 20 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** "1 document", "1,204 documents". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

/** "just now", "5 min ago", "yesterday"; a date when older than a week. `useAges` follows the clock. */
export function formatAge(date: Date, now: number): string {
  const seconds = Math.round((date.getTime() - now) / 1000)
  if (seconds > -10) return 'just now'
  const relative = once('relative', () => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' }))
  if (seconds > -60) return relative.format(seconds, 'second')
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute')
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour')
  if (seconds > -7 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day')
  return dateFormat('day', { dateStyle: 'medium' }).format(date)
}
