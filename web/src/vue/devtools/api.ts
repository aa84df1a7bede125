import type { App } from 'vue'

/*
 * The part of the Vue Devtools plugin API that is used here, as https://devtools.vuejs.org documents it. Nothing of it is
 * imported: plugins announce themselves through the hook that the Devtools put on the page.
 */

export interface PluginDescriptor {
  readonly id: string
  readonly label: string
  readonly packageName: string
  readonly homepage?: string
  readonly app: App
}

export interface TimelineEvent {
  readonly time: number
  readonly title: string
  readonly subtitle?: string
  readonly data: Record<string, unknown>
  readonly logType?: 'default' | 'warning' | 'error'
}

export interface InspectorNode {
  id: string
  label: string
  tags?: { label: string; textColor: number; backgroundColor: number }[]
  children?: InspectorNode[]
}

export type InspectorState = Record<string, { key: string; value: unknown; editable: false }[]>

export interface DevtoolsApi {
  now?(): number
  addTimelineLayer(layer: { id: string; label: string; color: number }): void
  addTimelineEvent(given: { layerId: string; event: TimelineEvent }): void
  addInspector(inspector: { id: string; label: string; icon: string; treeFilterPlaceholder: string }): void
  sendInspectorTree(inspectorId: string): void
  sendInspectorState(inspectorId: string): void
  readonly on: {
    getInspectorTree(
      answer: (payload: { app: App; inspectorId: string; filter?: string; rootNodes: InspectorNode[] }) => void,
    ): void
    getInspectorState(
      answer: (payload: { app: App; inspectorId: string; nodeId: string; state: InspectorState }) => void,
    ): void
  }
}

type Setup = (api: DevtoolsApi) => void

interface DevtoolsHost {
  __VUE_DEVTOOLS_GLOBAL_HOOK__?: { emit(event: string, ...payload: unknown[]): void }
  __VUE_DEVTOOLS_PLUGINS__?: { pluginDescriptor: PluginDescriptor; setupFn: Setup; proxy: null }[]
}

/** Announces a plugin: now where the Devtools are there, else when they come. */
export function announce(descriptor: PluginDescriptor, setup: Setup): void {
  const host = globalThis as DevtoolsHost
  const hook = host.__VUE_DEVTOOLS_GLOBAL_HOOK__
  if (hook) hook.emit('devtools-plugin:setup', descriptor, setup)
  else (host.__VUE_DEVTOOLS_PLUGINS__ ??= []).push({ pluginDescriptor: descriptor, setupFn: setup, proxy: null })
}
