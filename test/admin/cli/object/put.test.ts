/** themis object put, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { largeValue, machineWithLarge } from '../with-large.js';

test('a file, stdin by name and stdin by default are stored whole', async () => {
  const { machine, store } = await machineWithLarge();
  machine.write('/work/f', largeValue);
  const cases: [string[], string[] | undefined, Buffer][] = [
    [['f'], undefined, largeValue],
    [['/work/f'], undefined, largeValue],
    [['-'], ['from ', 'a pipe'], Buffer.from('from a pipe')],
    [[], ['piped'], Buffer.from('piped')],
    [[], [], Buffer.alloc(0)],
  ];
  for (const [more, stdin, expected] of cases) {
    const words = ['object', 'put', 'k', ...more, '--dir', 'd'];
    const { exit, out, err } = await machine.run(words, stdin === undefined ? {} : { stdin });
    assert.equal([exit, out, err], [0, '', ''], more.join(' '));
    assert.equal(store.values.get(Buffer.from('k').toString('hex')), expected);
  }
  assert.is(store.closes, cases.length);
});

test('people on a terminal and programs are told what was stored, and how', async () => {
  const { machine } = await machineWithLarge();
  machine.write('/work/f', largeValue);
  const words = ['object', 'put', 'k', 'f', '--dir', 'd'];
  assert.match((await machine.run(words, { tty: 100 })).out, /stored.+k \(64 KiB\) as 4\+2 in /);
  const answer = JSON.parse((await machine.run([...words, '-o', 'json'])).out);
  assert.equal([answer.key, answer.bytes, answer.large.fragments], ['k', largeValue.length, 6]);
});

test('Ctrl-C in the middle stores nothing', async () => {
  const { machine, store } = await machineWithLarge();
  machine.write('/work/f', largeValue);
  const words = ['object', 'put', 'k', 'f', '--dir', 'd'];
  assert.is((await machine.run(words, { signal: AbortSignal.abort() })).exit, 130);
  assert.is(store.values.has(Buffer.from('k').toString('hex')), false);
});

test.run();
