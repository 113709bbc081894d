/** The CRC32C benchmark runs in all tiers, compares results, and skips a missing peer by a line. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { benchCrc32c, type Crc32cPeer } from '../../bench/kernel/index.js';
import { isThemisError } from '../../src/base/index.js';
import { loadKernel, naiveKernel } from '../../src/kernel/index.js';

const quick = { seconds: 0.05, rounds: 1, sizes: [16, 1_024] };

const right: Crc32cPeer = {
  name: 'peer',
  crc32c: (bytes, seed) => naiveKernel.crc32c(bytes, 0, bytes.length, seed),
};

test('a row for each tier and peer at each size, all with the same checksum', async () => {
  const lines: string[] = [];
  const rows = await benchCrc32c({
    ...quick,
    peers: [
      async () => right,
      async () => {
        throw new TypeError("Cannot find package 'absent'");
      },
    ],
    report: (line) => lines.push(line),
  });
  const tiers = loadKernel().tiers.filter((name) => name !== 'naive');
  const expected = [16, 1_024].flatMap((size) => [...tiers, 'peer'].map((name) => [name, size]));
  assert.equal(
    rows.map(({ contestant, bytes }) => [contestant, bytes]),
    expected,
  );
  for (const row of rows) {
    assert.ok(
      row.nsPerCall > 0 && row.nsFastest <= row.nsPerCall && row.nsPerCall <= row.nsSlowest,
    );
    assert.ok(Math.abs(row.gbPerSecond * row.nsPerCall - row.bytes) < 1e-6);
  }
  assert.is(new Set(rows.map(({ crc }) => crc)).size, 2);
  assert.is(lines[0], "crc32c: a peer is skipped: Cannot find package 'absent'");
  assert.match(lines[1] ?? '', /^crc32c: result hash [0-9a-f]{8}$/);
});

test('a peer that computes something else stops the comparison', async () => {
  const wrong: Crc32cPeer = { name: 'wrong', crc32c: () => 1 };
  try {
    await benchCrc32c({ ...quick, peers: [async () => wrong] });
    assert.unreachable('was not refused');
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_ASSERTION'), String(error));
    assert.match(String(error), 'wrong computes 00000001 of 16 bytes');
  }
});

test.run();
