/** Where the figures of a dashboard lead; those without an address are no links. */
export type DashboardLinks = Readonly<
  Partial<Record<'documents' | 'users' | 'events' | 'storage' | 'latency' | 'uptime', string>>
>
