/** themis get, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from './in-process.js';
import { largeBytes } from './memory-store.js';

const bytes = Buffer.from([0, 255, 10, 65]);

async function machineWith(key: string, value: Buffer): Promise<Machine> {
  const machine = new Machine();
  const store = await machine.stores.open('/work/d', { createIfMissing: true, engine: {} });
  await store.put(Buffer.from(key), value);
  return machine;
}

test('a value comes out byte for byte, with nothing added', async () => {
  const machine = await machineWith('k', bytes);
  const { exit, outBytes, err } = await machine.run(['get', 'k', '--dir', 'd']);
  assert.is(exit, 0);
  assert.equal(outBytes, bytes);
  assert.is(err, '');
  assert.is(machine.stores.byFolder.get('/work/d')?.closes, 1, 'the store is closed');
});

test('a large value is streamed, and not made one text when it is too long for that', async () => {
  const large = Buffer.alloc(largeBytes, 'x');
  const machine = await machineWith('k', large);
  const store = machine.stores.byFolder.get('/work/d');
  const { outBytes } = await machine.run(['get', 'k', '--dir', 'd']);
  assert.ok(outBytes.equals(large));
  assert.is(store?.gets, 0);
  if (store !== undefined) store.stat = async () => ({ bytes: 2 ** 30, large: null });
  const refused = await machine.run(['get', 'k', '--dir', 'd', '--encoding', 'hex']);
  assert.is(refused.exit, 2);
  assert.match(refused.err, /has 1 GiB, too much for one text; use themis object get/);
});

test('encodings', async () => {
  const machine = await machineWith('k', bytes);
  const shown = async (encoding: string) =>
    machine.run(['get', 'k', '--dir', 'd', '--encoding', encoding]);
  assert.is((await shown('hex')).out, '00ff0a41\n');
  assert.is((await shown('base64')).out, 'AP8KQQ==\n');
  assert.equal((await shown('raw')).outBytes, bytes);
  const refused = await shown('utf8');
  assert.is(refused.exit, 2, 'what is no text is not shown as text');
  assert.match(refused.err, /THEMIS_USAGE: .+not UTF-8/);
  const text = await machineWith('k', Buffer.from('Grüße'));
  assert.is((await text.run(['get', 'k', '--dir', 'd', '--encoding', 'utf8'])).out, 'Grüße\n');
});

test('as JSON, in utf8 or what was asked for, base64 when it is no text', async () => {
  const cases: [Buffer, string[], object][] = [
    [Buffer.from('hello'), [], { key: 'k', value: 'hello', encoding: 'utf8', bytes: 5 }],
    [bytes, [], { key: 'k', value: 'AP8KQQ==', encoding: 'base64', bytes: 4 }],
    [bytes, ['--encoding', 'hex'], { key: 'k', value: '00ff0a41', encoding: 'hex', bytes: 4 }],
  ];
  for (const [value, more, expected] of cases) {
    const machine = await machineWith('k', value);
    const { out } = await machine.run(['get', 'k', '--dir', 'd', '-o', 'json', ...more]);
    assert.equal(JSON.parse(out), expected);
  }
});

test('an absent key ends with 4, an absent store is not created', async () => {
  const machine = await machineWith('k', bytes);
  const { exit, err, out } = await machine.run(['get', 'x', '--dir', 'd']);
  assert.is(exit, 4);
  assert.is(err, 'themis: THEMIS_KEY_NOT_FOUND: there is no key "x"\n');
  assert.is(out, '');
  assert.is((await machine.run(['get', 'x', '--dir', 'e'])).exit, 1);
  assert.is(machine.files.stat('/work/e'), null);
});

test('an empty value is a value', async () => {
  const machine = await machineWith('k', Buffer.alloc(0));
  const { exit, outBytes } = await machine.run(['get', 'k', '--dir', 'd']);
  assert.is(exit, 0);
  assert.is(outBytes.length, 0);
});

test.run();
