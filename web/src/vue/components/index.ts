/*
 * The components. Each is independent of the others, and a bundler leaves out those that an app does not import.
 *
 * To add one: `<area>/KurrentDBThing.vue` (props, emits and slots typed and documented, class names `kurrentdb-thing__part`,
 * plain `<style>`, colours from style/tokens.css only, root element with the class `kurrentdb`), its logic without looks in
 * `<area>/use_thing.ts`, both exported here; a scene in tests/browser/components/scenes.
 */
export { default as KurrentDBCalls } from './dashboard/KurrentDBCalls.vue'
export { default as KurrentDBDashboard } from './dashboard/KurrentDBDashboard.vue'
export { default as KurrentDBHealth } from './dashboard/KurrentDBHealth.vue'
export { default as KurrentDBLatency } from './dashboard/KurrentDBLatency.vue'
export { default as KurrentDBStorage } from './dashboard/KurrentDBStorage.vue'
export { default as KurrentDBTimeChart } from './dashboard/KurrentDBTimeChart.vue'
export type { DashboardLinks } from './dashboard/links'
export { type HealthChecks, useHealthChecks } from './dashboard/use_health_checks'
export { type Dashboard, type DashboardOptions, useDashboard } from './dashboard/use_dashboard'
export { default as KurrentDBEventDetail } from './events/KurrentDBEventDetail.vue'
export { default as KurrentDBEventTable } from './events/KurrentDBEventTable.vue'
export { default as KurrentDBEventTimeline } from './events/KurrentDBEventTimeline.vue'
export { default as KurrentDBLiveTail } from './events/KurrentDBLiveTail.vue'
export type { ShownEvent } from './events/shown_event'
export {
  type EventTable,
  type EventTableFilter,
  type EventTableOptions,
  everyEvent,
  useEventTable,
} from './events/use_event_table'
export { type LiveTail, type LiveTailOptions, type TailEntry, useLiveTail } from './events/use_live_tail'
export { default as KurrentDBStreamHistory } from './history/KurrentDBStreamHistory.vue'
export {
  type HistoryComparison,
  type StreamHistory,
  type StreamHistoryOptionsOfView,
  useStreamHistory,
} from './history/use_stream_history'
export type { JsonCondition, QueryGroup, QueryOperator, QueryRow } from './query/condition'
export { default as KurrentDBQueryBuilder } from './query/KurrentDBQueryBuilder.vue'
export { type BuiltQuery, type QueryBuilder, type SortKey, useQueryBuilder } from './query/use_query_builder'
export type { AskedQuery, ExplainQuery, QueryAnswer, RunQuery } from './query/use_query_result'
export { default as KurrentDBSimulation } from './simulation/KurrentDBSimulation.vue'
export { type Simulation, type SimulationChange, simulationPresets, useSimulation } from './simulation/use_simulation'
export { default as KurrentDBStatus } from './status/KurrentDBStatus.vue'
export { default as KurrentDBStreamEditor } from './streams/KurrentDBStreamEditor.vue'
export {
  type StreamEditConflict,
  type StreamEditor,
  type StreamEditorOptions,
  type StreamForm,
  useStreamEditor,
} from './streams/use_stream_editor'
export { type StreamFacet, type StreamFacetPath, type StreamFacets, useStreamFacets } from './streams/use_stream_facets'
export { default as KurrentDBStreamList } from './streams/KurrentDBStreamList.vue'
export {
  everyStream,
  type StreamList,
  type StreamListFilter,
  type StreamListOptions,
  useStreamList,
} from './streams/use_stream_list'
export { default as KurrentDBUserData } from './users/KurrentDBUserData.vue'
export { type UserData, type UserDataOptions, type UserWithData, useUserData } from './users/use_user_data'

/* Small parts that components are made of, for apps that make more of them. */
export * from './parts/index'
