/** themis scan, over a store in memory. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { afterPrefix } from '../../../src/admin/cli/scan.js';
import { Machine } from './in-process.js';

async function machineWith(entries: Record<string, string | Buffer>): Promise<Machine> {
  const machine = new Machine();
  const store = await machine.stores.open('/work/d', { createIfMissing: true, engine: {} });
  for (const [key, value] of Object.entries(entries)) {
    await store.put(Buffer.from(key), Buffer.from(value as string));
  }
  return machine;
}

const entries = { a: '1', 'b/1': 'x', 'b/2': 'y', 'b/3': 'z', c: 'line\nend', ü: '' };

test('ranges, order and limits', async () => {
  const machine = await machineWith(entries);
  const cases: [string[], string[]][] = [
    [[], ['a', 'b/1', 'b/2', 'b/3', 'c', 'ü']],
    [
      ['--prefix', 'b/'],
      ['b/1', 'b/2', 'b/3'],
    ],
    [['--prefix', 'ü'], ['ü']],
    [
      ['--prefix', ''],
      ['a', 'b/1', 'b/2', 'b/3', 'c', 'ü'],
    ],
    [
      ['--gte', 'b/2', '--lt', 'c'],
      ['b/2', 'b/3'],
    ],
    [
      ['--reverse', '--limit', '2'],
      ['ü', 'c'],
    ],
    [['--limit', '0'], []],
  ];
  for (const [more, keys] of cases) {
    const words = ['scan', '--dir', 'd', '--keys-only', ...more];
    const { out } = await machine.run(words);
    assert.equal(out.split('\n').slice(0, -1), keys, more.join(' '));
  }
});

test('one line an entry, whatever the value holds', async () => {
  const machine = await machineWith({ c: 'line\nend', k: Buffer.from([255]) });
  const { out } = await machine.run(['scan', '--dir', 'd']);
  assert.is(out, 'c\tline\\x0aend\nk\t\\xff\n');
  const hex = await machine.run(['scan', '--dir', 'd', '--encoding', 'hex']);
  assert.is(hex.out, 'c\t6c696e650a656e64\nk\tff\n');
});

test('lines are cut on a terminal and nowhere else', async () => {
  const machine = await machineWith({ k: 'v'.repeat(200) });
  const tty = await machine.run(['scan', '--dir', 'd'], { tty: 40 });
  assert.match(tty.out, /…\n$/);
  const pipe = await machine.run(['scan', '--dir', 'd']);
  assert.is(pipe.out, `k\t${'v'.repeat(200)}\n`);
});

test('JSON is one object a line', async () => {
  const machine = await machineWith({ k: 'v', l: Buffer.from([255]) });
  const { out } = await machine.run(['scan', '--dir', 'd', '-o', 'json']);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines, [
    { key: 'k', keyEncoding: 'utf8', value: 'v', encoding: 'utf8', bytes: 1 },
    { key: 'l', keyEncoding: 'utf8', value: '/w==', encoding: 'base64', bytes: 1 },
  ]);
  const keys = await machine.run(['scan', '--dir', 'd', '-o', 'json', '--keys-only', '--limit=1']);
  assert.equal(JSON.parse(keys.out), { key: 'k', keyEncoding: 'utf8' });
});

test('Ctrl-C ends a scan with 130, and the store is closed', async () => {
  const machine = await machineWith(entries);
  const { exit } = await machine.run(['scan', '--dir', 'd'], { signal: AbortSignal.abort() });
  assert.is(exit, 130);
  assert.is(machine.stores.byFolder.get('/work/d')?.closes, 1);
});

test('the end of a prefix is behind all that begin with it, and before all others', () => {
  const bytes = fc.uint8Array({ maxLength: 4 });
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      const end = afterPrefix(prefix);
      const begins = Buffer.compare(key.subarray(0, prefix.length), prefix) === 0;
      const isInside =
        Buffer.compare(key, prefix) >= 0 && (end === undefined || Buffer.compare(key, end) < 0);
      assert.is(isInside, begins);
    }),
    { numRuns: 5000 },
  );
  assert.is(afterPrefix(Buffer.from([255, 255])), undefined);
  assert.equal(afterPrefix(Buffer.from([1, 255])), Buffer.from([2]));
});

test.run();
