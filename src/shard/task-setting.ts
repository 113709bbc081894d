/** What the compute side of blobs stands on, in a thread or inline, and what it keeps for later. */
import { bufferOf } from '../base/index.js';
import { FragmentReader } from '../device/index.js';
import type { FileSystem } from '../io/index.js';
import { Coder, type CodingKernel, type Kernel, Slab, type SlabMemory } from '../kernel/index.js';
import type { Code } from './redundancy.js';

export interface TaskParts {
  readonly fileSystem: FileSystem;
  readonly kernel: Kernel;
  readonly coding: CodingKernel;
}

/** The slab of a store, as it travels to a thread. */
export interface PostedSlab extends SlabMemory {
  /** Tells one store's slab from another's. */
  readonly id: number;
}

/**
 * Kept from task to task: the slab under its id, coders, and a slab of this thread's own for
 * reconstruction. A thread serves one store at a time; a slab with another id replaces the last.
 */
export class TaskSetting {
  readonly kernel: Kernel;
  readonly #fileSystem: FileSystem;
  readonly #coding: CodingKernel;
  readonly #coders = new Map<string, Coder>();
  #posted: { readonly id: number; readonly slab: Slab } | null = null;
  #reader: { readonly clusterId: string; readonly reader: FragmentReader } | null = null;
  #scratch: Slab | null = null;

  constructor({ fileSystem, kernel, coding }: TaskParts) {
    this.#fileSystem = fileSystem;
    this.kernel = kernel;
    this.#coding = coding;
  }

  /** This thread's view of a store's slab. */
  slabOf(posted: PostedSlab): Slab {
    if (this.#posted?.id === posted.id) return this.#posted.slab;
    this.#posted?.slab.close();
    this.#posted = { id: posted.id, slab: Slab.over(posted) };
    return this.#posted.slab;
  }

  /** The coder of a code with parity. */
  coderOf({ data, parity }: Code): Coder {
    const name = `${data}+${parity}`;
    let coder = this.#coders.get(name);
    if (coder === undefined) {
      coder = new Coder({ data, parity }, this.#coding);
      this.#coders.set(name, coder);
    }
    return coder;
  }

  /** The reader of a cluster's fragments, with the files that it holds open. */
  readerOf(clusterId: Uint8Array): FragmentReader {
    const name = bufferOf(clusterId).toString('hex');
    if (this.#reader?.clusterId === name) return this.#reader.reader;
    this.#reader?.reader.close();
    const parts = { fileSystem: this.#fileSystem, kernel: this.kernel, clusterId };
    this.#reader = { clusterId: name, reader: new FragmentReader(parts) };
    return this.#reader.reader;
  }

  /** Memory for one reconstruction, at least so many bytes; what it holds is of no use to others. */
  scratchOf(bytes: number): Slab {
    if (this.#scratch === null || this.#scratch.byteLength < bytes) {
      this.#scratch?.close();
      this.#scratch = Slab.allocate(bytes);
    }
    return this.#scratch;
  }

  close(): void {
    this.#posted?.slab.close();
    this.#scratch?.close();
    this.#reader?.reader.close();
    for (const coder of this.#coders.values()) coder.close();
    this.#coders.clear();
    this.#posted = null;
    this.#reader = null;
    this.#scratch = null;
  }
}
