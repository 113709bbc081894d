/**
 * Bytes that are handed to the store and free again when the call returns.
 *
 * A short view that was needed once will be needed again: views over one piece of memory are made
 * once per length and kept, so that applying a million records makes no million views.
 */
const keptBytesMax = 2_048;

export class ScratchBytes {
  readonly #memory = new Uint8Array(keptBytesMax);
  readonly #views: (Uint8Array | undefined)[] = new Array(keptBytesMax + 1).fill(undefined);

  /** A view of this many bytes with arbitrary contents, over the bytes of every earlier one. */
  take(length: number): Uint8Array {
    if (length > keptBytesMax) return new Uint8Array(length);
    const kept = this.#views[length];
    if (kept !== undefined) return kept;
    const view = this.#memory.subarray(0, length);
    this.#views[length] = view;
    return view;
  }
}

/** Below this, a loop beats making a view of the source. */
const loopBytesMax = 64;

/** Copies bytes of a memory to a place in the target. */
export function copyBytes(
  target: Uint8Array,
  targetOffset: number,
  memory: Uint8Array,
  offset: number,
  length: number,
): void {
  if (length > loopBytesMax) {
    target.set(memory.subarray(offset, offset + length), targetOffset);
    return;
  }
  for (let i = 0; i < length; i++) target[targetOffset + i] = memory[offset + i] as number;
}
