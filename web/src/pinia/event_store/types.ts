import type { Pinia, Store, StoreGeneric } from 'pinia'
import type { ComputedRef, ShallowRef } from 'vue'
import type { SchemaInput, SchemaOutput, StandardSchemaV1 } from '../../services/validation/standard_schema'
import type { EventStoreConflictError } from './conflict'

/** The schema of each event type's data: of any library that follows Standard Schema, or `eventType<Data>()`. */
export type EventTypes = Readonly<Record<string, StandardSchemaV1<any, any>>>

/** An event as `evolve` gets it. */
export type StoreEvent<T extends EventTypes, Type extends keyof T = keyof T> = {
  [K in Type & string]: { readonly type: K; readonly data: SchemaOutput<T[K]>; readonly metadata?: unknown }
}[Type & string]

/** An event to append. */
export type NewEvent<T extends EventTypes> = {
  [K in keyof T & string]: { readonly type: K; readonly data: SchemaInput<T[K]>; readonly metadata?: object }
}[keyof T & string]

/** What a command decides: an event, several to be appended together, or nothing. */
export type Decision<T extends EventTypes> = NewEvent<T> | readonly NewEvent<T>[] | null | undefined | void

/** Decide events by the state; throw to refuse. They may run again when another client was first, so they only decide. */
export type Commands<T extends EventTypes, S> = Readonly<
  Record<string, (state: S, ...given: any[]) => Decision<T> | Promise<Decision<T>>>
>

/** Values computed from the state. */
export type StateGetters<S> = Readonly<Record<string, (state: S) => unknown>>

/** The events that take back what `event` did; nothing when that cannot be. */
export type Invert<T extends EventTypes, S> = {
  readonly [K in keyof T & string]?: (
    event: StoreEvent<T, K>,
    /** The state just before the event. */
    before: S,
    /** The state now, which other clients may have changed (only with `undoAcross`). */
    now: S,
  ) => Decision<T>
}

/** What to do when another client appended first. */
export type ConflictPolicy<T extends EventTypes, S> =
  | 'throw'
  | 'retry'
  | ((conflict: EventStoreConflictError<StoreEvent<T>>, state: S) => 'throw' | 'retry' | Decision<T>)

/** What `defineEventStore` needs to know. */
export interface EventStoreDefinition<T extends EventTypes, S, G, C> {
  /** Checked before an event is appended; events of other types are passed over. */
  readonly events: T
  /** The state before the first event. */
  readonly initialState: () => S
  /** The state after an event. Pure: returns a new state, or the same when nothing changes. */
  readonly evolve: (state: NoInfer<S>, event: StoreEvent<NoInfer<T>>) => NoInfer<S>
  readonly commands?: C & Commands<NoInfer<T>, NoInfer<S>>
  readonly getters?: G & StateGetters<NoInfer<S>>
  /** Makes commits undoable: those whose event types are all here. */
  readonly invert?: Invert<NoInfer<T>, NoInfer<S>>
  /**
   * The stream of an instance.
   * @defaultValue `{id of the store}-{id of the instance}`, without an instance `{id of the store}`
   */
  readonly stream?: (instance: string) => string
  /**
   * `'throw'`: the commit is rolled back and rejects with `EventStoreConflictError`; `'retry'`: the command decides anew by
   * the state with the other events, up to 10 times; a function decides which, or gives the events to append instead.
   * @defaultValue `'throw'`
   */
  readonly onConflict?: ConflictPolicy<NoInfer<T>, NoInfer<S>>
  /**
   * Whether commits can still be undone and redone after another client changed the stream; `invert` then sees both states.
   * Otherwise events of others end what can be undone. @defaultValue false
   */
  readonly undoAcross?: boolean
  /** How many commits can be undone. @defaultValue 100 */
  readonly undoLimit?: number
}

/** State of an event store. */
export interface EventStoreState<S> {
  /** The fold of the stream and of what is being appended. Replaced, never changed. */
  readonly state: ShallowRef<S>
  /** Events in the stream: the revision of the last one and 1, so 0 before the first. Without what is being appended. */
  readonly version: ShallowRef<number>
  /** The stream has been read. */
  readonly ready: ShallowRef<boolean>
  readonly isLoading: ShallowRef<boolean>
  /** Something is being appended. */
  readonly isSaving: ShallowRef<boolean>
  /** Why the last commit or loading failed, until one succeeds. */
  readonly error: ShallowRef<Error | null>
}

/** Getters that every event store has. */
export interface EventStoreGetters {
  readonly canUndo: ComputedRef<boolean>
  readonly canRedo: ComputedRef<boolean>
}

/** Actions that every event store has. */
export interface EventStoreActions<T extends EventTypes, S> {
  /** Reads the stream and follows it; the store does so by itself. On a server it only reads. */
  load(): Promise<void>
  /**
   * Appends events, which `state` shows at once. Rejects, and takes them back, with `ValidationError` when a schema refuses
   * one, with `EventStoreConflictError`, or with what the client rejects with.
   */
  commit(events: NewEvent<T> | readonly NewEvent<T>[]): Promise<void>
  /** Appends what takes back the last commit of this store. False when there is none that can be. Rejects as `commit`. */
  undo(): Promise<boolean>
  /** Appends anew what was undone last, unless something was committed since. */
  redo(): Promise<boolean>
  /** The state after the first `version` events. Rejects with `RangeError` when there are not as many. */
  stateAt(version: number): Promise<S>
}

/** The commands as actions. */
export type CommandActions<C> = {
  readonly [K in keyof C]: C[K] extends (state: any, ...given: infer A) => unknown ? (...given: A) => Promise<void> : never
}
export type GetterRefs<G> = {
  readonly [K in keyof G]: G[K] extends (state: any) => infer R ? ComputedRef<R> : never
}
type Unwrapped<R> = { readonly [K in keyof R]: R[K] extends { readonly value: infer V } ? V : never }

/** An event store, as components see it. */
export type EventStore<Id extends string, T extends EventTypes, S, G, C> = Store<
  Id,
  Unwrapped<EventStoreState<S>>,
  EventStoreGetters & GetterRefs<G>,
  EventStoreActions<T, S> & CommandActions<C>
>

/** What `defineEventStore` gives. */
export interface UseEventStore<Id extends string, T extends EventTypes, S, G, C> {
  /** The instance for one id; without an id there is but one. */
  (instance?: string | null, pinia?: Pinia | null): EventStore<Id, T, S, G, C>
  /** As Pinia's own functions call it, e.g. `mapState` and `acceptHMRUpdate`. */
  (pinia?: Pinia | null, hot?: StoreGeneric): EventStore<Id, T, S, G, C>
  readonly $id: Id
}
