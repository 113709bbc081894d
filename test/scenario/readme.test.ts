/** The example on the README's first screen, run as it stands there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the first screen says how to run the demo and the tests', () => {
  const firstScreen = readme.split('\n').slice(0, 30).join('\n');
  assert.match(firstScreen, /^npm ci && npm start\b/m);
  assert.match(firstScreen, /^npm ci && npm test\b/m);
});

test('the example runs verbatim and prints what its comments say', () => {
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const expected = [...example.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]);
  assert.ok(expected.length > 0, 'the example prints something');
  const folder = mkdtempSync(join(tmpdir(), 'themis-readme-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'themis-engine'), 'dir');
    writeFileSync(join(folder, 'example.mjs'), example);
    const printed = execFileSync(process.execPath, ['example.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(printed.trimEnd().split('\n'), expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
