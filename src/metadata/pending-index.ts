/**
 * What was written into the ring and is not yet in the applied state, findable by key.
 *
 * Everything lies in typed arrays, so that a million entries cost V8's collector nothing. Nodes
 * form a circular pool in the order of their versions; each has the hash of its key, the offset of
 * its operation in the ring's memory (where the key is), its version, and the slot of the next
 * older node of its bucket.
 *
 *        oldest                         newest
 *   ...|  n4  |  n5  |  n6  |  n7  |  n8  |...        heads: bucket -> slot of its newest node
 *          ^------------' same bucket (older)
 *
 * Freeing takes nodes from the old end and never unlinks them from their chains. A link is dead
 * when it does not lead to an older living node: the age of a slot is its distance from the oldest
 * one, and along a living chain the age falls strictly. A slot that was freed and used again is
 * younger than whatever still links to it, so a stale link always looks younger or dead.
 */
import { assert, ThemisError } from '../base/index.js';
import { limits } from '../config/index.js';
import { operationHeaderBytes, operationKeyBytes } from './command.js';

const none = -1;

export class PendingIndex {
  readonly #memory: Uint8Array;
  readonly #capacityMax: number;
  #mask: number;
  #hashes: Int32Array;
  #offsets: Int32Array;
  #versions: Float64Array;
  #older: Int32Array;
  #heads: Int32Array;
  /** Slot of the oldest node, and how many there are. */
  #oldest = 0;
  #size = 0;

  /** Capacities are powers of two; operations lie in `memory`, at offsets below 2^31. */
  constructor(
    memory: Uint8Array,
    capacityMin: number = limits.pendingOperationsMin,
    capacityMax: number = limits.pendingOperationsMax,
  ) {
    assert(Number.isInteger(Math.log2(capacityMin)), 'the capacity is a power of two');
    assert(Number.isInteger(Math.log2(capacityMax)), 'the greatest capacity is a power of two');
    this.#memory = memory;
    this.#capacityMax = capacityMax;
    this.#mask = capacityMin - 1;
    this.#hashes = new Int32Array(capacityMin);
    this.#offsets = new Int32Array(capacityMin);
    this.#versions = new Float64Array(capacityMin);
    this.#older = new Int32Array(capacityMin);
    this.#heads = new Int32Array(capacityMin).fill(none);
  }

  get size(): number {
    return this.#size;
  }

  /** Operations that can be added before THEMIS_OVERLOADED. */
  get room(): number {
    return this.#capacityMax - this.#size;
  }

  /**
   * Remembers the operation at this offset. Versions never fall from one call to the next.
   * Throws THEMIS_OVERLOADED when capacityMax operations are pending.
   */
  add(operationOffset: number, version: number): void {
    if (this.#size > this.#mask) this.#grow();
    const slot = (this.#oldest + this.#size) & this.#mask;
    const keyBytes = operationKeyBytes(this.#memory, operationOffset);
    const hash = hashBytes(this.#memory, operationOffset + operationHeaderBytes, keyBytes);
    const bucket = hash & this.#mask;
    this.#hashes[slot] = hash;
    this.#offsets[slot] = operationOffset;
    this.#versions[slot] = version;
    this.#older[slot] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
    this.#size++;
  }

  /** Offset of the newest operation on the key with a version up to maxVersion, or -1. */
  find(key: Uint8Array, maxVersion: number): number {
    if (this.#size === 0) return none;
    const hash = hashBytes(key, 0, key.length);
    const mask = this.#mask;
    let slot = this.#heads[hash & mask] as number;
    let youngest = this.#size;
    while (slot !== none) {
      const age = (slot - this.#oldest) & mask;
      if (age >= youngest) return none;
      youngest = age;
      if (
        this.#hashes[slot] === hash &&
        (this.#versions[slot] as number) <= maxVersion &&
        this.#hasKey(this.#offsets[slot] as number, key)
      ) {
        return this.#offsets[slot] as number;
      }
      slot = this.#older[slot] as number;
    }
    return none;
  }

  /** Version of the newest pending operation on the key, or -1. */
  newestVersion(key: Uint8Array): number {
    if (this.#size === 0) return none;
    const hash = hashBytes(key, 0, key.length);
    let slot = this.#heads[hash & this.#mask] as number;
    let youngest = this.#size;
    while (slot !== none) {
      const age = (slot - this.#oldest) & this.#mask;
      if (age >= youngest) return none;
      youngest = age;
      if (this.#hashes[slot] === hash && this.#hasKey(this.#offsets[slot] as number, key)) {
        return this.#versions[slot] as number;
      }
      slot = this.#older[slot] as number;
    }
    return none;
  }

  /** Forgets the operations up to this version; the ring may then reuse their space. */
  release(appliedVersion: number): void {
    const mask = this.#mask;
    let oldest = this.#oldest;
    let size = this.#size;
    while (size > 0 && (this.#versions[oldest] as number) <= appliedVersion) {
      const bucket = (this.#hashes[oldest] as number) & mask;
      if (this.#heads[bucket] === oldest) this.#heads[bucket] = none;
      oldest = (oldest + 1) & mask;
      size--;
    }
    this.#oldest = oldest;
    this.#size = size;
  }

  #hasKey(offset: number, key: Uint8Array): boolean {
    const memory = this.#memory;
    if (operationKeyBytes(memory, offset) !== key.length) return false;
    const keyAt = offset + operationHeaderBytes;
    for (let i = 0; i < key.length; i++) if (memory[keyAt + i] !== key[i]) return false;
    return true;
  }

  /** Doubles the pool, oldest node first, and links the chains anew. */
  #grow(): void {
    const from = this.#mask + 1;
    const to = from * 2;
    if (to > this.#capacityMax) {
      throw new ThemisError(
        'THEMIS_OVERLOADED',
        `${from} operations wait to be applied; retry when some of them are.`,
      );
    }
    const hashes = unrolled(this.#hashes, new Int32Array(to), this.#oldest);
    const older = new Int32Array(to);
    const heads = new Int32Array(to).fill(none);
    for (let slot = 0; slot < from; slot++) {
      const bucket = (hashes[slot] as number) & (to - 1);
      older[slot] = heads[bucket] as number;
      heads[bucket] = slot;
    }
    this.#hashes = hashes;
    this.#offsets = unrolled(this.#offsets, new Int32Array(to), this.#oldest);
    this.#versions = unrolled(this.#versions, new Float64Array(to), this.#oldest);
    this.#older = older;
    this.#heads = heads;
    this.#oldest = 0;
    this.#mask = to - 1;
  }
}

/** Copies a full circular array into a longer one, starting with its oldest element. */
function unrolled<A extends Int32Array | Float64Array>(source: A, target: A, oldest: number): A {
  target.set(source.subarray(oldest));
  target.set(source.subarray(0, oldest), source.length - oldest);
  return target;
}

/** murmur3's mixing over 4-byte steps: about 10 ns for a 16-byte key. */
export function hashBytes(bytes: Uint8Array, offset: number, length: number): number {
  let hash = length;
  let at = offset;
  const end = offset + length;
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = mix(hash, word);
  }
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= (bytes[at] as number) << shift;
  hash = mix(hash, rest);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
