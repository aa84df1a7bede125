import type { SessionClient } from '../client/session_client'
import type { ServicesHandle } from '../wasm/core'
import type { DatabaseSpace } from './database_space'

/** What outlives a session by mistake unless somebody frees it: memory of the core. Knows nothing of the session. */
export class Resources {
  private handle: ServicesHandle | undefined
  private client: SessionClient | undefined

  constructor(readonly space: DatabaseSpace) {}

  use(handle: ServicesHandle): void {
    this.handle?.close()
    this.handle = handle
  }

  useClient(client: SessionClient): void {
    this.client = client
  }

  closeClient(): void {
    this.client?.close()
    this.client = undefined
  }

  close(): void {
    this.closeClient()
    this.handle?.close()
    this.handle = undefined
    this.space.close()
  }
}

/** A server makes a session for each request and seldom disposes of it: the garbage collector then does. */
export const abandoned =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Resources>((resources) => resources.close())
