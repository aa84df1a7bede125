import type { Stream, UpdateStreamRequest } from '../../../services/models'
import { isSame } from '../parts/merge'

/** What of a document people change, as one JSON value. */
export const contentOf = ({ name, description = '', metadata: { tags }, permissions, data }: Stream) => ({
  name,
  description,
  tags,
  permissions,
  data,
})
export type Content = ReturnType<typeof contentOf>

/**
 * What is to be written to make `wanted` of `before`; `undefined` when that is nothing. Parts that stay are left out: who
 * may not change permissions may still change the rest.
 */
export function changedFields(before: Content, wanted: Content): UpdateStreamRequest | undefined {
  const changed = Object.entries(wanted).filter(([key, value]) => !isSame(before[key as keyof Content], value))
  return changed.length > 0 ? (Object.fromEntries(changed) as UpdateStreamRequest) : undefined
}
