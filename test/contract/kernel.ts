/** What every Kernel promises, as a suite to be called once per tier. The oracle is naive.ts. */

import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { type Kernel, naiveKernel } from '../../src/kernel/index.js';
import type { Register } from './register.js';

const lengthsMax = 600;
const offsets = 64;
/** Every path of every tier and its thresholds, with remainders. */
const largeLengths = [
  1_023, 1_531, 4_097, 6_143, 6_144, 6_207, 6_208, 8_192, 12_345, 65_536, 70_001,
];

/** Bytes without a pattern, the same in every run. */
export function sampleBytes(length: number, shared = false): Uint8Array {
  const bytes = new Uint8Array(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length));
  let state = 0x1234567;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const bytes = sampleBytes(80_000, true);
let expectedSmall: Uint32Array | undefined;

/** The oracle's CRCs of bytes[offset, offset + length), computed once for all tiers. */
function oracle(): Uint32Array {
  if (expectedSmall !== undefined) return expectedSmall;
  const table = new Uint32Array(offsets * (lengthsMax + 1));
  for (let i = 0; i < table.length; i++) {
    const offset = i % offsets;
    const length = Math.floor(i / offsets);
    table[i] = naiveKernel.crc32c(bytes, offset, length, i);
  }
  expectedSmall = table;
  return table;
}

/** RFC 3720, B.4, and the customary check value. */
const vectors: readonly (readonly [string, Uint8Array, number])[] = [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    'an iSCSI read command',
    Uint8Array.from(
      Buffer.from(
        '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
          '0200000000000000',
        'hex',
      ),
    ),
    0xd9963a56,
  ],
  ['123456789', Uint8Array.from(Buffer.from('123456789')), 0xe3069283],
];

/** Calls that must be refused: what is wrong, and the arguments of crc32c. */
const refusedCalls: readonly (readonly [string, readonly unknown[]])[] = [
  ['no arguments', []],
  ['bytes missing', [undefined, 0, 0, 0]],
  ['bytes null', [null, 0, 0, 0]],
  ['bytes a string', ['abcdefgh', 0, 4, 0]],
  ['bytes an ArrayBuffer', [new ArrayBuffer(200), 0, 100, 0]],
  ['bytes an Int8Array', [new Int8Array(200), 0, 100, 0]],
  ['bytes a DataView', [new DataView(new ArrayBuffer(200)), 0, 100, 0]],
  ['offset missing', [bytes, undefined, 100, 0]],
  ['offset a string', [bytes, '0', 100, 0]],
  ['offset a bigint', [bytes, 0n, 100, 0]],
  ['offset negative', [bytes, -1, 100, 0]],
  ['offset a fraction', [bytes, 0.5, 100, 0]],
  ['offset NaN', [bytes, Number.NaN, 100, 0]],
  ['offset past the end', [bytes, bytes.length + 1, 0, 0]],
  ['offset infinite', [bytes, Number.POSITIVE_INFINITY, 0, 0]],
  ['offset 2^53', [bytes, 2 ** 53, 0, 0]],
  ['length missing', [bytes, 0, undefined, 0]],
  ['length a string', [bytes, 0, '100', 0]],
  ['length negative', [bytes, 100, -100, 0]],
  ['length a fraction', [bytes, 0, 100.5, 0]],
  ['length NaN', [bytes, 0, Number.NaN, 0]],
  ['length one too long', [bytes, 0, bytes.length + 1, 0]],
  ['range one too long', [bytes, bytes.length - 99, 100, 0]],
  ['range that wraps at 2^32', [bytes, 100, 2 ** 32 - 50, 0]],
  ['length 2^53', [bytes, 0, 2 ** 53, 0]],
  ['seed missing', [bytes, 0, 100]],
  ['seed a string', [bytes, 0, 100, '0']],
  ['seed negative', [bytes, 0, 100, -1]],
  ['seed a fraction', [bytes, 0, 100, 0.5]],
  ['seed 2^32', [bytes, 0, 100, 2 ** 32]],
  ['seed NaN', [bytes, 0, 100, Number.NaN]],
];

const pairs = Uint32Array.of(0, 16, 16, 100);

/** Calls of crc32cRanges that must be refused; the results are put in last. */
const refusedRanges: readonly (readonly [string, readonly unknown[]])[] = [
  ['bytes a string', ['abc', pairs, 2]],
  ['bytes a Uint16Array', [new Uint16Array(200), pairs, 2]],
  ['ranges an array', [bytes, [0, 16], 1]],
  ['ranges an Int32Array', [bytes, new Int32Array(4), 2]],
  ['count missing', [bytes, pairs, undefined]],
  ['count negative', [bytes, pairs, -1]],
  ['count a fraction', [bytes, pairs, 1.5]],
  ['count a string', [bytes, pairs, '1']],
  ['more ranges than pairs', [bytes, pairs, 3]],
  ['half a pair', [bytes, pairs.subarray(0, 3), 2]],
  ['more ranges than results', [bytes, new Uint32Array(20), 10]],
  ['a range past the end', [bytes, Uint32Array.of(0, 16, bytes.length, 1), 2]],
  ['a range one too long', [bytes, Uint32Array.of(0, 16, 1, bytes.length), 2]],
  ['a range that wraps', [bytes, Uint32Array.of(0, 16, 0xffffffff, 2), 2]],
];

