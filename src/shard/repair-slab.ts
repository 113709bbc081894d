/** Memory for stripes that are checked or rebuilt; taken with the first of them. */
import { limits } from '../config/index.js';
import type { RandomStream } from '../io/index.js';
import { Slab } from '../kernel/index.js';
import { SlabAllocator } from './slab-allocator.js';
import type { PostedSlab } from './task-setting.js';

/** Two stripes, whatever their width. */
const slabBytes = 2 * limits.blobSlotBytesMax;

export class RepairSlab {
  readonly #random: RandomStream;
  readonly #allocator = new SlabAllocator(slabBytes);
  #slab: { readonly slab: Slab; readonly posted: PostedSlab } | null = null;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  get memory(): { readonly bytes: Uint8Array } {
    return this.#taken().slab;
  }

  get posted(): PostedSlab {
    return this.#taken().posted;
  }

  /** Offset of so many bytes, when there is room. */
  take(bytes: number): Promise<number> {
    return new Promise((resolve) => {
      this.#allocator.request(bytes, resolve);
    });
  }

  free(offset: number): void {
    this.#allocator.free(offset);
  }

  close(): void {
    this.#slab?.slab.close();
    this.#slab = null;
  }

  #taken(): { readonly slab: Slab; readonly posted: PostedSlab } {
    if (this.#slab === null) {
      const slab = Slab.allocate(slabBytes);
      const { memory, byteLength } = slab;
      this.#slab = { slab, posted: { id: this.#random.u32(), memory, byteLength } };
    }
    return this.#slab;
  }
}
