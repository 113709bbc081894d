/** Devices in words and tables. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  deviceBars,
  deviceCounts,
  deviceTable,
  sharedDriveText,
  stateText,
} from '../../../src/admin/cli/device-text.js';
import { createStyle } from '../../../src/admin/cli/style.js';
import { type FileSystem, MemoryFileSystem } from '../../../src/io/index.js';
import { deviceStatus } from './memory-store.js';

const plain = createStyle(false);
const failed = deviceStatus(1, { state: 'failed', why: 'its folder is missing' });

test('states and roles', () => {
  assert.is(stateText(deviceStatus(0), plain), 'healthy');
  assert.is(stateText(deviceStatus(0, { role: 'spare' }), plain), 'healthy spare');
  assert.is(stateText({ ...failed, role: 'replaced' }, plain), 'failed, replaced');
  const all = [deviceStatus(0), failed, deviceStatus(2, { role: 'spare' })];
  assert.is(deviceCounts(all), '1 healthy, 1 failed, 1 spare');
});

test('the table says why below it', () => {
  const table = deviceTable([deviceStatus(0), failed], plain, 200);
  assert.match(
    table,
    /\n +1 {2}failed .+ - {2}\/work\/d\/device-1\ndevice 1 is failed: its folder/,
  );
});

test('bars show what devices hold, and nothing for one that is gone', () => {
  const half = deviceStatus(2, { liveBytes: 1.5 * 2 ** 20 });
  const [whole, gone, rest] = deviceBars(
    [deviceStatus(0), failed, half],
    plain,
    Number.POSITIVE_INFINITY,
  );
  assert.match(whole ?? '', /^device {2}0 {2}healthy {5}█{20} +3 MiB$/);
  assert.match(gone ?? '', /failed +░{20} +- {2}its folder is missing$/);
  const [short] = deviceBars([failed], plain, 65);
  assert.match(short ?? '', / - {2}its .*…$/);
  assert.match(rest ?? '', /█{10}░{10} +1\.5 MiB$/);
});

test('what shared drives mean is said plainly', () => {
  const files = new MemoryFileSystem();
  for (const name of ['/a', '/b', '/c', '/d']) files.makeDirectory(name);
  const devices = ['/a', '/b', '/c', '/d'].map((path, number) => deviceStatus(number, { path }));
  const on = (ids: Readonly<Record<string, string>>): FileSystem =>
    Object.assign(Object.create(files), {
      stat: (path: string) => files.stat(path),
      space: (path: string) => ({ ...files.space(path), fileSystemId: ids[path] ?? '0' }),
    });
  assert.match(sharedDriveText(on({}), devices) ?? '', /^all 4 devices .+ not from a lost drive$/);
  assert.is(sharedDriveText(on({ '/a': '1', '/b': '2', '/c': '3', '/d': '4' }), devices), null);
  assert.match(
    sharedDriveText(on({ '/a': '1', '/b': '2', '/c': '1', '/d': '2' }), devices) ?? '',
    /^devices 0, 2; 1, 3 share a file system/,
  );
  assert.is(sharedDriveText(on({}), devices.slice(0, 1)), null);
  const gone = devices.map((device) => ({ ...device, path: `${device.path}/gone` }));
  assert.is(sharedDriveText(on({}), gone), null);
});

test.run();
