/**
 * Ours against the declarations of the official package, both ways. What differs on purpose is in DIFFERENCES.md and in the
 * last suite here. That no exported type is forgotten is for client_exports.test.ts to see.
 */
import type * as official from '@kurrent/kurrentdb-client'
import { describe, expectTypeOf, it } from 'vitest'
import type { ClientOperations } from '../../web/src/client/api'
import type * as ours from '../../web/src/client/index'
import type { HostReadable } from '../../web/src/client/types/host'

/** How two types fit: each in the other's place, or one only. */
type Fit<Ours, Official> = [Ours] extends [Official]
  ? [Official] extends [Ours]
    ? 'same'
    : 'ours is narrower'
  : [Official] extends [Ours]
    ? 'ours is wider'
    : 'different'

/** Compiles when all are the same, else names those that are not. */
type AllSame = Record<string, 'same'>
const expectSame = <Types extends AllSame>(): Types | undefined => undefined

type AnyFunction = (...args: never[]) => unknown
type Parts<F> = F extends AnyFunction ? [Parameters<F>, ReturnType<F>] : never
/** Functions also by what goes in and what comes out, since methods alone would fit too easily. */
type FitOf<Ours, Official> = [Ours, Official] extends [AnyFunction, AnyFunction]
  ? Fit<Ours, Official> | Fit<Parts<Ours>[0], Parts<Official>[0]> | Fit<Parts<Ours>[1], Parts<Official>[1]>
  : Fit<Ours, Official>

type Json = { type: 'json'; data: { text: string } }
type JsonWithMetadata = { type: 'json-meta'; data: { text: string }; metadata: { by: string } }
type Binary = { type: 'binary'; data: Uint8Array }
type BinaryWithMetadata = { type: 'binary-meta'; data: Uint8Array; metadata: Uint8Array }
type Some = Json | JsonWithMetadata | Binary | BinaryWithMetadata

describe('the client', () => {
  type Official = Omit<official.KurrentDBClient, 'rustClient'>

  it('has every public member and no other', () => {
    expectTypeOf<keyof ours.KurrentDBClient>().toEqualTypeOf<keyof Official>()
    expectTypeOf<keyof typeof ours.KurrentDBClient>().toEqualTypeOf<keyof typeof official.KurrentDBClient>()
  })

  it('has members that fit both ways', () => {
    expectSame<{ [Member in keyof Official]: FitOf<ours.KurrentDBClient[Member], Official[Member]> }>()
    expectTypeOf<ours.KurrentDBClient>().toExtend<ClientOperations>()
  })

  it('is made alike', () => {
    type Make = typeof ours.KurrentDBClient.connectionString
    type OfficialMake = typeof official.KurrentDBClient.connectionString
    expectSame<{ parameters: Fit<Parameters<Make>, Parameters<OfficialMake>> }>()
    expectTypeOf<ReturnType<Make>>().toEqualTypeOf<ours.KurrentDBClient>()
    expectTypeOf<ReturnType<OfficialMake>>().toEqualTypeOf<official.KurrentDBClient>()
  })

  it('knows the types of events', () => {
    const check = async (client: ClientOperations, theirs: official.KurrentDBClient) => {
      const mine = client.readStream<Some>('s')
      expectTypeOf(mine).toEqualTypeOf(theirs.readStream<Some>('s') as unknown as typeof mine)
      for await (const { event } of mine) {
        if (event?.type !== 'json-meta') continue
        expectTypeOf(event.isJson).toEqualTypeOf<true>()
        expectTypeOf(event.data).toEqualTypeOf<{ text: string }>()
        expectTypeOf(event.metadata).toEqualTypeOf<{ by: string }>()
      }
      client.subscribeToStream<Binary>('s').on('data', ({ event }) => {
        expectTypeOf(event!.data).toEqualTypeOf<Uint8Array>()
        expectTypeOf(event!.metadata).toEqualTypeOf<ours.MetadataType | undefined>()
      })
      client.subscribeToAll().once('caughtUp', (info) => expectTypeOf(info.position).toEqualTypeOf<ours.Position | undefined>())
      expectTypeOf(await client.getProjectionState<{ count: number }>('p')).toEqualTypeOf<{ count: number }>()
      const { metadata } = await client.getStreamMetadata<{ colour: string }>('s')
      expectTypeOf(metadata!.colour).toEqualTypeOf<string>()
      // @ts-expect-error no such event
      await client.appendToStream<Json>('s', {} as ours.EventData<Binary>)
      // @ts-expect-error a number is no revision
      client.subscribeToStream('s', { fromRevision: 1 })
      // @ts-expect-error settings must be complete
      await client.createPersistentSubscriptionToStream('s', 'g', { startFrom: 'start' })
    }
    expectTypeOf(check).toBeFunction()
  })
})

