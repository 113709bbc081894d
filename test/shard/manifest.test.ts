/** Manifests: what goes in comes back, every flipped bit and every cut is noticed, sizes are bounded. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, GiB, KiB, MiB } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { portableKernel as kernel } from '../../src/kernel/index.js';
import { decodeManifest, encodeManifest, type Manifest } from '../../src/shard/index.js';
import { checkBlobLength, manifestBytes } from '../../src/shard/manifest.js';
import { layoutOf, stripeCount } from '../../src/shard/stripe-layout.js';

function manifestOf(data: number, parity: number, length: number, blob = 2 ** 33 + 5): Manifest {
  const layout = layoutOf({ data, parity }, length);
  const digests = Uint32Array.from(
    { length: stripeCount(layout) * (data + parity) },
    (_, i) => (i * 2_654_435_761) >>> 0,
  );
  const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255);
  return { ...layout, blob, nonce, blockBytes: 64 * KiB, digests };
}

function refusal(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}

/** The bytes with some replaced and the checksum made right again. */
function sealed(bytes: Uint8Array, offset: number, replacement: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(replacement, offset);
  const end = copy.length - 4;
  new DataView(copy.buffer).setUint32(end, kernel.crc32c(copy, 0, end, 0), true);
  return copy;
}

test('a manifest comes back as it went in', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.nat(6),
      fc.nat(64 * MiB),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      (data, parity, length, blob) => {
        const manifest = manifestOf(data, parity, length, blob);
        const bytes = encodeManifest(kernel, manifest);
        assert.is(bytes.length, manifestBytes(manifest));
        assert.equal(decodeManifest(kernel, bytes), manifest);
      },
    ),
    { numRuns: 50 },
  );
});

test('worked examples of its size', () => {
  assert.is(manifestBytes(layoutOf({ data: 4, parity: 2 }, 1 * MiB)), 76);
  assert.is(manifestBytes(layoutOf({ data: 4, parity: 2 }, 4 * GiB)), 24_628);
});

test('every flipped bit and every cut is STATE_CORRUPT', () => {
  const bytes = encodeManifest(kernel, manifestOf(4, 2, 5 * MiB));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
    assert.is(
      refusal(() => decodeManifest(kernel, flipped)),
      'THEMIS_STATE_CORRUPT',
      `bit ${bit}`,
    );
  }
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    assert.is(
      refusal(() => decodeManifest(kernel, cut)),
      'THEMIS_STATE_CORRUPT',
      `length ${length}`,
    );
  }
});

test('what no blob can be is refused even with a right checksum; a newer format is told', () => {
  const bytes = encodeManifest(kernel, manifestOf(4, 2, 5 * MiB));
  const table: [string, number, number[], string][] = [
    ['format', 4, [2, 0], 'THEMIS_FORMAT_NEWER'],
    ['checksum', 6, [2], 'THEMIS_STATE_CORRUPT'],
    ['matrix', 7, [2], 'THEMIS_STATE_CORRUPT'],
    ['blob', 8, [0, 0, 0, 0, 0, 0, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['blob too large', 8, [0, 0, 0, 0, 0, 0, 0x20, 0], 'THEMIS_STATE_CORRUPT'],
    ['length of another count of stripes', 24, [1, 0, 0, 1, 0, 0, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['length', 24, [0, 0, 0, 0, 0, 1, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['stripes of nothing', 32, [0, 0, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['stripes of no pages', 32, [1, 0, 64, 0], 'THEMIS_STATE_CORRUPT'],
    ['stripes too large', 32, [0, 0, 0, 4], 'THEMIS_STATE_CORRUPT'],
    ['blocks', 36, [0, 0, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['blocks of no power of two', 36, [0, 0x30, 0, 0], 'THEMIS_STATE_CORRUPT'],
    ['no data', 40, [0, 0], 'THEMIS_STATE_CORRUPT'],
    ['too many fragments', 42, [253, 0], 'THEMIS_STATE_CORRUPT'],
  ];
  for (const [what, offset, replacement, code] of table) {
    assert.is(
      refusal(() => decodeManifest(kernel, sealed(bytes, offset, replacement))),
      code,
      what,
    );
  }
});

test('a value is bounded by its own length and by that of its manifest', () => {
  const check = (data: number, parity: number, length: number) =>
    refusal(() => checkBlobLength(layoutOf({ data, parity }, length)));
  assert.is(check(4, 2, limits.blobBytesMax), undefined);
  assert.is(check(4, 2, limits.blobBytesMax + 1), 'THEMIS_VALUE_TOO_LARGE');
  assert.is(check(1, 250, limits.blobBytesMax), 'THEMIS_VALUE_TOO_LARGE');
  assert.is(check(17, 3, 64 * GiB), undefined);
});

test.run();
