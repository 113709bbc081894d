/** Files that stay open. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenVolumes } from '../../src/device/open-volumes.js';
import {
  alignedBytes,
  FaultyFileSystem,
  MemoryFileSystem,
  SystemError,
} from '../../src/io/index.js';

function files(...names: string[]): FaultyFileSystem {
  const fs = new FaultyFileSystem(new MemoryFileSystem());
  for (const name of names) fs.open(name, { access: 'read-write', create: true }).close();
  return fs;
}

const opens = (fs: FaultyFileSystem): string =>
  fs
    .calls()
    .filter(({ operation }) => operation === 'open' || operation === 'close')
    .map(({ operation, path }) => `${operation === 'open' ? '+' : '-'}${path}`)
    .join(' ');

test('a file is opened once for each use, and the least recently used goes', () => {
  const fs = files('/a', '/b', '/c');
  const before = opens(fs).length;
  const volumes = new OpenVolumes(fs, 2);
  for (const path of ['/a', '/b', '/a', '/c', '/a']) volumes.use(path, 'read', () => undefined);
  assert.is(opens(fs).slice(before).trim(), '+/a +/b +/c -/b');
  volumes.use('/a', 'write', () => undefined);
  volumes.close();
  assert.is(opens(fs).slice(before).trim(), '+/a +/b +/c -/b +/a -/c -/a -/a');
});

test('after an error, and when it is forgotten, a file is opened anew', () => {
  const fs = files('/a');
  const volumes = new OpenVolumes(fs);
  const failing = (): unknown =>
    volumes.use('/a', 'check', () => {
      throw new SystemError('EIO', 'read', '/a');
    });
  assert.throws(failing, /EIO/);
  assert.is(volumes.has('/a', 'check'), false);
  volumes.use('/a', 'check', () => undefined);
  assert.is(volumes.has('/a', 'check'), true);
  volumes.forget('/a');
  assert.is(volumes.has('/a', 'check'), false);
});

test('writes go past the cache where that is known, and are synced elsewhere', () => {
  const fs = files('/a');
  const volumes = new OpenVolumes(fs);
  volumes.use('/a', 'write', ({ handle, isDirect }) => {
    assert.is(isDirect, true);
    assert.throws(() => handle.write(alignedBytes(100), 0, 100, 0), /EINVAL/);
  });
  volumes.use('/a', 'read', ({ isDirect }) => assert.is(isDirect, false));
  volumes.close();
  fs.inject({ operation: 'open', error: 'EINVAL' });
  volumes.use('/a', 'write', ({ handle, isDirect }) => {
    assert.is(isDirect, false);
    assert.is(handle.write(new Uint8Array(100), 0, 100, 0), 100);
  });
});

test.run();
