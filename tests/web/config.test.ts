import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useKurrentDBStore, useUserStreamService } from '../../web/src/pinia'
import { type ConfigError, KurrentDBDisabledError, type KurrentLiteOptions, Session } from '../../web/src/services'
import { createTestingKurrentLite } from '../../web/src/testing'
import { failureOf, openSession } from './support'

afterEach(() => vi.unstubAllEnvs())

const configOf = (options: KurrentLiteOptions) => {
  const session = new Session({ env: {}, ...options })
  return session.config().finally(() => session.dispose())
}

describe('configuration', () => {
  it.each([
    ['dev', 5000, 3, 30000, 'localhost:2113'],
    ['staging', 10000, 5, 45000, 'localhost:2114'],
    ['test', 3000, 2, 15000, 'localhost:2115'],
    ['mainnet', 15000, 10, 60000, 'localhost:2116'],
  ] as const)('of %s has its defaults', async (environment, syncInterval, maxRetries, timeout, grpc) => {
    expect(await configOf({ environment })).toMatchObject({
      enabled: true,
      environment,
      syncInterval,
      maxRetries,
      timeout,
      endpoints: { grpc },
    })
    expect(await configOf({ env: { VITE_KURRENT_DB_ENVIRONMENT: environment } })).toMatchObject({
      environment,
      timeout,
    })
  })

  it('takes variables, and options over them', async () => {
    const env = {
      VITE_KURRENT_DB_ENVIRONMENT: 'production',
      VITE_KURRENT_DB_TIMEOUT: '1234',
      VITE_KURRENT_DB_MAX_RETRIES: '0',
      VITE_KURRENT_DB_MAINNET_GRPC: 'db.example:99',
      VITE_KURRENT_DB_MAINNET_API_KEY: 'ann',
      OTHER: 'x',
      DEV: true,
    }
    expect(await configOf({ env })).toMatchObject({
      environment: 'mainnet',
      timeout: 1234,
      maxRetries: 0,
      endpoints: { grpc: 'db.example:99' },
      credentials: { apiKey: 'ann' },
    })
    const options = {
      config: { timeout: 77, endpoints: { grpc: 'other:1' }, options: { retryDelay: 5 } },
      credentials: { apiKey: 'bob', secretKey: 'pass-word' },
    }
    expect(await configOf({ env, ...options })).toMatchObject({
      environment: 'mainnet',
      timeout: 77,
      maxRetries: 0,
      endpoints: { grpc: 'other:1' },
      credentials: { apiKey: 'bob', secretKey: 'pass-word' },
      options: { retryDelay: 5, maxConcurrentStreams: 100 },
    })
    expect(await configOf({ env, environment: 'development' })).toMatchObject({
      environment: 'dev',
      timeout: 1234,
      endpoints: { grpc: 'localhost:2113' },
    })
  })

  it('takes credentials by environment', async () => {
    const credentials = { dev: { apiKey: 'd', secretKey: 'e' }, test: { apiKey: 't', secretKey: 'u' } }
    expect((await configOf({ credentials })).credentials).toEqual(credentials.dev)
    expect((await configOf({ credentials, environment: 'test' })).credentials).toEqual(credentials.test)
  })

  it('reads variables of the process', async () => {
    vi.stubEnv('VITE_KURRENT_DB_TIMEOUT', '4321')
    const session = new Session()
    expect(await session.config()).toMatchObject({ timeout: 4321 })
    session.dispose()
  })

  it('names every bad value at once, by variable or by option, without secrets', async () => {
    const env = {
      VITE_KURRENT_DB_TIMEOUT: 'soon',
      VITE_KURRENT_DB_SYNC_INTERVAL: '0',
      VITE_KURRENT_DB_DEV_SECRET_KEY: 'hidden-secret',
    }
    const options = { config: { maxRetries: -1, options: { retryDelay: 1.5 } } }
    const failure = await failureOf<ConfigError>(configOf({ env, ...options }))
    expect(failure).toMatchObject({ name: 'ConfigError', type: 'invalid-config' })
    expect(failure.violations.map(({ field }) => field).sort()).toEqual([
      'VITE_KURRENT_DB_SYNC_INTERVAL',
      'VITE_KURRENT_DB_TIMEOUT',
      'config.maxRetries',
      'config.options.retryDelay',
    ])
    expect(failure.message).toContain('soon')
    expect(failure.message).toContain('config.maxRetries')
    expect(failure.message).not.toContain('MAX_RETRIES')
    expect(JSON.stringify([failure, failure.message])).not.toContain('hidden-secret')
  })

  it('names an unknown environment', async () => {
    expect(await failureOf(configOf({ env: { VITE_KURRENT_DB_ENVIRONMENT: 'moon' } }))).toMatchObject({
      type: 'invalid-config',
      violations: [{ field: 'VITE_KURRENT_DB_ENVIRONMENT' }],
    })
    expect(await failureOf(configOf({ environment: 'moon' as 'dev' }))).toMatchObject({ type: 'invalid-config' })
  })

  it('rejects every action of a store with the same error', async () => {
    const env = { VITE_KURRENT_DB_TIMEOUT: 'soon' }
    setActivePinia(createTestingKurrentLite({ env }).attachTo(createPinia()))
    const store = useKurrentDBStore()
    for (const attempt of [
      () => store.initialize(),
      () => store.createStream({ name: 'x', data: 1 }),
      () => store.connect(),
    ]) {
      expect(await failureOf(attempt())).toMatchObject({ type: 'invalid-config' })
    }
    expect(store.error).toMatchObject({ type: 'invalid-config' })
    expect(store.connectionStatus).toBe('disconnected')
  })

  it('warns once, in a browser only, of a secret key that is published', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const env = { VITE_KURRENT_DB_ENVIRONMENT: 'mainnet', VITE_KURRENT_DB_MAINNET_SECRET_KEY: 'hidden-secret' }
    await configOf({ env })
    expect(warn).not.toHaveBeenCalled()
    vi.stubGlobal('document', { addEventListener: () => undefined, removeEventListener: () => undefined })
    await configOf({ env })
    await configOf({ env })
    await configOf({ environment: 'mainnet', credentials: { apiKey: 'a', secretKey: 'hidden-secret' } })
    vi.unstubAllGlobals()
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toContain('VITE_KURRENT_DB_MAINNET_SECRET_KEY')
    expect(warn.mock.calls[0]![0]).not.toContain('hidden-secret')
  })
})

