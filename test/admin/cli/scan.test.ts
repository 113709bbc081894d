/** themis scan, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from './in-process.js';
import { largeBytes } from './memory-store.js';

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

test('large values are named with their size and not read, unless they are asked for', async () => {
  const machine = await machineWith({ a: 'small', b: Buffer.alloc(largeBytes, 'x') });
  const store = machine.stores.byFolder.get('/work/d');
  assert.is((await machine.run(['scan', '--dir', 'd'])).out, 'a\tsmall\nb\t<64 KiB on devices>\n');
  const json = await machine.run(['scan', '--dir', 'd', '-o', 'json', '--gte', 'b']);
  const id = { key: 'b', keyEncoding: 'utf8' };
  assert.equal(JSON.parse(json.out), { ...id, value: null, encoding: null, bytes: largeBytes });
  assert.is((await machine.run(['scan', '--dir', 'd', '--keys-only'])).out, 'a\nb\n');
  assert.is(store?.gets, 0);
  const whole = await machine.run(['scan', '--dir', 'd', '--large', '--gte', 'b']);
  assert.is(whole.out, `b\t${'x'.repeat(largeBytes)}\n`);
});

test.run();
