// The declarations that CommonJS gets.
import { createTestingKurrentLite } from 'kurrentlite/testing'

const { session } = createTestingKurrentLite()
const text: Promise<string> = session.streams.create({ name: 'A', data: 1 }).then(({ name }) => name)
// @ts-expect-error the declarations are found: text is no number
const wrong: Promise<number> = text
export = wrong
