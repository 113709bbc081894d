/** The addon at a given path is taken or refused. Whole installations are load.test.ts's matter. */

import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { findAddon } from '../../src/kernel/find-addon.js';
import { addonFile, withFolder } from './addon-file.js';
import { fakeAddon } from './fake-addon.js';

test('an addon at the given path is found without obstacles', async () => {
  await withFolder((folder) => {
    const found = findAddon(fakeAddon(folder, [['sums', true]]));
    assert.equal(
      found.addon?.kernels.map(({ name }) => name),
      ['sums'],
    );
    assert.equal(found.obstacles, []);
    assert.is(found.faulty, false);
  });
});

test('a given path that leads nowhere is refused, and nothing else is looked for', async () => {
  await withFolder((folder) => {
    const path = join(folder, 'absent.node');
    assert.throws(
      () => findAddon(path),
      (error: unknown) =>
        isThemisError(error, 'THEMIS_KERNEL_UNAVAILABLE') &&
        error.message.startsWith(`${path} does not exist.`),
    );
  });
});

test('without a path the checkout’s addon is found, or every place is named', () => {
  const { addon, obstacles, faulty } = findAddon(undefined);
  assert.is(addon === null, addonFile === null);
  assert.is(faulty, addonFile === null);
  assert.is(obstacles.length > 0, addonFile === null);
});

test.run();
