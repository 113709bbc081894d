/** themis put, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '../../../src/config/index.js';
import { Machine } from './in-process.js';

async function stored(machine: Machine, key: string): Promise<Buffer | undefined> {
  return machine.stores.byFolder.get('/work/d')?.values.get(Buffer.from(key).toString('hex'));
}

test('a value comes from the command line, a file or stdin', async () => {
  const machine = new Machine();
  machine.write('/work/f', Buffer.from([1, 2, 3]));
  const cases: [string[], string[] | undefined, Buffer][] = [
    [['hello'], undefined, Buffer.from('hello')],
    [[''], undefined, Buffer.alloc(0)],
    [['00ff', '--encoding', 'hex'], undefined, Buffer.from([0, 255])],
    [['--file', 'f'], undefined, Buffer.from([1, 2, 3])],
    [['--file', '/work/f'], undefined, Buffer.from([1, 2, 3])],
    [[], ['from ', 'a pipe'], Buffer.from('from a pipe')],
    [[], [], Buffer.alloc(0)],
  ];
  for (const [more, stdin, expected] of cases) {
    const words = ['put', 'k', ...more, '--dir', 'd'];
    const { exit, out, err } = await machine.run(words, stdin === undefined ? {} : { stdin });
    assert.is(exit, 0, err);
    assert.is(out, '', 'silence is success when nobody watches');
    assert.equal(await stored(machine, 'k'), expected);
  }
  assert.ok((machine.stores.byFolder.get('/work/d')?.closes ?? 0) === cases.length);
});

test('a value that looks like a flag goes behind --', async () => {
  const machine = new Machine();
  assert.is((await machine.run(['put', '--dir', 'd', '--', 'k', '--dir'])).exit, 0);
  assert.equal(await stored(machine, 'k'), Buffer.from('--dir'));
});

test('on a terminal, and as JSON, the answer says what was stored', async () => {
  const machine = new Machine();
  assert.match(
    (await machine.run(['put', 'k', 'abc', '--dir', 'd'], { tty: 80 })).out,
    /k \(3 B\)/,
  );
  const { out } = await machine.run(['put', 'k', 'abc', '--dir', 'd', '-o', 'json']);
  assert.equal(JSON.parse(out), { key: 'k', bytes: 3 });
});

test('a file longer than any command of the log is streamed', async () => {
  const machine = new Machine();
  const bytes = Buffer.alloc(limits.valueBytesMax + 1, 'x');
  machine.write('/work/f', bytes);
  const words = ['put', 'k', '--file', 'f', '--dir', 'd', '-o', 'json'];
  assert.equal(JSON.parse((await machine.run(words)).out), { key: 'k', bytes: bytes.length });
  assert.ok((await stored(machine, 'k'))?.equals(bytes));
});

test('keys may be any bytes, and durability reaches the engine', async () => {
  const machine = new Machine();
  const flags = ['--key-encoding', 'hex', '--durability', 'buffered', '--dir', 'd'];
  assert.is((await machine.run(['put', '00ff', 'v', ...flags])).exit, 0);
  assert.ok(machine.stores.byFolder.get('/work/d')?.values.has('00ff'));
  assert.equal(machine.stores.opened[0]?.engine, { durability: 'buffered' });
});

test.run();
