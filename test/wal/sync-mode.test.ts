/** Sync modes open files as they promise, and fall back to one that promises the same. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FaultyFileSystem, type FileSystem, type OpenOptions } from '../../src/io/index.js';
import { openSynced, type SyncMode } from '../../src/wal/sync-mode.js';
import { dir, folder } from './log-fixture.js';

const path = `${dir}/file`;
const modes: readonly SyncMode[] = ['direct', 'dsync', 'fdatasync', 'buffered'];

function withFile(): FileSystem {
  const fs = folder();
  fs.open(path, { access: 'read-write', create: true }).close();
  return fs;
}

test('each mode opens with the flag that it names', () => {
  const seen: (OpenOptions['sync'] | undefined)[] = [];
  const fs = withFile();
  const watched = Object.assign(Object.create(fs), {
    open: (name: string, options: OpenOptions) => {
      seen.push(options.sync);
      return fs.open(name, options);
    },
  });
  for (const mode of modes) {
    const file = openSynced(watched, path, mode);
    assert.is(file.mode, mode);
    file.handle.close();
  }
  assert.equal(seen, ['direct', 'dsync', undefined, undefined]);
});

test('EINVAL leads to fdatasync, any other error is thrown', () => {
  for (const mode of ['direct', 'dsync'] as const) {
    const faulty = new FaultyFileSystem(withFile());
    faulty.inject({ operation: 'open', error: 'EINVAL' });
    assert.is(openSynced(faulty, path, mode).mode, 'fdatasync');
    faulty.inject({ operation: 'open', error: 'EIO' });
    assert.throws(() => openSynced(faulty, path, mode), /EIO/);
  }
});

test.run();