describe('a disabled database', () => {
  it.each(['false', '0', 'FALSE', ' false '])('loads nothing and rejects every action (%s)', async (value) => {
    const session = openSession({ env: { VITE_KURRENT_DB_ENABLED: value }, wasmUrl: '/does/not/exist.wasm' })
    expect(session.enabled).toBe(false)
    expect(session.connection).toMatchObject({ status: 'disconnected', isConnected: false })
    const { kurrentdb, streams, users } = session
    const actions = [
      kurrentdb.connect(),
      kurrentdb.disconnect(),
      kurrentdb.reconnect(),
      kurrentdb.checkHealth(),
      kurrentdb.metrics(),
      streams.create({ name: 'x', data: 1 }),
      streams.get('a'),
      streams.update('a', {}),
      streams.delete('a'),
      streams.list(),
      users.store('u', {}),
      users.get('u'),
      users.update('u', {}),
      users.delete('u'),
      users.list(),
      session.ready(),
      session.openDatabase(),
      session.reset(),
      session.save(),
      session.switchEnvironment('test'),
      session.setSimulation('lan'),
    ]
    for (const action of actions) {
      const failure = await failureOf<KurrentDBDisabledError>(action)
      expect(failure).toBeInstanceOf(KurrentDBDisabledError)
      expect(failure).toMatchObject({ type: 'kurrentdb-disabled', variable: 'VITE_KURRENT_DB_ENABLED' })
      expect(failure.message).toContain('VITE_KURRENT_DB_ENABLED')
    }
  })

  it('is disabled by an option, too, and enabled over the variable', async () => {
    expect(await failureOf(openSession({ config: { enabled: false } }).streams.list())).toBeInstanceOf(
      KurrentDBDisabledError,
    )
    const session = openSession({ env: { VITE_KURRENT_DB_ENABLED: 'false' }, config: { enabled: true } })
    expect((await session.streams.list()).total).toBe(0)
  })

  it('rejects every action of the store and the user service', async () => {
    setActivePinia(createTestingKurrentLite({ env: { VITE_KURRENT_DB_ENABLED: '0' } }).attachTo(createPinia()))
    const store = useKurrentDBStore()
    const users = useUserStreamService()
    const actions = [
      () => store.initialize(),
      () => store.connect(),
      () => store.disconnect(),
      () => store.reconnect(),
      () => store.checkHealth(),
      () => store.loadMetrics(),
      () => store.loadStreams(),
      () => store.createStream({ name: 'x', data: 1 }),
      () => store.getStream('a'),
      () => store.updateStream('a', {}),
      () => store.deleteStream('a'),
      () => store.archiveStream('a'),
      () => store.restoreStream('a'),
      () => store.storeUserData('u', {}),
      () => store.getUserData('u'),
      () => store.updateUserData('u', {}),
      () => store.deleteUserData('u'),
      () => store.switchEnvironment('test'),
      () => store.setSimulation('lan'),
      () => store.getSimulation(),
      () => store.reset(),
      () => users.storeUserData('u', {}),
      () => users.getUserData('u'),
      () => users.updateUserData('u', {}),
      () => users.deleteUserData('u'),
    ]
    for (const action of actions) {
      store.clearError()
      expect(await failureOf(action())).toMatchObject({
        type: 'kurrentdb-disabled',
        variable: 'VITE_KURRENT_DB_ENABLED',
      })
      expect(store.error?.type).toBe('kurrentdb-disabled')
    }
    expect(store.connectionStatus).toBe('disconnected')
    expect(store.isConnected).toBe(false)
  })
})
