/**
 * Memory that values are read into before they are copied out. Threads fill it in place; giving
 * whole buffers from thread to thread instead would spare the copy and cost more: memory that comes
 * from another thread is collected only by full collections of the heap, every 64 MiB or so.
 */
import { must, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import type { RandomStream } from '../io/index.js';
import { Slab } from '../kernel/index.js';
import { SlabAllocator } from './slab-allocator.js';
import type { PostedSlab } from './task-setting.js';

export class ReadSlab {
  readonly #random: RandomStream;
  readonly #allocator = new SlabAllocator(limits.blobReadMemoryBytes);
  /** Taken by the first read. */
  #slab: { readonly slab: Slab; readonly posted: PostedSlab } | null = null;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  get bytes(): Uint8Array {
    return this.#memory.slab.bytes;
  }

  get posted(): PostedSlab {
    return this.#memory.posted;
  }

  /** Offset of a slot, or -1 while there is none. */
  take(bytes: number): number {
    return this.#allocator.take(bytes);
  }

  /** As take, for those who cannot wait: THEMIS_OVERLOADED. */
  takeNow(bytes: number): number {
    const offset = this.take(bytes);
    if (offset >= 0) return offset;
    const message =
      'Reads of large values use all memory for reads. Retry, or read asynchronously.';
    throw new ThemisError('THEMIS_OVERLOADED', message);
  }

  free(offset: number): void {
    this.#allocator.free(offset);
  }

  close(): void {
    this.#slab?.slab.close();
    this.#slab = null;
  }

  get #memory(): { readonly slab: Slab; readonly posted: PostedSlab } {
    if (this.#slab === null) {
      const slab = Slab.allocate(limits.blobReadMemoryBytes);
      const { memory, byteLength } = slab;
      this.#slab = { slab, posted: { id: this.#random.u32(), memory, byteLength } };
    }
    return must(this.#slab, 'the slab was taken');
  }
}
