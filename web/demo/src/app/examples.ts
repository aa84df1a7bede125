import documentsText from '../examples/documents.ts?raw'
import usersText from '../examples/users.ts?raw'

export interface Example {
  readonly id: 'documents' | 'users'
  readonly title: string
  readonly about: string
  /** The module's own text: what is shown is what runs. */
  readonly text: string
}

export const examples: readonly Example[] = [
  {
    id: 'documents',
    title: 'Documents',
    about: 'Creates a document, reads the sample document stream-id, changes it and deletes it.',
    text: documentsText,
  },
  {
    id: 'users',
    title: 'User data',
    about: 'Stores what a person likes, and gets it back.',
    text: usersText,
  },
]

let runs = 0

/**
 * Runs an example as the module that it is. A module runs once for each address, so every run has an address of its own;
 * what it imports is shared with the page, the store included.
 */
export async function runExample(id: Example['id']): Promise<void> {
  const path = import.meta.env.DEV ? `src/examples/${id}.ts` : `examples/${id}.js`
  await import(/* @vite-ignore */ new URL(`${path}?run=${++runs}`, document.baseURI).href)
}