function refuses(call: () => unknown, what: string): void {
  try {
    call();
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_KERNEL_ARGUMENT'), `${what}: ${String(error)}`);
    return;
  }
  assert.unreachable(`${what}: was not refused`);
}

function testCrc(test: Register, kernel: Kernel): void {
  const { name } = kernel;
  test(`${name}: gives the checksums of RFC 3720`, () => {
    for (const [what, input, crc] of vectors) {
      assert.is(kernel.crc32c(input, 0, input.length, 0), crc, what);
    }
  });

  test(`${name}: equals the oracle for lengths 0 to 600 at every alignment`, () => {
    const expected = oracle();
    for (let i = 0; i < expected.length; i++) {
      const offset = i % offsets;
      const length = Math.floor(i / offsets);
      const crc = kernel.crc32c(bytes, offset, length, i);
      if (crc !== expected[i]) assert.unreachable(`length ${length} at ${offset}: ${crc}`);
    }
  });

  test(`${name}: equals the oracle for long ranges, in shared and in plain memory`, () => {
    const plain = Uint8Array.from(bytes);
    for (const length of largeLengths) {
      for (const offset of [0, 13, bytes.length - length]) {
        const expected = naiveKernel.crc32c(bytes, offset, length, 7);
        assert.is(kernel.crc32c(bytes, offset, length, 7), expected, `${length} at ${offset}`);
        assert.is(kernel.crc32c(plain, offset, length, 7), expected, `${length} at ${offset}`);
      }
    }
  });

  test(`${name}: reads views and Buffers from where they start, not their memory`, () => {
    const view = bytes.subarray(1_003, 1_503);
    const expected = naiveKernel.crc32c(Uint8Array.from(view), 5, 400, 0);
    assert.is(kernel.crc32c(view, 5, 400, 0), expected);
    assert.is(kernel.crc32c(Buffer.from(view), 5, 400, 0), expected);
    assert.is(kernel.crc32c(Uint8Array.from(view), 5, 400, 0), expected);
  });

  test(`${name}: continues from a seed wherever the bytes are cut`, () => {
    const whole = fc.record({
      offset: fc.nat(4_000),
      length: fc.nat(30_000),
      cuts: fc.array(fc.nat(30_000), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(whole, ({ offset, length, cuts }) => {
        const ends = [...cuts.filter((cut) => cut <= length), length].sort((a, b) => a - b);
        let crc = 0;
        let at = 0;
        for (const end of ends) {
          crc = kernel.crc32c(bytes, offset + at, end - at, crc);
          at = end;
        }
        assert.is(crc, kernel.crc32c(bytes, offset, length, 0));
      }),
      { numRuns: name === naiveKernel.name ? 20 : 200 },
    );
  });

  test(`${name}: refuses wrong arguments with a code`, () => {
    for (const [what, input] of refusedCalls) {
      refuses(() => Reflect.apply(kernel.crc32c, kernel, [...input]), what);
    }
  });

  test(`${name}: sees no bytes in a buffer that was transferred away`, () => {
    const memory = new ArrayBuffer(1_000);
    const gone = new Uint8Array(memory);
    structuredClone(memory, { transfer: [memory] });
    refuses(() => kernel.crc32c(gone, 0, 100, 0), 'detached');
    assert.is(kernel.crc32c(gone, 0, 0, 5), 5);
  });
}

function testRanges(test: Register, kernel: Kernel): void {
  const { name } = kernel;
  test(`${name}: ranges give the CRC of each, and write no other result`, () => {
    const range = fc.tuple(fc.nat(3_000), fc.nat(700));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (list) => {
        const ranges = Uint32Array.from(list.flat());
        const results = new Uint32Array(list.length + 2).fill(0xaaaaaaaa);
        kernel.crc32cRanges(bytes, ranges, list.length, results);
        for (const [i, [offset, length]] of list.entries()) {
          assert.is(results[i], naiveKernel.crc32c(bytes, offset, length, 0));
        }
        assert.equal([...results.subarray(list.length)], [0xaaaaaaaa, 0xaaaaaaaa]);
      }),
      { numRuns: 50 },
    );
  });

  test(`${name}: ranges take empty ranges at both ends and a count below the pairs`, () => {
    const results = new Uint32Array(3).fill(9);
    const ends = Uint32Array.of(0, 0, bytes.length, 0, 0, bytes.length);
    kernel.crc32cRanges(bytes, ends, 2, results);
    assert.equal([...results], [0, 0, 9]);
    kernel.crc32cRanges(bytes, ends, 0, results);
    assert.equal([...results], [0, 0, 9]);
  });

  test(`${name}: refuses wrong ranges with a code and leaves the results alone`, () => {
    for (const [what, input] of refusedRanges) {
      const results = new Uint32Array(4).fill(0xaaaaaaaa);
      refuses(() => Reflect.apply(kernel.crc32cRanges, kernel, [...input, results]), what);
      assert.equal([...results], Array(4).fill(0xaaaaaaaa), what);
    }
    refuses(
      () => Reflect.apply(kernel.crc32cRanges, kernel, [bytes, pairs, 2, [0, 0]]),
      'results an array',
    );
    refuses(() => Reflect.apply(kernel.crc32cRanges, kernel, [bytes, pairs]), 'two arguments');
  });
}

export function kernelContract(test: Register, kernel: Kernel): void {
  testCrc(test, kernel);
  testRanges(test, kernel);
}
