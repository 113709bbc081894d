/** Modules that pass for an addon, with tiers that compute rightly or wrongly, for loader tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of tiers, and whether they are right. */
export type FakeTiers = readonly (readonly [string, boolean])[];

const arithmetic = `
  const table = Array.from({ length: 256 }, (_, i) => {
    for (let bit = 0; bit < 8; bit++) i = (i >>> 1) ^ (i & 1 ? 0x82f63b78 : 0);
    return i;
  });
  function crc32c(bytes, offset, length, seed) {
    let crc = ~seed;
    for (const byte of bytes.subarray(offset, offset + length)) {
      crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
    }
    return ~crc >>> 0;
  }
  function crc32cRanges(bytes, ranges, count, results) {
    for (let i = 0; i < count; i++) {
      results[i] = crc32c(bytes, ranges[2 * i], ranges[2 * i + 1], 0);
    }
  }
  function product(a, b) {
    let sum = 0;
    for (; b > 0; b >>= 1, a = (a << 1) ^ (a & 128 ? 0x11d : 0)) if (b & 1) sum ^= a;
    return sum;
  }
  const plans = [];
  const slabs = [];
  function each(plan, slab, offset, stride, length, visit) {
    const { coefficients, sources, targets } = plans[plan];
    for (let at = offset; at < offset + length; at++) {
      targets.forEach((target, i) => {
        let sum = 0;
        sources.forEach((source, j) => {
          sum ^= product(slabs[slab][at + source * stride], coefficients[i * sources.length + j]);
        });
        visit(slabs[slab], at + target * stride, sum, at - offset);
      });
    }
  }
  const coder = {
    planOpen: (coefficients, sources, targets) =>
      plans.push({ coefficients, sources, targets }) - 1,
    planClose() {},
    multiply(...call) {
      each(...call.slice(0, 5), (bytes, at, sum) => { bytes[at] = sum; });
    },
    multiplyAdd(...call) {
      each(...call, (bytes, at, sum) => { bytes[at] ^= sum; });
    },
    verify(...call) {
      let found = -1;
      each(...call, (bytes, at, sum, i) => { if (found < 0 && bytes[at] !== sum) found = i; });
      return found;
    },
    multiplyChecksums(plan, slab, offset, stride, length, streaming, block, results) {
      coder.multiply(plan, slab, offset, stride, length, streaming);
      let next = 0;
      for (const shard of [...plans[plan].sources, ...plans[plan].targets]) {
        for (let at = 0; at < length; at += block) {
          const from = offset + shard * stride + at;
          results[next++] = crc32c(slabs[slab], from, Math.min(block, length - at), 0);
        }
      }
    },
  };
`;

/** Writes the module; returns its path. Without coders it has a right one. */
export function fakeAddon(
  folder: string,
  tiers: FakeTiers,
  coders: FakeTiers = [['fair', true]],
): string {
  const path = join(folder, 'fake.cjs');
  const entries = (list: FakeTiers, right: string, wrong: string): string =>
    list.map(([name, isRight]) => `{ name: '${name}', ...${isRight ? right : wrong} }`).join(', ');
  writeFileSync(
    path,
    `${arithmetic}
     const ok = { crc32c, crc32cRanges };
     const wrong = { crc32c: (...all) => crc32c(...all) ^ 1, crc32cRanges };
     const wrongCoder = { ...coder, multiplyAdd() {} };
     exports.kernels = [${entries(tiers, 'ok', 'wrong')}];
     exports.refused = [{ name: 'future', missing: 'AVX9' }];
     exports.coders = [${entries(coders, 'coder', 'wrongCoder')}];
     exports.refusedCoders = [{ name: 'future', missing: 'GFNI9' }];
     exports.slabOpen = (bytes) => slabs.push(bytes) - 1;
     exports.slabClose = () => {};`,
  );
  return path;
}
