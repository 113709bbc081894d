/** themis object get, over a store in memory. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWholeFile } from '../../../../src/admin/cli/read-file.js';
import { largeValue, machineWithLarge } from '../with-large.js';

test('a value goes to stdout, byte for byte, whole or in part', async () => {
  const { machine } = await machineWithLarge();
  const get = async (...more: string[]): Promise<Buffer> => {
    const { exit, outBytes, err } = await machine.run(['object', 'get', 'video', ...more]);
    assert.equal([exit, err], [0, '']);
    return outBytes;
  };
  const dir = ['--dir', 'd'];
  assert.equal(await get(...dir), largeValue);
  assert.equal(await get('-', ...dir), largeValue);
  assert.equal(await get('--range', '100-2099', ...dir), largeValue.subarray(100, 2100));
  assert.equal(await get('--range', '-7', ...dir), largeValue.subarray(-7));
});

test('into a file: whole under its name, in the place of what was there', async () => {
  const { machine } = await machineWithLarge();
  machine.write('/work/out', 'old');
  const words = ['object', 'get', 'video', 'out', '--dir', 'd'];
  assert.equal((await machine.run(words)).exit, 0);
  assert.equal(readWholeFile(machine.files, '/work/out'), largeValue);
  assert.equal(machine.files.list('/work'), ['d', 'out']);
  const answer = JSON.parse((await machine.run([...words, '-o', 'json'])).out);
  assert.equal([answer.file, answer.bytes], ['/work/out', largeValue.length]);
  assert.match((await machine.run(words, { tty: 80 })).out, /wrote.+out \(64 KiB\)/);
});

test('a read that fails leaves the file as it was', async () => {
  const { machine, store } = await machineWithLarge();
  machine.write('/work/out', 'old');
  store.getStream = async function* () {
    yield Buffer.from('half');
    throw new RangeError('the device is gone');
  };
  const { exit } = await machine.run(['object', 'get', 'video', 'out', '--dir', 'd']);
  assert.is(exit, 1);
  assert.is(readWholeFile(machine.files, '/work/out').toString(), 'old');
  assert.equal(machine.files.list('/work'), ['d', 'out']);
  assert.is(store.closes, 1);
});

test('the value and a JSON answer cannot share stdout', async () => {
  const { machine, store } = await machineWithLarge();
  const { exit, err } = await machine.run(['object', 'get', 'video', '--dir', 'd', '-o', 'json']);
  assert.is(exit, 2);
  assert.match(JSON.parse(err).error.message, /name a file/);
  assert.is(store.closes, 0, 'nothing was opened');
});

test.run();
