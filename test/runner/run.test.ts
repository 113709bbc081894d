/** The runner against files that pass, fail, hang, crash and say nothing. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTimes, longestFirst, saveTimes } from './times.js';

const runner = fileURLToPath(new URL('../run.js', import.meta.url));
const uvu = import.meta.resolve('uvu');
const root = mkdtempSync(join(tmpdir(), 'themis-runner-'));

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
}

function write(folder: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, folder);
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function run(folder: string, ...options: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, '--root', folder, ...options], {
      env: { ...process.env, THEMIS_LEAK: 'yes' },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, lines: output.trimEnd().split('\n') }));
  });
}

const uvuFile = (body: string): string => `import { test } from '${uvu}';\n${body}\ntest.run();\n`;

test.after(() => rmSync(root, { recursive: true, force: true }));

test('counts passes of several files and ends with the verdict alone', async () => {
  const folder = write('passing', {
    'a.test.mjs': 'never run',
    'package.json': '{"type":"module"}',
    'a.test.js': uvuFile("test('one', () => {}); test('two', () => {});"),
    'b.test.js': uvuFile("test('three', () => {});"),
  });
  const { code, lines } = await run(folder);
  assert.is(lines.at(-1), '3 passed, 0 failed');
  assert.is(code, 0);
  const filtered = await run(folder, '--filter', 'b.test');
  assert.is(filtered.lines.at(-1), '1 passed, 0 failed');
});

test('shows the whole output of a failing file and exits with 1', async () => {
  const folder = write('failing', {
    'package.json': '{"type":"module"}',
    'a.test.js': uvuFile(
      "test('good', () => {}); test('bad', () => { throw new Error('the reason'); });",
    ),
  });
  const { code, lines } = await run(folder);
  assert.is(lines.at(-1), '1 passed, 1 failed');
  assert.ok(lines.some((line) => line.includes('the reason')));
  assert.is(code, 1);
});

test('kills a file that hangs, with the process that it started, and goes on', async () => {
  const grandchild = join(root, 'grandchild');
  const folder = write('hanging', {
    'package.json': '{"type":"module"}',
    'a.test.js': `
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      writeFileSync('${grandchild}', String(child.pid));
      setInterval(() => {}, 1000);`,
    'b.test.js': uvuFile("test('after it', () => {});"),
  });
  const { code, lines } = await run(folder, '--timeout', '4', '--jobs', '1');
  assert.is(lines.at(-1), '1 passed, 1 failed');
  assert.ok(lines.some((line) => line.includes('a.test.js') && line.includes('no end after 4 s')));
  assert.is(code, 1);
  assert.not.ok(isRunning(Number(readFileSync(grandchild, 'utf8'))));
});

test('a file that does not end after its last test is run once more, and only once', async () => {
  const seen = join(root, 'seen');
  const stuck = uvuFile("test('fine', () => { setInterval(() => {}, 1000); });");
  const folder = write('stuck', {
    'package.json': '{"type":"module"}',
    'always.test.js': stuck,
    'once.test.js': `
      import { existsSync, writeFileSync } from 'node:fs';
      if (!existsSync('${seen}')) setInterval(() => {}, 1000);
      writeFileSync('${seen}', '');
      ${uvuFile("test('fine', () => {});")}`,
  });
  const { code, lines } = await run(folder, '--teardown', '2');
  assert.is(lines.at(-1), '2 passed, 1 failed');
  const why = 'no end 2 s after its last test, killed';
  assert.is(lines.filter((line) => line === `again always.test.js: ${why}`).length, 1);
  assert.ok(lines.includes(`again once.test.js: ${why}`));
  assert.ok(lines.some((line) => line.startsWith('FAIL') && line.includes('always.test.js')));
  assert.is(code, 1);
});

test('counts a crash as a failure and names how the process ended', async () => {
  const folder = write('crashing', {
    'package.json': '{"type":"module"}',
    'signal.test.js': "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);",
    'throw.test.js': "throw new Error('at import');",
    'late.test.js': uvuFile("test('fine', () => { setTimeout(() => process.exit(3), 50); });"),
  });
  const { code, lines } = await run(folder);
  assert.is(lines.at(-1), '1 passed, 3 failed');
  assert.ok(lines.some((line) => line.includes('signal.test.js') && line.includes('SIGKILL')));
  assert.ok(lines.some((line) => line.includes('throw.test.js') && line.includes('exit code 1')));
  assert.ok(lines.some((line) => line.includes('late.test.js') && line.includes('exit code 3')));
  assert.is(code, 1);
});

test('counts a file that ends well without a test as a failure', async () => {
  const folder = write('silent', { 'a.test.js': 'console.log("hello");' });
  const { code, lines } = await run(folder);
  assert.is(lines.at(-1), '0 passed, 1 failed');
  assert.ok(lines.some((line) => line.includes('no counted test')));
  assert.is(code, 1);
});

test('fails when nothing ran', async () => {
  const { code, lines } = await run(write('empty', {}));
  assert.equal(lines, ['No test ran.', '0 passed, 0 failed']);
  assert.is(code, 1);
});

test('counts and prints skipped tests with their reason', async () => {
  const folder = write('skipping', {
    'package.json': '{"type":"module"}',
    'a.test.js': uvuFile(`
      test('runs', () => {});
      test('needs it', () => console.log('skip: needs it: needs prometheus'));`),
  });
  const { code, lines } = await run(folder);
  assert.is(lines.at(-1), '1 passed, 0 failed, 1 skipped');
  assert.ok(lines.includes('skip: needs it: needs prometheus'));
  assert.is(code, 0);
});

test('counts TAP, and refuses a plan that was not kept', async () => {
  const folder = write('tap', {
    'kept.test.js': 'console.log("TAP version 13\\nok 1 a\\nok 2 b # SKIP no disk\\n1..2");',
    'broken.test.js': 'console.log("TAP version 13\\nok 1 a\\n1..2");',
  });
  const { lines } = await run(folder);
  assert.is(lines.at(-1), '2 passed, 1 failed, 1 skipped');
  assert.ok(lines.some((line) => line.includes('the plan says 2 checks, 1 were seen')));
});

test('gives a test file neither the environment of the caller nor exposed internals', async () => {
  const folder = write('environment', {
    'package.json': '{"type":"module"}',
    'a.test.js': uvuFile(`
      test('clean', () => {
        if (process.env.THEMIS_LEAK !== undefined) throw new Error('leaked');
        if (process.env.PATH === undefined) throw new Error('no PATH');
        if (globalThis.gc !== undefined) throw new Error('gc');
      });`),
  });
  assert.is((await run(folder)).lines.at(-1), '1 passed, 0 failed');
});

test('starts the longest file first, and survives a bad cache', () => {
  const file = (name: string, bytes: number) => ({ path: name, name, bytes });
  const files = [file('a', 10), file('big', 9000), file('crash', 10), file('known', 10)];
  const order = longestFirst(files, new Map([['known', 70_000]])).map(({ name }) => name);
  assert.equal(order, ['known', 'crash', 'big', 'a']);
  const cache = join(root, 'times.json');
  assert.equal(loadTimes(cache), new Map());
  writeFileSync(cache, '{"a": 1');
  assert.equal(loadTimes(cache), new Map());
  saveTimes(new Map([['a', 5]]), cache);
  assert.equal(loadTimes(cache), new Map([['a', 5]]));
});

test('refuses an option that it does not know with exit code 2', async () => {
  assert.is((await run(root, '--fliter', 'x')).code, 2);
  assert.is((await run(root, '--jobs', 'many')).code, 2);
});

/** True while the process exists; one that was killed and not yet reaped does not count. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  if (!existsSync('/proc/self/status')) {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
    }
  }
  return existsSync(status) && !/^State:\tZ/m.test(readFileSync(status, 'utf8'));
}

test.run();
