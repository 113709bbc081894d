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

/** A slab of a store, as it travels to a thread. */
export interface PostedSlab extends SlabMemory {
  /** Tells one slab from another. */
  readonly id: number;
}

/** One for writes and one for reads of a store, and those of another. */
const slabsMax = 4;

/** Kept from task to task: slabs under their ids, coders, and open files. */
export class TaskSetting {
  readonly kernel: Kernel;
  readonly fileSystem: FileSystem;
  readonly #coding: CodingKernel;
  readonly #coders = new Map<string, Coder>();
  /** The last ones used, oldest first. */
  readonly #slabs = new Map<number, Slab>();
  #reader: { readonly clusterId: string; readonly reader: FragmentReader } | null = null;

  constructor({ fileSystem, kernel, coding }: TaskParts) {
    this.fileSystem = fileSystem;
    this.kernel = kernel;
    this.#coding = coding;
  }

  /** This thread's view of a store's slab. */
  slabOf(posted: PostedSlab): Slab {
    const known = this.#slabs.get(posted.id);
    if (known !== undefined) return known;
    if (this.#slabs.size === slabsMax) this.#dropOldest();
    const slab = Slab.over(posted);
    this.#slabs.set(posted.id, slab);
    return slab;
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
    const parts = { fileSystem: this.fileSystem, kernel: this.kernel, clusterId };
    this.#reader = { clusterId: name, reader: new FragmentReader(parts) };
    return this.#reader.reader;
  }

  close(): void {
    for (const slab of this.#slabs.values()) slab.close();
    this.#slabs.clear();
    this.#reader?.reader.close();
    for (const coder of this.#coders.values()) coder.close();
    this.#coders.clear();
    this.#reader = null;
  }

  #dropOldest(): void {
    for (const [id, slab] of this.#slabs) {
      slab.close();
      this.#slabs.delete(id);
      return;
    }
  }
}
