let view: DataView = new DataView(new ArrayBuffer(0))

/** A view of all of linear memory: one for as long as it does not grow, or another module is asked. */
export function viewOf({ buffer }: Uint8Array): DataView {
  return view.buffer === buffer ? view : (view = new DataView(buffer))
}
