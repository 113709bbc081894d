/**
 * `npm run prebuilds`: builds the addon with cmake-js for this platform and puts it where the
 * package ships it from, prebuilds/<platform>-<arch>[-musl]/themis.node. Needs no download:
 * cmake-js brings the Node-API headers.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const load = createRequire(import.meta.url);
const output = join(root, 'build', 'prebuild');

/** `linux-x64`, `linux-x64-musl`, `darwin-arm64`, ... */
function target() {
  const header = process.report.getReport().header;
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${process.platform}-${process.arch}${musl ? '-musl' : ''}`;
}

const script = load.resolve('cmake-js/bin/cmake-js');
const built = spawnSync(
  process.execPath,
  [script, 'compile', '-d', join(root, 'native'), '-O', output, '-B', 'Release', '-l', 'warn'],
  { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}${built.stderr}${built.error ?? ''}\n`);
  process.stderr.write('themis: cmake-js could not build the addon; see above\n');
  process.exit(1);
}

const folder = join(root, 'prebuilds', target());
const addon = join(folder, 'themis.node');
mkdirSync(folder, { recursive: true });
copyFileSync(join(output, 'Release', 'themis.node'), addon);
const names = load(addon).kernels.map(({ name }) => name);
process.stdout.write(`themis: prebuilds/${target()}/themis.node with ${names.join(', ')}\n`);
