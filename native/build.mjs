/**
 * Builds the addon in a checkout: node-gyp over binding.gyp, when a source is newer than the
 * result. Where that is impossible Themis runs on its portable kernel, so the build says why in one
 * line and succeeds. THEMIS_REQUIRE_NATIVE=1 makes it fail and show what the compiler said.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const addon = join(root, 'build', 'Release', 'themis.node');
const required = process.env.THEMIS_REQUIRE_NATIVE === '1';

/** Newest change among the sources, in milliseconds. */
function newestSource() {
  const native = join(root, 'native');
  const files = readdirSync(native, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(cc|h)$/.test(entry.name))
    .filter((entry) => !entry.parentPath.startsWith(join(native, 'test')))
    .map((entry) => join(entry.parentPath, entry.name));
  files.push(join(root, 'binding.gyp'));
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

/** True when the addon is newer than its sources and loads in this Node. */
function upToDate() {
  if (!existsSync(addon) || statSync(addon).mtimeMs < newestSource()) return false;
  const probe = `require(${JSON.stringify(addon)})`;
  return spawnSync(process.execPath, ['-e', probe], { stdio: 'ignore' }).status === 0;
}

/** node-gyp's script: npm names it to lifecycle scripts; otherwise the one inside npm; or null. */
function nodeGyp() {
  const candidates = [
    process.env.npm_config_node_gyp,
    process.env.npm_execpath &&
      join(dirname(process.env.npm_execpath), '../node_modules/node-gyp/bin/node-gyp.js'),
    join(
      dirname(process.execPath),
      '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js',
    ),
    join(dirname(process.execPath), 'node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
  ];
  return candidates.find((path) => path && existsSync(path)) ?? null;
}

/** Headers installed beside this Node spare node-gyp a download. */
function headerArguments() {
  const prefix = join(dirname(process.execPath), '..');
  const version = join(prefix, 'include', 'node', 'node_version.h');
  if (process.env.npm_config_nodedir || !existsSync(version)) return [];
  return [`--nodedir=${prefix}`];
}

/** True when `command --version` runs. */
function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore', shell: false }).status === 0;
}

/** Why a build failed, in words that a person can act on; missing tools are looked for by name. */
function reasonOf(output) {
  if (process.platform === 'win32') {
    if (/find Python|Python is not set/i.test(output)) return 'no Python found';
    if (/find Visual Studio/i.test(output)) return 'no C++ compiler found';
  } else {
    const compilers = process.env.CXX ? [process.env.CXX.split(' ')[0]] : ['c++', 'g++', 'clang++'];
    if (!compilers.some(runs)) return 'no C++ compiler found';
    if (!['python3', 'python'].some(runs)) return 'no Python found';
    if (!['make', 'gmake'].some(runs)) return 'no make found';
  }
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|getaddrinfo|tarball/i.test(output)) {
    return 'no Node headers found';
  }
  return 'the addon did not compile';
}

/** Runs the build; null when it worked, otherwise why not. */
function build() {
  try {
    createRequire(import.meta.url).resolve('node-addon-api');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return { reason: 'node-addon-api is not installed', output: String(error) };
  }
  const script = nodeGyp();
  if (script === null) return { reason: 'no node-gyp found', output: '' };
  // An addon older than its sources must not survive a build that fails.
  rmSync(addon, { force: true });
  const result = spawnSync(
    process.execPath,
    [script, 'configure', 'build', '--release', '--loglevel=error', ...headerArguments()],
    { cwd: root, encoding: 'utf8', timeout: 600_000 },
  );
  if (result.status === 0 && existsSync(addon)) return null;
  const output = `${result.stdout}${result.stderr}${result.error ?? ''}`;
  return { reason: reasonOf(output), output };
}

if (!upToDate()) {
  const failure = build();
  if (failure !== null) {
    if (required) process.stderr.write(failure.output);
    const outcome = required ? 'and THEMIS_REQUIRE_NATIVE=1 forbids' : 'using';
    process.stderr.write(`themis: ${failure.reason}, ${outcome} the portable kernel\n`);
    process.exitCode = required ? 1 : 0;
  }
}
