/**
 * Operations that wait for one atomic batch: where each lies in memory and its version, and the
 * order of their keys.
 *
 * Sorting compares numbers, not keys: four bytes of the key, taken after what all keys of the
 * group have in common, times 2^20, plus the operation's number. Numbers are sorted without a
 * comparison function in native code; only keys whose four bytes are equal are compared whole.
 * Operations on one key end up next to each other, oldest first.
 */
import { assert } from '../base/index.js';
import { limits } from '../config/index.js';
import { operationHeaderBytes, operationKeyBytes } from './command.js';

const numberRange = 2 ** 20;
const groupMax = limits.applyOperationsMax + limits.batchOperationsMax;
assert(groupMax < numberRange, 'operation numbers of a batch fit 20 bits');

export class OperationGroup {
  memory: Uint8Array = new Uint8Array(0);
  size = 0;
  /** Bytes of the commands that are in. */
  bytes = 0;
  offsets = new Int32Array(limits.applyOperationsMax);
  versions = new Float64Array(limits.applyOperationsMax);
  /** After `sort`: operation numbers in the order of their keys. */
  order = new Int32Array(limits.applyOperationsMax);
  #numbers = new Float64Array(limits.applyOperationsMax);

  add(offset: number, version: number): void {
    if (this.size === this.offsets.length) this.#grow();
    this.offsets[this.size] = offset;
    this.versions[this.size] = version;
    this.size++;
  }

  clear(): void {
    this.size = 0;
    this.bytes = 0;
    this.memory = nothing;
  }

  sort(): void {
    const size = this.size;
    const common = this.#commonPrefix();
    const numbers = this.#numbers;
    for (let i = 0; i < size; i++) {
      numbers[i] = this.#fourBytes(this.offsets[i] as number, common) * numberRange + i;
    }
    numbers.subarray(0, size).sort();
    let from = 0;
    let prefix = -1;
    for (let at = 0; at < size; at++) {
      const number = numbers[at] as number;
      const high = Math.floor(number / numberRange);
      this.order[at] = number - high * numberRange;
      if (high === prefix) continue;
      this.#sortWhole(from, at);
      from = at;
      prefix = high;
    }
    this.#sortWhole(from, size);
  }

  /**
   * Where in `order` the operations on the same key as that at `at` end. Keys whose four bytes
   * differ are not looked at again: that would be two cache misses for each operation.
   */
  endOfKey(at: number): number {
    const prefix = Math.floor((this.#numbers[at] as number) / numberRange);
    let end = at + 1;
    while (
      end < this.size &&
      Math.floor((this.#numbers[end] as number) / numberRange) === prefix &&
      this.#compareKeys(this.order[at], this.order[end]) === 0
    ) {
      end++;
    }
    return end;
  }

  /** Sorts a stretch of `order` by whole keys; nearly always it is one operation long. */
  #sortWhole(from: number, to: number): void {
    if (to - from < 2) return;
    this.order.subarray(from, to).sort((a, b) => this.#compareKeys(a, b) || a - b);
  }

  #compareKeys(a: number | undefined, b: number | undefined): number {
    const memory = this.memory;
    const offsetA = this.offsets[a as number] as number;
    const offsetB = this.offsets[b as number] as number;
    const lengthA = operationKeyBytes(memory, offsetA);
    const lengthB = operationKeyBytes(memory, offsetB);
    const keyA = offsetA + operationHeaderBytes;
    const keyB = offsetB + operationHeaderBytes;
    const length = Math.min(lengthA, lengthB);
    for (let i = 0; i < length; i++) {
      const difference = (memory[keyA + i] as number) - (memory[keyB + i] as number);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** Length of what all keys start with. */
  #commonPrefix(): number {
    if (this.size === 0) return 0;
    const memory = this.memory;
    const first = this.offsets[0] as number;
    const firstKey = first + operationHeaderBytes;
    let common = operationKeyBytes(memory, first);
    for (let i = 1; i < this.size && common > 0; i++) {
      const offset = this.offsets[i] as number;
      const key = offset + operationHeaderBytes;
      const length = Math.min(common, operationKeyBytes(memory, offset));
      let same = 0;
      while (same < length && memory[key + same] === memory[firstKey + same]) same++;
      common = same;
    }
    return common;
  }

  /** Four bytes of a key as a number, zeros where the key is shorter. */
  #fourBytes(offset: number, from: number): number {
    const memory = this.memory;
    const length = operationKeyBytes(memory, offset);
    const key = offset + operationHeaderBytes;
    let value = 0;
    for (let i = from; i < from + 4; i++) {
      value = value * 256 + (i < length ? (memory[key + i] as number) : 0);
    }
    return value;
  }

  #grow(): void {
    const length = Math.min(this.offsets.length * 2, groupMax);
    assert(length > this.offsets.length, 'a batch has a bounded number of operations');
    this.offsets = grown(this.offsets, new Int32Array(length));
    this.versions = grown(this.versions, new Float64Array(length));
    this.order = new Int32Array(length);
    this.#numbers = new Float64Array(length);
  }
}

const nothing = new Uint8Array(0);

function grown<A extends Int32Array | Float64Array>(source: A, target: A): A {
  target.set(source);
  return target;
}
