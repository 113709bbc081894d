/** Memories are told from what is none, and modules are compiled over them. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compile,
  instantiate,
  isSharedMemory,
  pageBytes,
  sharedMemory,
} from '../../src/kernel/web-assembly.js';

/** (module (import "slab" "memory" (memory 1 65536 shared)) (func (export "f") ...)): f() is 7. */
const module = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f],
  ...[0x02, 0x13, 0x01, 0x04, ...Buffer.from('slab'), 0x06, ...Buffer.from('memory')],
  ...[0x02, 0x03, 0x01, 0x80, 0x80, 0x04],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, ...Buffer.from('f'), 0x00, 0x00],
  ...[0x0a, 0x06, 0x01, 0x04, 0x00, 0x41, 0x07, 0x0b],
]);

test('a shared memory has zeroed pages and is known for what it is', () => {
  const memory = sharedMemory(2);
  assert.is(memory.buffer.byteLength, 2 * pageBytes);
  assert.instance(memory.buffer, SharedArrayBuffer);
  assert.is(isSharedMemory(memory), true);
  for (const other of [null, 1, {}, memory.buffer, { buffer: memory.buffer }]) {
    assert.is(isSharedMemory(other), false);
  }
});

test('a module is compiled and instantiated over a memory', () => {
  const { f } = instantiate(compile(module), sharedMemory(1));
  assert.is(typeof f === 'function' && f(), 7);
});

test('bytes that are no module are refused', () => {
  assert.throws(() => compile(module.subarray(0, 20)));
});

test.run();
