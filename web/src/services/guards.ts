import { isDevelopment } from './environment'
import type { EventClient } from './event_client'
import type { KurrentLiteOptions } from './options'
import { DataGuard, type SanitizedData } from './validation/guard'
import { withSchemas } from './validation/with_schemas'

/** The rules of a session, by what they hold for. */
export interface Guards {
  readonly documents: DataGuard
  readonly users: DataGuard
  /** The client, with the schemas of events if there are any. */
  client(client: EventClient): EventClient
}

/** `tell` is told of every write whose data were changed. */
export function makeGuards(options: KurrentLiteOptions, tell: (sanitized: SanitizedData) => void): Guards {
  const told = (sanitized: SanitizedData, handled: boolean): void => {
    options.onSanitized?.(sanitized)
    if (!handled && !options.onSanitized) warnOnce(sanitized)
    tell(sanitized)
  }
  return {
    documents: new DataGuard('kinds', options.kinds, told),
    users: new DataGuard('userData', options.userData, told),
    client: (client) => (options.eventSchemas ? withSchemas(client, options.eventSchemas, told) : client),
  }
}

const warned = new Set<string>()

/** Nobody asked to be told, so that whoever develops the app should hear of it. */
function warnOnce({ subject, kind, changes }: SanitizedData): void {
  const what = `${subject} of ${subject === 'document' ? 'kind' : 'type'} ${kind === undefined ? '(none)' : `"${kind}"`}`
  if (!isDevelopment() || warned.has(what)) return
  warned.add(what)
  const places = changes.slice(0, 3).map(({ path, rule }) => `${path} (${rule})`)
  const more = changes.length > places.length ? ` and ${changes.length - places.length} more` : ''
  console.warn(
    `kurrentlite: data were sanitized before they were stored: ${what}, ${places.join(', ')}${more}. ` +
      'Give `onSanitized` to handle this; it is told once.',
  )
}
