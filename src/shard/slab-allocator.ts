/**
 * Room in the slab: page-granular, first fit, and a line for those who must wait.
 *
 * Invariants: allocations are disjoint; free extents never touch each other; who came first is
 * served first, whatever it asks for, so that nobody starves behind smaller requests.
 */
import { alignUp, assert } from '../base/index.js';
import { limits } from '../config/index.js';

interface Extent {
  offset: number;
  bytes: number;
}

interface Waiter {
  readonly bytes: number;
  readonly granted: (offset: number) => void;
}

/** Takes back a request that waits; after it was granted, does nothing. */
export type Withdraw = () => void;

export class SlabAllocator {
  /** Free extents by offset. */
  readonly #free: Extent[];
  readonly #taken = new Map<number, number>();
  #waiting: Waiter[] = [];
  #freeBytes: number;
  readonly byteLength: number;

  constructor(byteLength: number) {
    assert(byteLength > 0 && byteLength % limits.blockBytes === 0, 'a slab is whole pages');
    this.byteLength = byteLength;
    this.#free = [{ offset: 0, bytes: byteLength }];
    this.#freeBytes = byteLength;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Requests in line. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Calls `granted` with the offset of `bytes` contiguous bytes: at once, or when those who came
   * before were served and room is free. The room is the caller's until it is freed.
   */
  request(bytes: number, granted: (offset: number) => void): Withdraw {
    const whole = alignUp(bytes, limits.blockBytes);
    assert(whole > 0 && whole <= this.byteLength, 'the slab can hold what is asked for');
    const offset = this.take(bytes);
    if (offset >= 0) {
      granted(offset);
      return () => undefined;
    }
    const waiter = { bytes: whole, granted };
    this.#waiting.push(waiter);
    return () => this.#withdraw(waiter);
  }

  /** Offset of `bytes` contiguous bytes, or -1 when there is no room or others wait. */
  take(bytes: number): number {
    return this.#waiting.length === 0 ? this.#take(alignUp(bytes, limits.blockBytes)) : -1;
  }

  /** Gives room back and serves whoever can be served now. */
  free(offset: number): void {
    const bytes = this.#taken.get(offset);
    assert(bytes !== undefined, 'what is freed was taken');
    this.#taken.delete(offset);
    this.#giveBack({ offset, bytes });
    this.#freeBytes += bytes;
    this.#serve();
  }

  #withdraw(waiter: Waiter): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiter);
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const offset = this.#take(first.bytes);
      if (offset < 0) return;
      this.#waiting.shift();
      first.granted(offset);
    }
  }

  #take(bytes: number): number {
    const at = this.#free.findIndex((extent) => extent.bytes >= bytes);
    const extent = this.#free[at];
    if (extent === undefined) return -1;
    const { offset } = extent;
    if (extent.bytes === bytes) {
      this.#free.splice(at, 1);
    } else {
      extent.offset += bytes;
      extent.bytes -= bytes;
    }
    this.#taken.set(offset, bytes);
    this.#freeBytes -= bytes;
    return offset;
  }

  #giveBack(freed: Extent): void {
    let at = this.#free.findIndex((extent) => extent.offset > freed.offset);
    if (at < 0) at = this.#free.length;
    const before = this.#free[at - 1];
    const after = this.#free[at];
    const joinsBefore = before !== undefined && before.offset + before.bytes === freed.offset;
    const joinsAfter = after !== undefined && freed.offset + freed.bytes === after.offset;
    if (joinsBefore) {
      before.bytes += freed.bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) this.#free.splice(at, 1);
    } else if (joinsAfter) {
      after.offset = freed.offset;
      after.bytes += freed.bytes;
    } else {
      this.#free.splice(at, 0, { ...freed });
    }
  }
}
