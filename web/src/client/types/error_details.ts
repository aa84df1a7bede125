/** What the v2 append operations tell of a failure, as their protocol has it: states are revisions as text, or negative. */

/** `-1` no stream, `-2` any, `-4` stream exists, `-5` deleted, `-6` tombstoned, else a revision. */
export type StateNumber = string

export interface StreamDetails {
  stream: string
}
export interface RevisionConflictDetails {
  stream: string
  expectedRevision: StateNumber
  actualRevision: StateNumber
}
/** Sizes in bytes. */
export interface AppendRecordSizeExceededDetails {
  stream: string
  recordId: string
  size: number
  maxSize: number
}
/** Sizes in bytes. */
export interface TransactionSizeExceededDetails {
  size: number
  maxSize: number
}
export interface AppendConsistencyViolationDetails {
  violationsList: {
    checkIndex: number
    streamState?: { stream: string; expectedState: StateNumber; actualState: StateNumber }
  }[]
}