describe('types', () => {
  it('of options fit both ways', () => {
    expectSame<{
      AbortProjectionOptions: Fit<ours.AbortProjectionOptions, official.AbortProjectionOptions>
      AppendToStreamOptions: Fit<ours.AppendToStreamOptions, official.AppendToStreamOptions>
      BaseOptions: Fit<ours.BaseOptions, official.BaseOptions>
      CreatePersistentSubscriptionToAllOptions: Fit<
        ours.CreatePersistentSubscriptionToAllOptions,
        official.CreatePersistentSubscriptionToAllOptions
      >
      CreateProjectionOptions: Fit<ours.CreateProjectionOptions, official.CreateProjectionOptions>
      DeletePersistentSubscriptionToAllOptions: Fit<
        ours.DeletePersistentSubscriptionToAllOptions,
        official.DeletePersistentSubscriptionToAllOptions
      >
      DeletePersistentSubscriptionToStreamOptions: Fit<
        ours.DeletePersistentSubscriptionToStreamOptions,
        official.DeletePersistentSubscriptionToStreamOptions
      >
      DeleteProjectionOptions: Fit<ours.DeleteProjectionOptions, official.DeleteProjectionOptions>
      DeleteStreamOptions: Fit<ours.DeleteStreamOptions, official.DeleteStreamOptions>
      DisableProjectionOptions: Fit<ours.DisableProjectionOptions, official.DisableProjectionOptions>
      DNSClusterOptions: Fit<ours.DNSClusterOptions, official.DNSClusterOptions>
      EnableProjectionOptions: Fit<ours.EnableProjectionOptions, official.EnableProjectionOptions>
      FilterOptions: Fit<ours.FilterOptions, official.FilterOptions>
      GetPersistentSubscriptionToAllInfoOptions: Fit<
        ours.GetPersistentSubscriptionToAllInfoOptions,
        official.GetPersistentSubscriptionToAllInfoOptions
      >
      GetPersistentSubscriptionToStreamInfoOptions: Fit<
        ours.GetPersistentSubscriptionToStreamInfoOptions,
        official.GetPersistentSubscriptionToStreamInfoOptions
      >
      GetProjectionResultOptions: Fit<ours.GetProjectionResultOptions, official.GetProjectionResultOptions>
      GetProjectionStateOptions: Fit<ours.GetProjectionStateOptions, official.GetProjectionStateOptions>
      GetProjectionStatusOptions: Fit<ours.GetProjectionStatusOptions, official.GetProjectionStatusOptions>
      GetStreamMetadataOptions: Fit<ours.GetStreamMetadataOptions, official.GetStreamMetadataOptions>
      GossipClusterOptions: Fit<ours.GossipClusterOptions, official.GossipClusterOptions>
      ReadAllOptions: Fit<ours.ReadAllOptions, official.ReadAllOptions>
      ReadStreamOptions: Fit<ours.ReadStreamOptions, official.ReadStreamOptions>
      ReplayParkedMessagesToAllOptions: Fit<ours.ReplayParkedMessagesToAllOptions, official.ReplayParkedMessagesToAllOptions>
      ReplayParkedMessagesToStreamOptions: Fit<
        ours.ReplayParkedMessagesToStreamOptions,
        official.ReplayParkedMessagesToStreamOptions
      >
      ResetProjectionOptions: Fit<ours.ResetProjectionOptions, official.ResetProjectionOptions>
      RestartPersistentSubscriptionSubsystemOptions: Fit<
        ours.RestartPersistentSubscriptionSubsystemOptions,
        official.RestartPersistentSubscriptionSubsystemOptions
      >
      RestartSubsystemOptions: Fit<ours.RestartSubsystemOptions, official.RestartSubsystemOptions>
      SetStreamMetadataOptions: Fit<ours.SetStreamMetadataOptions, official.SetStreamMetadataOptions>
      SingleNodeOptions: Fit<ours.SingleNodeOptions, official.SingleNodeOptions>
      SubscribeToAllOptions: Fit<ours.SubscribeToAllOptions, official.SubscribeToAllOptions>
      SubscribeToPersistentSubscriptionToAllOptions: Fit<
        ours.SubscribeToPersistentSubscriptionToAllOptions,
        official.SubscribeToPersistentSubscriptionToAllOptions
      >
      SubscribeToPersistentSubscriptionToStreamOptions: Fit<
        ours.SubscribeToPersistentSubscriptionToStreamOptions,
        official.SubscribeToPersistentSubscriptionToStreamOptions
      >
      SubscribeToStreamOptions: Fit<ours.SubscribeToStreamOptions, official.SubscribeToStreamOptions>
      TombstoneStreamOptions: Fit<ours.TombstoneStreamOptions, official.TombstoneStreamOptions>
      UpdatePersistentSubscriptionToAllOptions: Fit<
        ours.UpdatePersistentSubscriptionToAllOptions,
        official.UpdatePersistentSubscriptionToAllOptions
      >
      UpdateProjectionOptions: Fit<ours.UpdateProjectionOptions, official.UpdateProjectionOptions>
      VerifyOptions: Fit<ours.VerifyOptions, official.VerifyOptions>
    }>()
  })

  it('that operations share fit both ways', () => {
    expectSame<{
      AppendErrorDetails: Fit<ours.AppendErrorDetails, official.AppendErrorDetails>
      AppendRecordInput: Fit<ours.AppendRecordInput<Some>, official.AppendRecordInput<Some>>
      AppendRecordsResult: Fit<ours.AppendRecordsResult, official.AppendRecordsResult>
      AppendResponse: Fit<ours.AppendResponse, official.AppendResponse>
      AppendResult: Fit<ours.AppendResult, official.AppendResult>
      AppendStreamRequest: Fit<ours.AppendStreamRequest<Some>, official.AppendStreamRequest<Some>>
      AppendStreamState: Fit<ours.AppendStreamState, official.AppendStreamState>
      BaseAppendErrorDetails: Fit<ours.BaseAppendErrorDetails, official.BaseAppendErrorDetails>
      BasicCredentials: Fit<ours.BasicCredentials, official.BasicCredentials>
      BearerCredentials: Fit<ours.BearerCredentials, official.BearerCredentials>
      ConsistencyCheck: Fit<ours.ConsistencyCheck, official.ConsistencyCheck>
      ConsistencyViolation: Fit<ours.ConsistencyViolation, official.ConsistencyViolation>
      Credentials: Fit<ours.Credentials, official.Credentials>
      CredentialsProvider: Fit<ours.CredentialsProvider, official.CredentialsProvider>
      CurrentStreamState: Fit<ours.CurrentStreamState, official.CurrentStreamState>
      DeleteResult: Fit<ours.DeleteResult, official.DeleteResult>
      Direction: Fit<ours.Direction, official.Direction>
      EndPoint: Fit<ours.EndPoint, official.EndPoint>
      Filter: Fit<ours.Filter, official.Filter>
      FilterBase: Fit<ours.FilterBase, official.FilterBase>
      FilterOn: Fit<ours.FilterOn, official.FilterOn>
      GetStreamMetadataResult: Fit<ours.GetStreamMetadataResult<{ a: 1 }>, official.GetStreamMetadataResult<{ a: 1 }>>
      GRPCClientConstructor: Fit<ours.GRPCClientConstructor<any>, official.GRPCClientConstructor<any>>
      MemberInfo: Fit<ours.MemberInfo, official.MemberInfo>
      MultiAppendResult: Fit<ours.MultiAppendResult, official.MultiAppendResult>
      NodePreference: Fit<ours.NodePreference, official.NodePreference>
      Position: Fit<ours.Position, official.Position>
      PrefixesFilter: Fit<ours.PrefixesFilter, official.PrefixesFilter>
      ReadPosition: Fit<ours.ReadPosition, official.ReadPosition>
      ReadRevision: Fit<ours.ReadRevision, official.ReadRevision>
      RegexFilter: Fit<ours.RegexFilter, official.RegexFilter>
      StreamACL: Fit<ours.StreamACL, official.StreamACL>
      StreamMetadata: Fit<ours.StreamMetadata<{ a: 1 }>, official.StreamMetadata<{ a: 1 }>>
      StreamState: Fit<ours.StreamState, official.StreamState>
      StreamStateCheck: Fit<ours.StreamStateCheck, official.StreamStateCheck>
      VNodeState: Fit<ours.VNodeState, official.VNodeState>
      VNodeStateLeader: Fit<ours.VNodeState.LEADER, official.VNodeState.LEADER>
    }>()
  })

  it('of events fit both ways', () => {
    type Kinds<E extends Json | JsonWithMetadata, B extends Binary | BinaryWithMetadata> = {
      AllStreamBinaryRecordedEvent: Fit<ours.AllStreamBinaryRecordedEvent<B>, official.AllStreamBinaryRecordedEvent<B>>
      AllStreamJSONRecordedEvent: Fit<ours.AllStreamJSONRecordedEvent<E>, official.AllStreamJSONRecordedEvent<E>>
      BinaryEventData: Fit<ours.BinaryEventData<B>, official.BinaryEventData<B>>
      BinaryEventOptions: Fit<ours.BinaryEventOptions<B>, official.BinaryEventOptions<B>>
      BinaryRecordedEvent: Fit<ours.BinaryRecordedEvent<B>, official.BinaryRecordedEvent<B>>
      EventData: Fit<ours.EventData<E | B>, official.EventData<E | B>>
      EventTypeToEventData: Fit<ours.EventTypeToEventData<E | B>, official.EventTypeToEventData<E | B>>
      EventTypeToRecordedEvent: Fit<ours.EventTypeToRecordedEvent<E | B>, official.EventTypeToRecordedEvent<E | B>>
      JSONEventData: Fit<ours.JSONEventData<E>, official.JSONEventData<E>>
      JSONEventOptions: Fit<ours.JSONEventOptions<E>, official.JSONEventOptions<E>>
      JSONRecordedEvent: Fit<ours.JSONRecordedEvent<E>, official.JSONRecordedEvent<E>>
      PersistentSubscriptionToStreamResolvedEvent: Fit<
        ours.PersistentSubscriptionToStreamResolvedEvent<E | B>,
        official.PersistentSubscriptionToStreamResolvedEvent<E | B>
      >
      RecordedEvent: Fit<ours.RecordedEvent<E | B>, official.RecordedEvent<E | B>>
      ResolvedEvent: Fit<ours.ResolvedEvent<E | B>, official.ResolvedEvent<E | B>>
      EventDataToEventType: Fit<
        ours.EventDataToEventType<ours.EventData<E | B>>,
        official.EventDataToEventType<official.EventData<E | B>>
      >
      EventDataToRecordedEvent: Fit<
        ours.EventDataToRecordedEvent<ours.EventData<E | B>>,
        official.EventDataToRecordedEvent<official.EventData<E | B>>
      >
      RecordedEventToEventData: Fit<
        ours.RecordedEventToEventData<ours.RecordedEvent<E | B>>,
        official.RecordedEventToEventData<official.RecordedEvent<E | B>>
      >
      RecordedEventToEventType: Fit<
        ours.RecordedEventToEventType<ours.RecordedEvent<E | B>>,
        official.RecordedEventToEventType<official.RecordedEvent<E | B>>
      >
    }
    expectSame<Kinds<Json, Binary>>()
    expectSame<Kinds<JsonWithMetadata, BinaryWithMetadata>>()
    expectSame<Kinds<Json | JsonWithMetadata, Binary | BinaryWithMetadata>>()
    expectSame<{
      AllStreamRecordedEvent: Fit<ours.AllStreamRecordedEvent, official.AllStreamRecordedEvent>
      AllStreamResolvedEvent: Fit<ours.AllStreamResolvedEvent, official.AllStreamResolvedEvent>
      BinaryEventType: Fit<ours.BinaryEventType<'b'>, official.BinaryEventType<'b'>>
      BinaryEventTypeMetadata: Fit<ours.BinaryEventType<'b', { a: 1 }>, official.BinaryEventType<'b', { a: 1 }>>
      EventType: Fit<ours.EventType, official.EventType>
      JSONEventType: Fit<ours.JSONEventType<'j', { a: 1 }>, official.JSONEventType<'j', { a: 1 }>>
      JSONEventTypeMetadata: Fit<ours.JSONEventType<'j', [], { a: 1 }>, official.JSONEventType<'j', [], { a: 1 }>>
      JSONType: Fit<ours.JSONType, official.JSONType>
      LinkEvent: Fit<ours.LinkEvent, official.LinkEvent>
      MetadataType: Fit<ours.MetadataType, official.MetadataType>
      PersistentSubscriptionToAllResolvedEvent: Fit<
        ours.PersistentSubscriptionToAllResolvedEvent,
        official.PersistentSubscriptionToAllResolvedEvent
      >
    }>()
  })

  it('of subscriptions fit both ways', () => {
    type Event = ours.ResolvedEvent<Some>
    expectSame<{
      AllStreamSubscription: Fit<ours.AllStreamSubscription, official.AllStreamSubscription>
      CatchupSubscription: Fit<ours.CatchupSubscription, official.CatchupSubscription>
      CaughtUp: Fit<ours.CaughtUp, official.CaughtUp>
      FellBehind: Fit<ours.FellBehind, official.FellBehind>
      PersistentSubscriptionBase: Fit<ours.PersistentSubscriptionBase<Event>, official.PersistentSubscriptionBase<Event>>
      PersistentSubscriptionToAll: Fit<ours.PersistentSubscriptionToAll, official.PersistentSubscriptionToAll>
      PersistentSubscriptionToStream: Fit<
        ours.PersistentSubscriptionToStream<Some>,
        official.PersistentSubscriptionToStream<Some>
      >
      ReadableSubscription: Fit<ours.ReadableSubscription<Event>, official.ReadableSubscription<Event>>
      StreamingRead: Fit<ours.StreamingRead<Event>, official.StreamingRead<Event>>
      StreamSubscription: Fit<ours.StreamSubscription<Some>, official.StreamSubscription<Some>>
    }>()
    // Else all of the above would hold for nothing.
    expectTypeOf<ours.StreamSubscription<Some>>().not.toBeAny()
    expectTypeOf<HostReadable>().not.toBeAny()
  })

  it('of consumer groups and projections fit both ways', () => {
    expectSame<{
      ConsumerStrategy: Fit<ours.ConsumerStrategy, official.ConsumerStrategy>
      ExtraStatisticsKey: Fit<ours.ExtraStatisticsKey, official.ExtraStatisticsKey>
      PersistentAction: Fit<ours.PersistentAction, official.PersistentAction>
      PersistentSubscriptionConnectionInfo: Fit<
        ours.PersistentSubscriptionConnectionInfo,
        official.PersistentSubscriptionConnectionInfo
      >
      PersistentSubscriptionToAllInfo: Fit<ours.PersistentSubscriptionToAllInfo, official.PersistentSubscriptionToAllInfo>
      PersistentSubscriptionToAllSettings: Fit<
        ours.PersistentSubscriptionToAllSettings,
        official.PersistentSubscriptionToAllSettings
      >
      PersistentSubscriptionToAllStats: Fit<ours.PersistentSubscriptionToAllStats, official.PersistentSubscriptionToAllStats>
      PersistentSubscriptionToStreamInfo: Fit<
        ours.PersistentSubscriptionToStreamInfo,
        official.PersistentSubscriptionToStreamInfo
      >
      PersistentSubscriptionToStreamSettings: Fit<
        ours.PersistentSubscriptionToStreamSettings,
        official.PersistentSubscriptionToStreamSettings
      >
      PersistentSubscriptionToStreamStats: Fit<
        ours.PersistentSubscriptionToStreamStats,
        official.PersistentSubscriptionToStreamStats
      >
      ProcessingStatus: Fit<ours.ProcessingStatus, official.ProcessingStatus>
      ProjectionDetails: Fit<ours.ProjectionDetails, official.ProjectionDetails>
      ProjectionEngineVersion: Fit<ours.ProjectionEngineVersion, official.ProjectionEngineVersion>
      ProjectionStatus: Fit<ours.ProjectionStatus, official.ProjectionStatus>
    }>()
  })
})

