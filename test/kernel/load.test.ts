/**
 * The loader takes the best kernel that works and never a worse one in silence. Addons that are
 * missing, broken or wrong are put in its way, as files and as whole installations.
 */

import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError, messageOf } from '../../src/base/index.js';
import { type LoadedKernel, type LoadOptions, loadKernel } from '../../src/kernel/index.js';
import { addonFile, withFolder } from './addon-file.js';
import { fakeAddon } from './fake-addon.js';

const portableUrl = new URL('../../src/kernel/portable.js', import.meta.url);
const best = loadKernel().tiers[0];

/** Calls the loader, which must refuse with THEMIS_KERNEL_UNAVAILABLE; returns the message. */
function refusal(options: LoadOptions): string {
  try {
    loadKernel(options);
  } catch (error) {
    assert.ok(isThemisError(error, 'THEMIS_KERNEL_UNAVAILABLE'), String(error));
    return messageOf(error);
  }
  return assert.unreachable('was not refused') as never;
}

test('without options the best tier is taken, and the reason names it', () => {
  const { kernel, reason, tiers } = loadKernel();
  assert.is(kernel.name, tiers[0]);
  assert.ok(reason.startsWith(`${kernel.name}: `), reason);
  assert.equal(tiers.slice(-2), ['portable', 'naive']);
});

test('every tier that is listed can be forced', () => {
  for (const tier of loadKernel().tiers) {
    const { kernel, reason } = loadKernel({ force: tier });
    assert.is(kernel.name, tier);
    assert.is(reason, `${tier}, as forced`);
  }
});

test('a tier that does not exist here is refused, with the ones that do', () => {
  assert.match(refusal({ force: 'addon/none' }), 'The kernel addon/none cannot run here');
  assert.match(refusal({ force: '' }), 'portable, naive can.');
});

test('`addon` forces the best tier of the addon, or is refused where there is none', () => {
  if (addonFile === null) {
    assert.match(refusal({ force: 'addon' }), 'does not exist');
  } else {
    assert.is(loadKernel({ force: 'addon' }).kernel.name, best);
  }
});

test('forcing a TypeScript tier leaves the addon alone, even a fatal one', async () => {
  await withFolder((folder) => {
    const addonPath = join(folder, 'fatal.cjs');
    writeFileSync(addonPath, 'process.exit(86);');
    const { kernel, tiers } = loadKernel({ force: 'portable', addonPath });
    assert.is(kernel.name, 'portable');
    assert.equal([...tiers], ['portable', 'naive']);
    assert.is(loadKernel({ force: 'naive', addonPath }).kernel.name, 'naive');
  });
});

test('a given path must work: missing, corrupt and foreign files are refused', async () => {
  await withFolder((folder) => {
    const path = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    assert.match(refusal({ addonPath: join(folder, 'absent.node') }), 'does not exist');
    assert.match(refusal({ addonPath: path('corrupt.node', 'not ELF') }), 'does not load');
    assert.match(refusal({ addonPath: path('empty.node', '') }), 'does not load');
    assert.match(
      refusal({ addonPath: path('foreign.cjs', 'exports.hello = 1;') }),
      'is not the addon of this version',
    );
    const failing = path('failing.cjs', "throw new TypeError('broken inside');");
    assert.match(refusal({ addonPath: failing }), 'broken inside');
  });
});

test('a tier that computes wrongly is passed over loudly, the next one is used', async () => {
  await withFolder((folder) => {
    const lines: string[] = [];
    const addonPath = fakeAddon(folder, [
      ['fast', false],
      ['slow', true],
    ]);
    const { kernel, reason, tiers } = loadKernel({ addonPath, report: (line) => lines.push(line) });
    assert.is(kernel.name, 'addon/slow');
    assert.equal([...tiers], ['addon/slow', 'portable', 'naive']);
    assert.match(reason, 'addon/fast failed its self-test');
    assert.equal(lines, [reason]);
    assert.match(refusal({ addonPath, force: 'addon/fast' }), 'failed its self-test');
  });
});

test('when all tiers compute wrongly the portable kernel is used, loudly', async () => {
  await withFolder((folder) => {
    const lines: string[] = [];
    const addonPath = fakeAddon(folder, [['only', false]]);
    const { kernel } = loadKernel({ addonPath, report: (line) => lines.push(line) });
    assert.is(kernel.name, 'portable');
    assert.is(lines.length, 1);
  });
});

test('a plain CPU is named in the reason, but is no fault to report', async () => {
  await withFolder((folder) => {
    const lines: string[] = [];
    const addonPath = fakeAddon(folder, [['good', true]]);
    const { kernel, reason } = loadKernel({ addonPath, report: (line) => lines.push(line) });
    assert.is(kernel.name, 'addon/good');
    assert.is(reason, 'addon/good: addon/future needs AVX9, which this CPU lacks');
    assert.equal(lines, []);
  });
});

/** Copies the compiled layers up to kernel into an installation of its own; returns its loader. */
async function install(folder: string): Promise<(options?: LoadOptions) => LoadedKernel> {
  const source = dirname(dirname(fileURLToPath(portableUrl)));
  for (const layer of ['base', 'config', 'io', 'kernel']) {
    cpSync(join(source, layer), join(folder, 'dist/src', layer), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const url = pathToFileURL(join(folder, 'dist/src/kernel/load.js')).href;
  const module: { loadKernel(options?: LoadOptions): LoadedKernel } = await import(url);
  return module.loadKernel;
}

function put(folder: string, place: string, content: string | null): void {
  mkdirSync(join(folder, place), { recursive: true });
  const path = join(folder, place, 'themis.node');
  if (content === null && addonFile !== null) copyFileSync(addonFile, path);
  else writeFileSync(path, content ?? '');
}

test('an installation without an addon is portable and says where it looked', async () => {
  await withFolder(async (folder) => {
    const load = await install(folder);
    const lines: string[] = [];
    const { kernel, reason, tiers } = load({ report: (line) => lines.push(line) });
    assert.is(kernel.name, 'portable');
    assert.equal([...tiers], ['portable', 'naive']);
    assert.match(reason, join('build', 'Release', 'themis.node'));
    assert.match(reason, join('prebuilds', `${process.platform}-${process.arch}`, 'themis.node'));
    assert.equal(lines, [reason]);
  });
});

test('an installation with a corrupt addon falls back to portable and says why', async () => {
  await withFolder(async (folder) => {
    put(folder, 'build/Release', 'not a library');
    const load = await install(folder);
    const { kernel, reason } = load();
    assert.is(kernel.name, 'portable');
    assert.match(reason, 'does not load');
  });
});

test('the prebuild is used where nothing was built, and past a broken build, loudly', async () => {
  if (addonFile === null) return assert.is(best, 'portable'); // Nothing to put there.
  await withFolder(async (folder) => {
    put(folder, `prebuilds/${process.platform}-${process.arch}`, null);
    const load = await install(folder);
    const lines: string[] = [];
    const report = (line: string): number => lines.push(line);
    assert.is(load({ report }).kernel.name, best);
    assert.equal(lines, []);
    put(folder, 'build/Release', 'not a library');
    const { kernel, reason } = load({ report });
    assert.is(kernel.name, best);
    assert.match(reason, 'does not load');
    assert.equal(lines, [reason]);
  });
});

test.run();
