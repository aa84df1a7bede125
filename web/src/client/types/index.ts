/** The types of `@kurrent/kurrentdb-client`, by its names. */

export type {
  AppendErrorDetails, AppendRecordInput, AppendRecordsResult, AppendResponse, AppendStreamRequest, BaseAppendErrorDetails,
  ConsistencyCheck, ConsistencyViolation, MultiAppendResult, StreamStateCheck,
} from './append'
export { UnknownErrorDetails } from './append'
export type {
  AppendResult, AppendStreamState, BaseOptions, BasicCredentials, BearerCredentials, Certificate, Credentials,
  CredentialsProvider, CurrentStreamState, DeleteResult, Direction, EndPoint, GRPCClientConstructor, MemberInfo,
  NodePreference, Position, ReadPosition, ReadRevision, StreamState, VerifyOptions,
} from './core'
export { VNodeState } from './core'
export type * from './events'
export type { Filter, FilterBase, FilterOn, PrefixesFilter, RegexFilter } from './filters'
export type { GetStreamMetadataResult, StreamACL, StreamMetadata } from './metadata'
export type * from './options'
export type {
  ConsumerStrategy, ExtraStatisticsKey, PersistentAction, PersistentSubscriptionConnectionInfo,
  PersistentSubscriptionToAllInfo, PersistentSubscriptionToAllSettings, PersistentSubscriptionToAllStats,
  PersistentSubscriptionToStreamInfo, PersistentSubscriptionToStreamSettings, PersistentSubscriptionToStreamStats,
} from './persistent'
export type { ProcessingStatus, ProjectionDetails, ProjectionEngineVersion, ProjectionStatus } from './projections'
export type {
  AllStreamSubscription, CatchupSubscription, CaughtUp, FellBehind, PersistentSubscriptionBase,
  PersistentSubscriptionToAll, PersistentSubscriptionToStream, ReadableSubscription, StreamingRead, StreamSubscription,
} from './streams'
