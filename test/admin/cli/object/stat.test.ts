/** themis object stat, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statPairs } from '../../../../src/admin/cli/object/stat.js';
import { machineWithLarge } from '../with-large.js';

const large = { blob: 7, data: 4, parity: 2, stripes: 3, fragments: 18, present: 18 };

test('a value is described without being read', async () => {
  const { machine, store } = await machineWithLarge();
  const { out } = await machine.run(['object', 'stat', 'video', '--dir', 'd']);
  assert.match(out, /^key +video\nsize +64 KiB \(65,541 bytes\)\n/);
  const json = await machine.run(['object', 'stat', 'small', '--dir', 'd', '-o', 'json']);
  assert.equal(JSON.parse(json.out), { key: 'small', bytes: 5, large: null });
  assert.is(store.gets, 0);
});

test('what may be lost and what is missing, in words', () => {
  const lines = (more: Partial<typeof large>): string[] =>
    statPairs('k', { bytes: 1, large: { ...large, ...more } })
      .slice(2, 4)
      .map(([, text]) => text);
  assert.equal(lines({}), ['4+2 in 3 stripes: any 2 devices may be lost', '18 of 18 on devices']);
  const [, missing] = lines({ present: 17 });
  assert.match(missing ?? '', /^17 of 18 on devices; 1 is missing, and made anew by itself/);
  const [alone] = lines({ data: 1, parity: 0 });
  assert.is(alone, '1 copy in 3 stripes: no device of them may be lost');
  assert.equal(statPairs('k', { bytes: 1, large: null }).at(-1), [
    'kept as',
    'inline, in the log and the state',
  ]);
});

test.run();