describe('values', () => {
  /** Classes have suites of their own. */
  type Plain = {
    [Name in keyof typeof official as (typeof official)[Name] extends abstract new (...args: never[]) => unknown
      ? never
      : Name]: (typeof official)[Name]
  }

  it('fit both ways: constants, enums, helpers', () => {
    expectSame<{
      [Name in Exclude<keyof Plain, 'KurrentDBClient'>]: Name extends keyof typeof ours
        ? FitOf<(typeof ours)[Name], Plain[Name]>
        : 'missing'
    }>()
  })
})

describe('errors', () => {
  type Classes = {
    [Name in keyof typeof official as (typeof official)[Name] extends new (...args: never[]) => Error
      ? Name
      : never]: (typeof official)[Name]
  }

  it('are found by the name of their class', () => {
    expectTypeOf<keyof Classes>().toExtend<keyof typeof ours>()
    expectTypeOf<'WrongExpectedVersionError' | 'UnsupportedError'>().toExtend<keyof Classes>()
  })

  it('have instances that fit both ways', () => {
    expectSame<{
      [Name in keyof Classes & keyof typeof ours]: Fit<
        InstanceType<(typeof ours)[Name] extends new (...args: never[]) => infer _ ? (typeof ours)[Name] : never>,
        InstanceType<Classes[Name]>
      >
    }>()
    expectSame<{ CommandError: Fit<ours.CommandError, official.CommandError> }>()
  })

  it('are constructed from what the official ones are', () => {
    expectSame<{
      [Name in keyof Classes & keyof typeof ours]: (typeof ours)[Name] extends new (
        ...args: ConstructorParameters<Classes[Name]>
      ) => Error
        ? 'same'
        : 'other parameters'
    }>()
    type Raw = NonNullable<official.UnknownError['_raw']>
    const check = (error: Raw, classes: typeof ours) => [
      new classes.StreamDeletedError(error),
      new classes.WrongExpectedVersionError(error),
      new classes.MaxAppendSizeExceededError(error),
      new classes.PersistentSubscriptionDoesNotExistError(error),
      new classes.UnknownError(error, 'text'),
      new classes.TimeoutError(),
    ]
    expectTypeOf(check).toBeFunction()
  })

  it('are told apart by type', () => {
    const check = (error: Error, { isCommandError, ErrorType }: typeof ours) => {
      if (!isCommandError(error)) return
      switch (error.type) {
        case ErrorType.WRONG_EXPECTED_VERSION:
          return expectTypeOf(error.actualState).toEqualTypeOf<ours.CurrentStreamState>()
        case ErrorType.NOT_LEADER:
          return expectTypeOf(error.leader).toEqualTypeOf<ours.EndPoint>()
      }
    }
    expectTypeOf(check).toBeFunction()
  })
})

describe('on purpose, see DIFFERENCES.md', () => {
  it('certificates are bytes, of which a Buffer is one kind', () => {
    expectTypeOf<Fit<ours.Certificate, official.Certificate>>().toEqualTypeOf<'ours is wider'>()
    expectTypeOf<
      Fit<ours.ChannelCredentialOptions, official.ChannelCredentialOptions>
    >().toEqualTypeOf<'ours is wider'>()
  })
})
