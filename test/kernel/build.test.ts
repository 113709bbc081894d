/** native/build.mjs: where the addon cannot be built it says why in one line and does not fail. */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addonFile, root, withFolder } from './addon-file.js';

interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs the build in a copy of the checkout with an empty PATH. */
function buildWithoutTools(folder: string, env: Record<string, string>): Outcome {
  cpSync(join(root, 'native'), join(folder, 'native'), { recursive: true });
  cpSync(join(root, 'binding.gyp'), join(folder, 'binding.gyp'));
  if (!existsSync(join(folder, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  }
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const result = spawnSync(process.execPath, [join(folder, 'native/build.mjs')], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: empty, HOME: folder, ...env },
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

test('without a compiler one line says so, and the installation goes on', async () => {
  await withFolder((folder) => {
    const { status, output } = buildWithoutTools(folder, {});
    assert.is(output, 'themis: no C++ compiler found, using the portable kernel\n');
    assert.is(status, 0);
    assert.is(existsSync(join(folder, 'build/Release/themis.node')), false);
  });
});

test('THEMIS_REQUIRE_NATIVE=1 turns that into a failure', async () => {
  await withFolder((folder) => {
    const { status, output } = buildWithoutTools(folder, { THEMIS_REQUIRE_NATIVE: '1' });
    assert.is(status, 1);
    assert.match(output, 'no C++ compiler found, and THEMIS_REQUIRE_NATIVE=1 forbids');
  });
});

test('an addon newer than its sources is not built again, and nothing is said', async () => {
  if (addonFile === null) return assert.not(existsSync(join(root, 'build/Release/themis.node')));
  const built = addonFile;
  await withFolder((folder) => {
    cpSync(join(root, 'native'), join(folder, 'native'), {
      recursive: true,
      preserveTimestamps: true,
    });
    mkdirSync(join(folder, 'build/Release'), { recursive: true });
    cpSync(built, join(folder, 'build/Release/themis.node'));
    cpSync(join(root, 'binding.gyp'), join(folder, 'binding.gyp'), { preserveTimestamps: true });
    const result = spawnSync(process.execPath, [join(folder, 'native/build.mjs')], {
      encoding: 'utf8',
      env: { PATH: folder, THEMIS_REQUIRE_NATIVE: '1' },
    });
    assert.is(`${result.stdout}${result.stderr}`, '');
    assert.is(result.status, 0);
  });
});

test.run();
