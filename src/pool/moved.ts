/** Results of tasks whose memory moves to the other thread instead of being copied. */
import { move, transferableSymbol, valueSymbol } from 'piscina';

/**
 * What a task returns to give memory away: `value`, in which the buffers occur. In the thread that
 * gave them they have no bytes afterwards. Run inline, nothing moves and `value` is the result.
 */
export class Moved<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** Marks an answer so that piscina moves the buffers in it; the answer itself reads as before. */
export function moving<A extends object>(answer: A, buffers: readonly ArrayBuffer[]): A {
  const marked = {
    ...answer,
    get [transferableSymbol]() {
      return [...buffers];
    },
    get [valueSymbol]() {
      return answer;
    },
  };
  move(marked);
  return marked;
}
