import { describe, expect, test } from './support/demo'

describe('connection and simulated network', () => {
  test('disconnecting and connecting; the health check names its five probes', async ({ demo }) => {
    await demo.hasStatus('connected')
    await demo.button('Disconnect').click()
    await demo.hasStatus('disconnected')
    await demo.button('Connect').click()
    await demo.hasStatus('connected')
    await demo.button('Check now').click()
    await demo.sees('Health checked.')
    const probes = await demo.page.locator('.kurrentdb-health__probes li').allInnerTexts()
    expect(probes.map((text) => text.split(/\s/)[0])).toEqual(['Connection', 'Authentication', 'Read', 'Write', 'Sync'])
    await demo.page.locator('.kurrentdb-health .kurrentdb-badge', { hasText: 'Healthy' }).waitFor()
  })

  test('offline: the status tells, a write fails with its reason, and all is well again afterwards', async ({ demo }) => {
    await demo.goTo('Network')
    await demo.page.getByRole('switch', { name: 'Offline' }).click()
    await demo.sees('The network is off.')
    await expect.poll(() => demo.status.getAttribute('data-status')).not.toBe('connected')

    const detail = await demo.openDocument('order-1043')
    await demo.button('Archive', detail).click()
    await detail.getByRole('alert').waitFor()
    await demo.goTo('Overview')
    await demo.hasStatus('error')

    await demo.goTo('Network')
    await demo.page.getByRole('switch', { name: 'Offline' }).click()
    await demo.sees('The network is back.')
    await demo.openDocument('order-1043')
    await demo.button('Archive', detail).click()
    await detail.getByText('Archived', { exact: true }).waitFor()
    await demo.hasStatus('connected')
  })

  test('flaky: every write lands in the end, and none of them twice', async ({ demo }) => {
    await demo.goTo('Network')
    await demo.page.getByLabel('Flaky').check()
    await demo.sees('Network profile: Flaky.')
    await demo.button('Send 40 writes').click()
    await demo.page.getByText('All 40 writes landed, each exactly once.').waitFor({ timeout: 50_000 })

    await demo.page.getByLabel('Instant').check()
    await demo.goTo('User data')
    await expect.poll(() => demo.page.locator('[data-user="network-test"] summary').count()).toBe(4)
  })

  test('profiles and sliders change how long a call takes', async ({ demo }) => {
    await demo.goTo('Network')
    await demo.page.getByLabel('Latency', { exact: true }).fill('10')
    await demo.sees('160 ms')
    await demo.sees('adjusted')
    await demo.button('Send 40 writes').click()
    await demo.page.getByText('All 40 writes landed, each exactly once.').waitFor({ timeout: 50_000 })
    const append = await demo.page.locator('tr', { hasText: 'append' }).locator('td').first().innerText()
    expect(Number.parseInt(append)).toBeGreaterThan(50)
  })
})
