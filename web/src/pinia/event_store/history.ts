import { computed, shallowRef } from 'vue'

/** A commit that was appended: its events, each with the state before it. */
export interface Committed<E, S> {
  readonly events: readonly E[]
  readonly before: readonly S[]
}

/** What can be undone and redone, the last first. */
export class UndoHistory<E, S> {
  private readonly undoable = shallowRef<readonly Committed<E, S>[]>([])
  private readonly redoable = shallowRef<readonly Committed<E, S>[]>([])
  readonly canUndo = computed(() => this.undoable.value.length > 0)
  readonly canRedo = computed(() => this.redoable.value.length > 0)

  constructor(private readonly limit: number) {}

  get undo(): Committed<E, S> | undefined {
    return this.undoable.value.at(-1)
  }

  get redo(): Committed<E, S> | undefined {
    return this.redoable.value.at(-1)
  }

  /** Something new: what was undone before cannot be redone. A commit that cannot be undone hides those before it. */
  committed(commit: Committed<E, S>, isUndoable: boolean): void {
    this.undoable.value = isUndoable ? [...this.undoable.value, commit].slice(-this.limit) : []
    this.redoable.value = []
  }

  undone(commit: Committed<E, S>): void {
    this.undoable.value = this.undoable.value.filter((each) => each !== commit)
    this.redoable.value = [...this.redoable.value, commit]
  }

  /** `again`: the same events, appended once more. */
  redone(commit: Committed<E, S>, again: Committed<E, S>): void {
    this.redoable.value = this.redoable.value.filter((each) => each !== commit)
    this.undoable.value = [...this.undoable.value, again].slice(-this.limit)
  }

  clear(): void {
    if (this.undoable.value.length > 0) this.undoable.value = []
    if (this.redoable.value.length > 0) this.redoable.value = []
  }
}
