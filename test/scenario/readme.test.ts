/** The examples of the README, run as they stand there. */
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

const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

test('the examples run verbatim and print what their comments say', () => {
  assert.is(examples.length, 2, 'a store, and large values');
  for (const example of examples) runExample(example);
});

function runExample(example: string): void {
  const expected = [...example.matchAll(/\/\/ => (.*)$/gm)].map((match) => match[1]);
  assert.ok(expected.length > 0, 'an example prints something');
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
}

test.run();
