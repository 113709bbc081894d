/** What is said of a disk. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fileSystemFinding,
  mountedKind,
  parseCosts,
  spaceFinding,
  syncFinding,
} from '../../../../src/admin/cli/doctor/disk.js';
import { type FileSystem, MemoryFileSystem } from '../../../../src/io/index.js';
import { Machine } from '../in-process.js';

const mounts = [
  'overlay / overlay rw 0 0',
  'proc /proc proc rw 0 0',
  '/dev/sda /data ext4 rw 0 0',
  'tmpfs /data/cache tmpfs rw 0 0',
  '/dev/sdb /with\\040space xfs rw 0 0',
  'server:/x /net nfs4 rw 0 0',
  'tmpfs /data tmpfs rw 0 0',
].join('\n');

function machineWithMounts(): FileSystem {
  const machine = new Machine();
  machine.files.makeDirectory('/proc');
  machine.files.makeDirectory('/proc/self');
  machine.write('/proc/self/mounts', mounts);
  return machine.files;
}

test('the innermost and latest mount decides', () => {
  const files = machineWithMounts();
  const cases: [string, string][] = [
    ['/home/x', 'overlay'],
    ['/data/cache/y', 'tmpfs'],
    ['/datax', 'overlay'],
    ['/with space/y', 'xfs'],
    ['/data', 'tmpfs'],
  ];
  for (const [path, kind] of cases) assert.is(mountedKind(files, path), kind, path);
  assert.is(mountedKind(new MemoryFileSystem(), '/x'), null, 'not Linux');
});

test('memory and networks are warned of', () => {
  const files = machineWithMounts();
  assert.is(fileSystemFinding(files, '/home').verdict, 'OK');
  assert.is(fileSystemFinding(files, '/data/cache').verdict, 'WARN');
  assert.is(fileSystemFinding(files, '/net/store').verdict, 'WARN');
});

test('little space is warned of, less is a failure', () => {
  const verdict = (mebibytes: number): string =>
    spaceFinding(new MemoryFileSystem({ capacityBytes: mebibytes * 2 ** 20 }), '/').verdict;
  assert.is(verdict(100), 'FAIL');
  assert.is(verdict(1024), 'WARN');
  assert.is(verdict(4096), 'OK');
});

test('syncs that are slow, or too fast to be true, are warned of', () => {
  const verdict = (p50Ms: number): string =>
    syncFinding({ mode: 'direct', p50Ms, p99Ms: p50Ms }).verdict;
  assert.is(verdict(0.5), 'OK');
  assert.is(verdict(50), 'WARN');
  assert.is(verdict(0.001), 'WARN');
  assert.is(syncFinding({ mode: 'direct', problem: 'EINVAL' }).verdict, 'OK', 'there are others');
  assert.is(syncFinding({ mode: 'fdatasync', problem: 'EROFS' }).verdict, 'FAIL');
});

test('what the measuring process prints is read with care', () => {
  const text = '[{"mode":"direct","p50Ms":1,"p99Ms":2},{"mode":"dsync","problem":"EINVAL"}]';
  assert.equal(parseCosts(text), [
    { mode: 'direct', p50Ms: 1, p99Ms: 2 },
    { mode: 'dsync', problem: 'EINVAL' },
  ]);
  for (const wrong of ['', '{}', '[{"mode":"other"}]']) assert.throws(() => parseCosts(wrong));
});

test.run();
