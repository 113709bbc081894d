/** themis object list, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plain } from '../../../../src/admin/cli/text-width.js';
import { largeValue, machineWithLarge } from '../with-large.js';

test('a line a key, and no value is read', async () => {
  const { machine, store } = await machineWithLarge();
  const { exit, out } = await machine.run(['object', 'list', '--dir', 'd']);
  assert.is(exit, 0);
  assert.equal(out.split('\n'), [
    '       5 B  inline      -               small',
    '    64 KiB  4+2         6 of 6          video',
    '',
  ]);
  assert.is(store.gets, 0);
  const tty = await machine.run(['object', 'list', '--dir', 'd', '--prefix', 'v'], { tty: 80 });
  assert.match(plain(tty.out), /^ +Size {2}Kept as +Fragments +Key\n +64 KiB .+ video\n$/);
});

test('programs get an object a line', async () => {
  const { machine } = await machineWithLarge();
  const { out } = await machine.run(['object', 'list', '--dir', 'd', '-o', 'json']);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines[0], { key: 'small', keyEncoding: 'utf8', bytes: 5, large: null });
  assert.equal([lines[1].bytes, lines[1].large.parity], [largeValue.length, 2]);
});

test.run();
