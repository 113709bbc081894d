/**
 * The coding loader takes the best tier that works, apart from the checksum kernel, and never a
 * worse one in silence. How addons are found is load.test.ts's matter.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, messageOf } from '../../src/base/index.js';
import { type LoadOptions, loadCodingKernel, loadKernel } from '../../src/kernel/index.js';
import { addonFile, withFolder } from './addon-file.js';
import { fakeAddon } from './fake-addon.js';

const own = ['portable', 'naive'];

function refusal(options: LoadOptions): string {
  try {
    loadCodingKernel(options);
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_KERNEL_UNAVAILABLE'), String(error));
    return messageOf(error);
  }
  return assert.unreachable('was not refused') as never;
}

test('without options the best tier is taken, and the reason names it', () => {
  const { kernel, reason, tiers } = loadCodingKernel();
  assert.is(kernel.name, tiers[0]);
  assert.ok(reason.startsWith(`${kernel.name}: `), reason);
  assert.equal(tiers.slice(-own.length), own);
});

test('every tier that is listed can be forced, and one that is not is refused', () => {
  for (const tier of loadCodingKernel().tiers) {
    const { kernel, reason } = loadCodingKernel({ force: tier });
    assert.is(kernel.name, tier);
    assert.is(reason, `${tier}, as forced`);
  }
  assert.match(refusal({ force: 'addon/none' }), 'The coding kernel addon/none cannot run here');
});

test('`addon` forces the best coder of the addon, or is refused where there is none', () => {
  if (addonFile === null) assert.match(refusal({ force: 'addon' }), 'does not exist');
  else assert.match(loadCodingKernel({ force: 'addon' }).kernel.name, /^addon\//);
});

test('forcing a TypeScript tier leaves the addon alone, even a fatal one', async () => {
  await withFolder((folder) => {
    const addonPath = join(folder, 'fatal.cjs');
    writeFileSync(addonPath, 'process.exit(86);');
    for (const force of own) {
      const { kernel, tiers } = loadCodingKernel({ force, addonPath });
      assert.is(kernel.name, force);
      assert.equal(tiers, own);
    }
    const { kernel, tiers } = loadCodingKernel({ force: 'wasm', addonPath });
    assert.is(kernel.name, 'wasm');
    assert.equal(tiers, ['wasm', ...own]);
  });
});

test('a coder that computes wrongly is passed over loudly; checksums are as before', async () => {
  await withFolder((folder) => {
    const lines: string[] = [];
    const report = (line: string): number => lines.push(line);
    const addonPath = fakeAddon(
      folder,
      [['sums', true]],
      [
        ['fast', false],
        ['slow', true],
      ],
    );
    const { kernel, reason, tiers } = loadCodingKernel({ addonPath, report });
    assert.is(kernel.name, 'addon/slow');
    assert.equal(tiers, ['addon/slow', 'wasm', ...own]);
    assert.match(reason, 'addon/future needs GFNI9, which this CPU lacks');
    assert.match(reason, 'addon/fast failed its self-test (3+2: an update is wrong)');
    assert.equal(lines, [reason]);
    assert.match(refusal({ addonPath, force: 'addon/fast' }), 'failed its self-test');
    assert.is(loadKernel({ addonPath, report }).kernel.name, 'addon/sums');
    assert.is(lines.length, 1);
  });
});

test('a plain CPU is named in the reason, but is no fault to report', async () => {
  await withFolder((folder) => {
    const lines: string[] = [];
    const addonPath = fakeAddon(folder, [['sums', true]]);
    const { reason } = loadCodingKernel({ addonPath, report: (line) => lines.push(line) });
    assert.is(reason, 'addon/fair: addon/future needs GFNI9, which this CPU lacks');
    assert.equal(lines, []);
  });
});

test('WebAssembly comes before the addon’s scalar tier, and after its others', async () => {
  await withFolder((folder) => {
    const coders = [
      ['quick', true],
      ['scalar', true],
    ] as const;
    const addonPath = fakeAddon(folder, [['sums', true]], coders);
    const order = ['addon/quick', 'wasm', 'addon/scalar', ...own];
    assert.equal(loadCodingKernel({ addonPath }).tiers, order);
    const plain = fakeAddon(folder, [['sums', true]], [['scalar', true]]);
    assert.equal(loadCodingKernel({ addonPath: plain, force: 'wasm' }).tiers, ['wasm', ...own]);
  });
});

test('an addon at a given path that does not exist is refused', async () => {
  await withFolder((folder) => {
    assert.match(refusal({ addonPath: join(folder, 'absent.node') }), 'does not exist');
  });
});

test.run();
