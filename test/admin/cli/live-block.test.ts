/** Lines that are redrawn in place. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startLiveBlock } from '../../../src/admin/cli/live-block.js';
import { createTerminal } from '../../../src/admin/cli/terminal.js';
import { ManualClock } from '../../../src/io/index.js';
import { Capture } from './in-process.js';

function blockOn(columns: number | null) {
  const stderr = new Capture(columns);
  const terminal = createTerminal({ stdout: new Capture(columns), stderr, env: {} }, false);
  const clock = new ManualClock();
  return { block: startLiveBlock(terminal, clock), stderr, clock };
}

const escapeCharacter = String.fromCharCode(27);

test('lines take the place of those before, also when there are fewer', () => {
  const { block, stderr, clock } = blockOn(80);
  block.draw(() => ['one', 'two']);
  clock.advance(100);
  const before = stderr.text.length;
  block.draw(() => ['three']);
  const second = stderr.text.slice(before);
  assert.is(second, `${escapeCharacter}[2A\r${escapeCharacter}[2Kthree\n\r${escapeCharacter}[J`);
  block.clear();
  assert.ok(stderr.text.endsWith(`${escapeCharacter}[1A\r${escapeCharacter}[J`));
  const length = stderr.text.length;
  block.clear();
  assert.is(stderr.text.length, length, 'what is gone is not removed twice');
});

test('it is drawn ten times a second at most, and lines never wrap', () => {
  const { block, stderr } = blockOn(20);
  let asked = 0;
  const lines = () => {
    asked++;
    return ['x'.repeat(50)];
  };
  block.draw(lines);
  block.draw(lines);
  assert.is(asked, 1);
  assert.match(stderr.text, /Kx{18}…\n/);
});

test('nothing is drawn where there is no terminal', () => {
  const { block, stderr } = blockOn(null);
  block.draw(() => ['line']);
  block.clear();
  assert.is(stderr.text, '');
});

test.run();
