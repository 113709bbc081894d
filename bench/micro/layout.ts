/** Bytes in and out: what every record, key and index entry is made of. */
import { compareBytes, readU64, viewOf, writeU64 } from '../../src/base/index.js';
import { keyOf } from '../kv/index.js';
import { consume, type MicroSuite } from './micro-suite.js';

export const layoutSuite: MicroSuite = {
  name: 'layout',
  add(suite) {
    const bytes = new Uint8Array(4096);
    const view = viewOf(bytes);
    const key = keyOf(1_234_567);
    const other = keyOf(1_234_568);
    const value = new Uint8Array(100);
    let i = 0;
    suite
      .add('writeU64', () => writeU64(view, (i++ % 500) * 8, i))
      .add('readU64', () => consume(readU64(view, (i++ % 500) * 8)))
      .add('compareBytes 16', () => consume(compareBytes(key, other)))
      .add('copy 100 bytes', () => bytes.set(value, (i++ % 32) * 112));
  },
};
