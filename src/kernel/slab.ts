/**
 * Memory for coding: shared by all threads, page-aligned, outside V8's heap, and used in place by
 * the addon, by WASM and by TypeScript.
 *
 *      0                     byteLength                              pages of the memory
 *      | what the owner keeps here | to 64 KiB | scratch: slots of 32 KiB | page of claims |
 *
 * A slab goes to another thread as its `memory`, from which `Slab.over` makes that thread's Slab.
 * What a kernel needs to know about a slab is attached on first use in each thread, and detached
 * by `close`. Each memory takes some 10 GiB of addresses (not of memory), so a process has
 * few slabs, long-lived ones.
 */
import { ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { isSharedMemory, pageBytes, type SharedMemory, sharedMemory } from './web-assembly.js';

/** Slots of scratch for calls that are under way at once, in any threads. */
const scratchSlots = 8;
/** Bytes in a slot. */
export const scratchBytes = 32_768;
/** Pages behind what the owner uses: the slots, and a page whose first words are their claims. */
const reservedPages = (scratchSlots * scratchBytes) / pageBytes + 1;

/** What a kernel keeps about a slab. */
export interface Attachment {
  close(): void;
}

/** What is posted to another thread. */
export interface SlabMemory {
  readonly memory: SharedMemory;
  readonly byteLength: number;
}

function refuse(message: string): never {
  throw new ThemisError('THEMIS_KERNEL_ARGUMENT', message);
}

export class Slab {
  readonly memory: SharedMemory;
  /** Bytes that the owner may use. */
  readonly byteLength: number;
  readonly #attachments = new Map<object, Attachment>();
  readonly #claims: Int32Array;
  readonly #scratchStart: number;
  #bytes: Uint8Array;
  #closed = false;

  private constructor(memory: SharedMemory, byteLength: number) {
    const { buffer } = memory;
    this.memory = memory;
    this.byteLength = byteLength;
    this.#bytes = new Uint8Array(buffer, 0, byteLength);
    this.#scratchStart = buffer.byteLength - reservedPages * pageBytes;
    this.#claims = new Int32Array(buffer, buffer.byteLength - pageBytes, scratchSlots);
  }

  /** New zeroed memory of 1 to slabBytesMax bytes, or THEMIS_KERNEL_ARGUMENT. */
  static allocate(byteLength: number): Slab {
    if (!Number.isSafeInteger(byteLength) || byteLength < 1 || byteLength > limits.slabBytesMax) {
      refuse(`A slab has 1 to ${limits.slabBytesMax} bytes, not ${String(byteLength)}.`);
    }
    const pages = Math.ceil(byteLength / pageBytes) + reservedPages;
    return new Slab(sharedMemory(pages), byteLength);
  }

  /** The slab that another thread posted: its own Slab, with its own attachments. */
  static over({ memory, byteLength }: SlabMemory): Slab {
    if (!isSharedMemory(memory)) refuse('memory is not the memory of a slab.');
    const usable = memory.buffer.byteLength - reservedPages * pageBytes;
    if (!Number.isSafeInteger(byteLength) || byteLength < 1 || byteLength > usable) {
      refuse(`byteLength ${String(byteLength)} is not that of a slab in this memory.`);
    }
    return new Slab(memory, byteLength);
  }

  /** All bytes that the owner may use; none once the slab is closed. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What `owner` keeps about this slab in this thread, opened when it is asked for first. */
  attachment<T extends Attachment>(owner: { attach(slab: Slab): T }): T {
    const known = this.#attachments.get(owner);
    // An owner finds under its own name what it opened itself.
    if (known !== undefined) return known as T;
    const opened = owner.attach(this);
    this.#attachments.set(owner, opened);
    return opened;
  }

  /**
   * Calls `body` with the offset of scratchBytes that nobody else uses meanwhile. Returns null
   * when all slots are taken (a thread that died in its call took one along).
   */
  withScratch<T>(body: (offset: number) => T): T | null {
    for (let slot = 0; slot < scratchSlots; slot++) {
      if (Atomics.compareExchange(this.#claims, slot, 0, 1) !== 0) continue;
      try {
        return body(this.#scratchStart + slot * scratchBytes);
      } finally {
        Atomics.store(this.#claims, slot, 0);
      }
    }
    return null;
  }

  /**
   * Detaches the kernels in this thread; calls with this slab are refused from then on. The
   * memory itself is freed when no thread refers to it any more. May be called again.
   */
  close(): void {
    this.#closed = true;
    this.#bytes = new Uint8Array(0);
    for (const attachment of this.#attachments.values()) attachment.close();
    this.#attachments.clear();
  }
}
