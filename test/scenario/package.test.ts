/**
 * The package as its users get it: packed, installed into an empty folder without any install
 * script, and used from an ES module, from CommonJS and from TypeScript.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'themis-package-')));
const consumer = join(folder, 'consumer');

/** What the command printed; its whole output is in the error when it fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
  });
  assert.is(error, undefined);
  assert.is(status, 0, `${command} ${args[0]}: exit code ${status}\n${stdout}${stderr}`);
  return stdout;
}

function runScript(name: string, text: string): string[] {
  writeFileSync(join(consumer, name), text);
  return run(process.execPath, [name], consumer).trimEnd().split('\n');
}

test.before(() => {
  mkdirSync(consumer);
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  writeFileSync(join(consumer, 'package.json'), '{"name":"consumer","private":true}');
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  run('npm', ['install', ...quiet, join(folder, tarball)], consumer);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds neither sources, tests nor packages of others', () => {
  const installed = join(consumer, 'node_modules', 'themis-engine');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const strange = files.filter((file) =>
    /^(?:src|test|dist\/test)(?:\/|$)|(?:^|\/)(?:node_modules|build|results)(?:\/|$)/.test(file),
  );
  assert.equal(strange.slice(0, 10), []);
  assert.ok(files.includes('dist/src/index.js'));
});

const body = `
  const db = await open('./data-' + process.argv[1].slice(-3));
  await db.put('a', '1');
  await db.batch([{ type: 'put', key: 'b', value: '2' }]);
  console.log(db instanceof Themis, await db.get('a'), await db.get('b'));
  await db.close();
  await db.get('a').then(() => console.log('read'), (error) => console.log(error.code));
  console.log(new ThemisError('THEMIS_CLOSED', 'x') instanceof Error);
`;
const printed = ['true 1 2', 'LEVEL_DATABASE_NOT_OPEN', 'true'];

test('works from an ES module', () => {
  const text = `import { open, Themis, ThemisError } from 'themis-engine';\n${body}`;
  assert.equal(runScript('use.mjs', text), printed);
});

test('works from CommonJS', () => {
  const text = `const { open, Themis, ThemisError } = require('themis-engine');
    (async () => {${body}})();`;
  assert.equal(runScript('use.cjs', text), printed);
});

test('the command runs', () => {
  const help = run(join(consumer, 'node_modules', '.bin', 'themis'), ['--help'], consumer);
  assert.match(help, /demo/);
});

test('works from TypeScript, with every declaration checked', () => {
  const options = {
    compilerOptions: {
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable'],
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: ['use.mts'],
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(
    join(consumer, 'use.mts'),
    `import { open, type Themis, ThemisError } from 'themis-engine';
     const db: Themis = await open('./data');
     const value: string | undefined = await db.get('a');
     // @ts-expect-error A key is not optional.
     await db.put();
     const code: string = new ThemisError('THEMIS_CLOSED', String(value)).code;
     console.log(code);`,
  );
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  assert.is(run(process.execPath, [compiler, '-p', 'tsconfig.json'], consumer), '');
});

test.run();
