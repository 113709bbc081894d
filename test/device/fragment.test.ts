/** The format of a fragment: what is sealed is read, and no flipped bit passes. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import {
  damagedBlock,
  decodeFragment,
  type FragmentFields,
  fragmentFootprint,
  fragmentHeaderBytes,
  looksLikeFragment,
  placeFragment,
  sealedFragment,
  sealFragment,
} from '../../src/device/fragment.js';
import { clusterId, kernel, nonce, sealed } from './device-fixture.js';

const name = { blob: 3 * 2 ** 32 + 7, stripe: 12, number: 5 };

function fieldsOf(change: Partial<FragmentFields> = {}): FragmentFields {
  const coded = { data: 4, parity: 2, stripeBytes: 400_000, bytes: 100_000, blockBytes: 65_536 };
  return { ...name, clusterId, nonce, ...coded, ...change };
}

function seal(fields: FragmentFields, volume = 9): Uint8Array {
  const bytes = new Uint8Array(fragmentFootprint(fields.bytes)).fill(0xee);
  bytes.fill(0x11, fragmentHeaderBytes, fragmentHeaderBytes + fields.bytes);
  const blocks = Math.ceil(fields.bytes / fields.blockBytes);
  const checksums = Uint32Array.from({ length: blocks }, (_, block) => {
    const from = block * fields.blockBytes;
    const length = Math.min(fields.blockBytes, fields.bytes - from);
    return kernel.crc32c(bytes, fragmentHeaderBytes + from, length, 0);
  });
  sealFragment(kernel, bytes, 0, fields, checksums);
  placeFragment(kernel, bytes, 0, volume);
  return bytes;
}

test('what was sealed and placed is read, field by field', () => {
  const edges: Partial<FragmentFields>[] = [
    {},
    { blob: Number.MAX_SAFE_INTEGER, stripe: 2 ** 32 - 1, number: 255, data: 255, parity: 1 },
    { blob: 0, stripe: 0, number: 0, data: 1, parity: 0, bytes: 1, stripeBytes: 1 },
    { bytes: 65_536 },
    { bytes: 3, blockBytes: 1 },
    { bytes: limits.fragmentBytesMax },
  ];
  for (const change of edges) {
    const fields = fieldsOf(change);
    const bytes = seal(fields);
    const decoded = decodeFragment(kernel, bytes, 0);
    assert.is(decoded.kind, 'valid');
    if (decoded.kind !== 'valid') return;
    const { volume, digest, ...read } = decoded.header;
    assert.equal(read, fields);
    assert.is(volume, 9);
    assert.equal(sealedFragment(bytes, 0), { bytes: fields.bytes, digest });
    assert.ok(looksLikeFragment(viewOf(bytes), 0));
  }
});

test('the example in the format takes 4096 + 102,400 bytes, zeros at its end', () => {
  assert.is(fragmentFootprint(100_000), 4_096 + 102_400);
  const bytes = seal(fieldsOf());
  const end = fragmentHeaderBytes + 100_000;
  assert.is(bytes[end - 1], 0x11);
  assert.ok(bytes.subarray(end).every((byte) => byte === 0));
});

test('a flipped bit anywhere in the header is noticed', () => {
  const bytes = seal(fieldsOf());
  for (let at = 0; at < fragmentHeaderBytes; at++) {
    const bit = 1 << (at % 8);
    bytes[at] = (bytes[at] as number) ^ bit;
    assert.is(decodeFragment(kernel, bytes, 0).kind, 'bad', `byte ${at}`);
    bytes[at] = (bytes[at] as number) ^ bit;
  }
});

test('the digest stands for everything but the volume', () => {
  const digest = (fields: FragmentFields, volume?: number): number =>
    sealedFragment(seal(fields, volume), 0).digest;
  const base = digest(fieldsOf());
  assert.is(digest(fieldsOf(), 10), base);
  const changes: Partial<FragmentFields>[] = [
    { blob: 1 },
    { stripe: 13 },
    { number: 4 },
    { data: 5 },
    { parity: 3 },
    { stripeBytes: 1 },
    { bytes: 99_999 },
    { nonce: new Uint8Array(8) },
    { clusterId: new Uint8Array(16) },
  ];
  for (const change of changes)
    assert.is.not(digest(fieldsOf(change)), base, JSON.stringify(change));
});

test('a header of a later version is told from a damaged one', () => {
  const bytes = seal(fieldsOf());
  viewOf(bytes).setUint32(8, 2, true);
  assert.is(decodeFragment(kernel, bytes, 0).kind, 'bad');
  placeFragment(kernel, bytes, 0, 9);
  assert.equal(decodeFragment(kernel, bytes, 0), { kind: 'newer', version: 2 });
});

test('fields out of range are not sealed', () => {
  const wrong: Partial<FragmentFields>[] = [
    { number: 6 },
    { data: 0 },
    { data: 255, parity: 2 },
    { bytes: 0 },
    { blob: 2 ** 53 },
  ];
  for (const change of wrong) {
    const bytes = new Uint8Array(200_000);
    const seals = (): unknown =>
      sealFragment(kernel, bytes, 0, fieldsOf(change), new Uint32Array(2));
    assert.throws(seals, /in range|every block/, JSON.stringify(change));
  }
});

test('the damaged block is named, whatever part is looked at', () => {
  const { memory, bytes } = sealed(name, 200_000);
  const block = (at: number): number => Math.floor(at / 65_536);
  fc.assert(
    fc.property(fc.nat(199_999), fc.nat(7), fc.nat(3), (at, bit, first) => {
      const source = memory.bytes.slice(0, bytes);
      const damaged = fragmentHeaderBytes + at;
      source[damaged] = (source[damaged] as number) ^ (1 << bit);
      const from = first * 65_536;
      const data = { bytes: source, at: fragmentHeaderBytes + from };
      const found = damagedBlock(kernel, source, 0, data, { from, to: 200_000 });
      assert.is(found, block(at) >= first ? block(at) : -1);
    }),
    { numRuns: 60 },
  );
});

test.run();
