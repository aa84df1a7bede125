import { nodeModule } from '../wasm/environment'
import { Readable as OwnReadable } from './readable'

/** Node's readable stream where there is one, so that `pipeline`, `finished` and `instanceof` work; elsewhere our own. */
export const HostReadable = (nodeModule('node:stream')?.Readable as unknown as typeof OwnReadable | undefined) ?? OwnReadable
