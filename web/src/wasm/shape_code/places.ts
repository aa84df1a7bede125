import { KEY_BYTES_MAX, KEYS_MAX, type ShapeList } from './tags'

const SHAPES_MAX = 64
const FAILURES_MAX = 32
const NODES_MAX = 8192
/** Shapes that one database learns from here. */
const LEARNED_MAX = 1024

/** How much may still be learned: one for each database. */
export class Learning {
  private nodes = 0
  private learned = 0

  constructor(readonly shapes: ShapeList) {}

  newNode(parent: KeyNode, key: string, place: Place): KeyNode | undefined {
    const isFull = this.nodes >= NODES_MAX || parent.depth >= KEYS_MAX
    if (isFull || key === '__proto__') return undefined
    const written = JSON.stringify(key)
    // Half a character is written as an escape, which means something else to the core.
    if (written.length >= KEY_BYTES_MAX || /\\ud/i.test(written)) return undefined
    this.nodes += 1
    return new KeyNode(parent, key, place)
  }

  /** The number of the shape that ends in `node`; -1 when there is none left. */
  numberOf(node: KeyNode): number {
    if (this.learned >= LEARNED_MAX) return -1
    this.learned += 1
    const keys: string[] = []
    for (let each = node; each.parent; each = each.parent) keys.push(each.key)
    return this.shapes.numberOf(keys.reverse())
  }
}

/** A way through the keys of the objects at one place. */
export class KeyNode {
  readonly depth: number
  /** -1: none yet. */
  shape = -1
  private likely: KeyNode | undefined
  private others: Map<string, KeyNode> | undefined

  constructor(
    readonly parent: KeyNode | undefined,
    readonly key: string,
    /** Of the value. */
    readonly place: Place,
  ) {
    this.depth = parent === undefined ? 0 : parent.depth + 1
  }

  /** What follows `key`; the last that did is found without a hash. */
  next(key: string): KeyNode | undefined {
    const { likely } = this
    if (likely !== undefined && likely.key === key) return likely
    const other = this.others?.get(key)
    if (other !== undefined) this.likely = other
    return other
  }

  add(node: KeyNode): KeyNode {
    this.others ??= new Map()
    this.others.set(node.key, node)
    this.likely = node
    return node
  }
}

/** Where in the documents of one kind a value stands: what is learned of the objects there. */
export class Place {
  readonly root: KeyNode = new KeyNode(undefined, '', this)
  /** Objects here differ too much: they are JSON text. */
  isJson = false
  private readonly fields = new Map<string, Place>()
  private element: Place | undefined
  private shapes = 0
  private failures = 0

  elements(): Place {
    return (this.element ??= new Place())
  }

  learn(node: KeyNode, key: string, learning: Learning): KeyNode | undefined {
    let place = this.fields.get(key)
    if (place === undefined) this.fields.set(key, (place = new Place()))
    const next = learning.newNode(node, key, place)
    return next && node.add(next)
  }

  /** The number of the shape that ends in `node`; -1 when it gets none. */
  shapeOf(node: KeyNode, learning: Learning): number {
    if (node.shape < 0 && this.shapes < SHAPES_MAX) {
      this.shapes += 1
      node.shape = learning.numberOf(node)
    }
    return node.shape
  }

  fail(): void {
    this.failures += 1
    this.isJson = this.failures >= FAILURES_MAX
  }
}
