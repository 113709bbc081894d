/** The doctor's look at devices, over memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDevices } from '../../../../src/admin/cli/doctor/device-checks.js';
import type { MemoryFileSystem } from '../../../../src/io/index.js';
import { append, directory, disk, kernel, openSet } from '../../../device/device-fixture.js';

async function filled(): Promise<MemoryFileSystem> {
  const fs = disk();
  const { set } = await openSet(fs);
  const { session } = await set.startSession(0);
  const name = { blob: session * 2 ** 32, stripe: 0, number: 0 };
  assert.is(await append(set, 0, name, 5000), null);
  await set.close();
  return fs;
}

function findings(fs: MemoryFileSystem): string[] {
  return checkDevices({ files: fs, folder: directory, kernel }).map(
    ({ topic, verdict, text }) => `${verdict} ${topic}: ${text}`,
  );
}

test('devices that are well, on one drive as they are', async () => {
  const [table, first, second, drives, none] = findings(await filled());
  assert.is(table, 'OK devices: 2 devices known');
  assert.match(first ?? '', /^OK device 0: 1 fragment, 4\.88 KiB, in 1 volume; .+ free$/);
  assert.match(second ?? '', /^OK device 1: 0 fragments/);
  assert.match(drives ?? '', /^WARN drives: all devices are on one file system/);
  assert.is(none, undefined);
});

test('before the first large value there is nothing to check', () => {
  assert.match(findings(disk())[0] ?? '', /^OK devices: none yet/);
});

const damages: [what: string, harm: (fs: MemoryFileSystem) => void, finding: RegExp][] = [
  ['gone', (fs) => fs.removeTree('/dev/a'), /^FAIL device 0: \/dev\/a is missing$/],
  [
    'swapped',
    (fs) => {
      fs.rename('/dev/a', '/dev/x');
      fs.rename('/dev/b', '/dev/a');
    },
    /^FAIL device 0: another device is at \/dev\/a$/,
  ],
  [
    'rotten',
    (fs) => fs.flipBit('/dev/a/volumes/00000001.volume', 4096 + 4096 + 77, 1),
    /^WARN device 0: .+ 1 damaged, the first in .+ at 4096: block 0 has another checksum$/,
  ],
  [
    'one copy of the table',
    (fs) => fs.flipBit(`${directory}/devices`, 100, 1),
    /^WARN devices: 2 devices known; one copy of their table is damaged$/,
  ],
  [
    'both copies of the table',
    (fs) => {
      fs.flipBit(`${directory}/devices`, 100, 1);
      fs.flipBit(`${directory}/devices`, 4096 + 100, 1);
    },
    /^FAIL devices: their table is damaged in both copies$/,
  ],
];

test('whatever is wrong is said', async () => {
  for (const [what, harm, finding] of damages) {
    const fs = await filled();
    harm(fs);
    const found = findings(fs);
    assert.ok(
      found.some((one) => finding.test(one)),
      `${what}: ${found.join('; ')}`,
    );
  }
});

test.run();
