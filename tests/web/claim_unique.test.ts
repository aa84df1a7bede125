import { describe, expect, it } from 'vitest'
import { type Session, ValidationError } from '../../web/src/services'
import { failureOf, openSession } from './support'

const kinds = { customer: { unique: [{ name: 'email', path: 'data.email' }] } }

/** A document that was written by a program that knows nothing of unique values. */
async function written(session: Session, id: string, email: string): Promise<void> {
  const database = await session.openDatabase()
  const permissions = { read: [], write: [], admin: [] }
  const data = { id, kind: 'customer', name: id, data: { email }, tags: [], owner: 'o', permissions }
  database.appendEvents(`document-${id}`, [{ type: 'document-created', data }])
}

describe('streams.claimUnique', () => {
  it('claims the values of older documents, and tells of those that share one', async () => {
    const session = openSession({ kinds })
    await written(session, 'a', 'ann@x.org')
    await written(session, 'b', 'ann@x.org')
    expect(await session.streams.claimUnique('customer')).toEqual({
      documents: 2,
      held: 0,
      claimed: 1,
      released: 0,
      conflicts: [
        {
          name: 'email',
          path: 'data.email',
          value: 'ann@x.org',
          document: 'b',
          holder: 'a',
          stream: 'unique-customer-email-tann@x.org',
        },
      ],
    })
    expect((await session.kurrentdb.metrics()).storage.uniqueValues.events).toBe(1)
  })

  it('refuses kinds without unique values, and an acting user', async () => {
    const { streams } = openSession({ kinds })
    expect(await failureOf(streams.claimUnique('order'))).toMatchObject({ type: 'validation-failed', field: 'kind' })
    expect(await failureOf(streams.claimUnique(undefined as never))).toBeInstanceOf(ValidationError)
    expect(await failureOf(streams.claimUnique(7 as never))).toMatchObject({ field: 'kind' })
    const acting = openSession({ kinds, user: 'ann' })
    expect(await failureOf(acting.streams.claimUnique('customer'))).toMatchObject({ type: 'permission-denied', user: 'ann' })
  })
})
