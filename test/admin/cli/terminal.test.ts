/** Terminals: colours, slow readers, readers that go away. */
import { Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createTerminal, PipeClosed, tolerateBrokenPipe } from '../../../src/admin/cli/terminal.js';
import { Capture } from './in-process.js';

function open(tty: number | null, env: Record<string, string> = {}, color = true) {
  const stdout = new Capture(tty);
  const stderr = new Capture(tty);
  return { stdout, stderr, terminal: createTerminal({ stdout, stderr, env }, color) };
}

test('colours need a terminal, and nobody who said no', () => {
  const isColored = (tty: number | null, env: Record<string, string>, color: boolean): boolean =>
    open(tty, env, color).terminal.style.bold('x') !== 'x';
  assert.is(isColored(80, {}, true), true);
  assert.is(isColored(80, { NO_COLOR: '' }, true), true, 'an empty NO_COLOR says nothing');
  assert.is(isColored(80, { NO_COLOR: '1' }, true), false);
  assert.is(isColored(80, { TERM: 'dumb' }, true), false);
  assert.is(isColored(80, {}, false), false);
  assert.is(isColored(null, {}, true), false);
});

test('without a terminal nothing is cut and nothing is drawn', () => {
  const { terminal } = open(null);
  assert.is(terminal.columns, Number.POSITIVE_INFINITY);
  assert.is(terminal.noteColumns, 0);
  assert.is(terminal.isTty, false);
  assert.is(open(100).terminal.columns, 100);
  assert.is(open(3).terminal.columns, 20, 'a terminal is never taken for narrower');
});

test('results go to stdout and notes to stderr', async () => {
  const { stdout, stderr, terminal } = open(null);
  await terminal.write('result');
  await terminal.write(Buffer.from([0xff]));
  terminal.note('note');
  assert.equal(stdout.bytes, Buffer.concat([Buffer.from('result'), Buffer.from([0xff])]));
  assert.is(stderr.text, 'note');
});

test('a write waits for a slow reader', async () => {
  let release = (): void => assert.unreachable('nothing was written');
  const slow = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      release = done;
    },
  });
  const stderr = new Capture();
  const terminal = createTerminal({ stdout: slow, stderr, env: {} }, false);
  let isDone = false;
  const written = terminal.write('more than one byte').then(() => {
    isDone = true;
  });
  await Promise.resolve();
  assert.is(isDone, false);
  release();
  await written;
});

test('writing through waits until the system has the bytes, room or not', async () => {
  const waiting: (() => void)[] = [];
  const roomy = new Writable({
    highWaterMark: 1 << 20,
    write(_chunk, _encoding, done) {
      waiting.push(done);
    },
  });
  const terminal = createTerminal({ stdout: roomy, stderr: new Capture(), env: {} }, false);
  let isDone = false;
  const written = terminal.writeThrough('line').then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(isDone, false);
  for (const done of waiting) done();
  await written;
});

test('a reader that went away ends the write with PipeClosed, other failures do not', async () => {
  for (const [code, expected] of [
    ['EPIPE', PipeClosed],
    ['EIO', Error],
  ] as const) {
    const failures: Error[] = [];
    const broken = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error(code), { code }));
      },
    });
    tolerateBrokenPipe(broken, (error) => failures.push(error));
    const terminal = createTerminal({ stdout: broken, stderr: new Capture(), env: {} }, false);
    const outcome = await terminal.write('text that is longer').then(
      () => null,
      (error: unknown) => error,
    );
    assert.instance(outcome, expected);
    assert.is(outcome instanceof PipeClosed, code === 'EPIPE');
    assert.is(failures.length, code === 'EPIPE' ? 0 : 1);
    const through = await terminal.writeThrough('x').catch((error: unknown) => error);
    assert.instance(through, PipeClosed);
    const again = await terminal.write('more').catch((error: unknown) => error);
    assert.instance(again, PipeClosed, 'a closed stream stays closed');
  }
});

test.run();
