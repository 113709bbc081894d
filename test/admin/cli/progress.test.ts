/** Progress: drawn on terminals, silent elsewhere. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startProgress } from '../../../src/admin/cli/progress.js';
import { createTerminal } from '../../../src/admin/cli/terminal.js';
import { ManualClock } from '../../../src/io/index.js';
import { Capture } from './in-process.js';

function start(tty: number | null) {
  const stdout = new Capture(tty);
  const stderr = new Capture(tty);
  const clock = new ManualClock();
  const terminal = createTerminal({ stdout, stderr, env: {} }, true);
  return { stdout, stderr, clock, progress: startProgress(terminal, clock, 'Storing') };
}

test('without a terminal only the closing line is written', async () => {
  const { stdout, stderr, progress } = start(null);
  let asked = 0;
  progress.update(0.5, () => `${++asked}`);
  assert.is(asked, 0, 'words that nobody reads are not even made');
  await progress.finish('stored 12 files');
  assert.is(stdout.text, '  stored 12 files\n');
  assert.is(stderr.text, '');
});

test('on a terminal one line is redrawn at most ten times a second, and removed', async () => {
  const { stdout, stderr, clock, progress } = start(60);
  let words = 0;
  for (let i = 0; i < 10; i++) {
    progress.update(0.5, () => `${++words}`);
    clock.advance(50);
  }
  assert.is(words, 5);
  assert.match(stderr.text, /Storing {2}█{10}░{10} {2}5$/);
  assert.not.match(stderr.text, /\n/);
  await progress.finish('done');
  assert.ok(stderr.text.endsWith('\r\u001b[2K'));
  assert.is(stdout.text, '  done\n');
});

test('a line never wraps', () => {
  const { stderr, progress } = start(30);
  progress.update(1, () => 'x'.repeat(100));
  const line = stderr.text.replace('\r\u001b[2K', '');
  assert.is(line.length, 29);
});

test('clearing what was never drawn writes nothing', () => {
  const { stderr, progress } = start(30);
  progress.clear();
  assert.is(stderr.text, '');
});

test.run();
