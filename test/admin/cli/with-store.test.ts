/** Stores of commands: opened once, closed always. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command } from '../../../src/admin/cli/command.js';
import { throwIfAborted, untilAborted, withStore } from '../../../src/admin/cli/with-store.js';
import { codeOf, ThemisError } from '../../../src/base/index.js';
import { Machine } from './in-process.js';

function using(use: () => Promise<void>, createIfMissing = true): Command {
  return {
    path: ['c'],
    summary: '',
    about: '',
    arguments: [],
    flags: [],
    examples: [],
    exits: [0],
    load: async () => async (context) => {
      await withStore(context, { createIfMissing }, use);
      return 0;
    },
  };
}

test('the store is closed when its use fails, and the failure is what is told', async () => {
  const machine = new Machine();
  const command = using(async () => {
    throw new ThemisError('THEMIS_IO', 'during use');
  });
  const { exit, err } = await machine.run(['c', '--dir', 'd'], { commands: [command] });
  assert.is(exit, 1);
  assert.is(err, 'themis: THEMIS_IO: during use\n');
  assert.is(machine.stores.byFolder.get('/work/d')?.closes, 1);
});

test('folders are those of the person: relative to where they are, or absolute', async () => {
  const machine = new Machine();
  const commands = [using(async () => undefined)];
  for (const dir of ['d', '/work/e']) await machine.run(['c', '--dir', dir], { commands });
  assert.equal(
    machine.stores.opened.map(({ folder }) => folder),
    ['/work/d', '/work/e'],
  );
});

test('a store that does not open ends with its own error', async () => {
  const machine = new Machine();
  machine.stores.failure = new ThemisError('THEMIS_LOG_CORRUPT', 'bits');
  const commands = [using(async () => undefined)];
  assert.is((await machine.run(['c', '--dir', 'd'], { commands })).exit, 3);
});

test('an abort is noticed, and nothing else is', () => {
  throwIfAborted(new AbortController().signal);
  try {
    throwIfAborted(AbortSignal.abort());
    assert.unreachable();
  } catch (error) {
    assert.is(codeOf(error), 'THEMIS_ABORTED');
  }
});

test('work is waited for until Ctrl-C, and no listener stays', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  assert.is(await untilAborted(signal, Promise.resolve(5)), 5);
  const failing = untilAborted(signal, Promise.reject(new RangeError('work')));
  assert.instance(await failing.catch((error: unknown) => error), RangeError);
  const waiting = untilAborted(signal, new Promise(() => undefined));
  controller.abort();
  const late = untilAborted(signal, new Promise(() => undefined));
  for (const one of [waiting, late]) {
    assert.is(codeOf(await one.catch((error: unknown) => error)), 'THEMIS_ABORTED');
  }
});

test.run();
