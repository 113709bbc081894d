/** Keys on the command line. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from './in-process.js';

test('the same bytes are reached by every way to write them', async () => {
  const machine = new Machine();
  await machine.run(['put', 'abc', 'found', '--dir', 'd']);
  const cases: [string, string][] = [
    ['abc', 'utf8'],
    ['616263', 'hex'],
    ['YWJj', 'base64'],
  ];
  for (const [word, encoding] of cases) {
    const words = ['get', word, '--key-encoding', encoding, '--dir', 'd'];
    assert.is((await machine.run(words)).out, 'found', encoding);
  }
});

test('bounds of a scan are keys too', async () => {
  const machine = new Machine();
  await machine.run(['put', '01', 'v', '--key-encoding', 'hex', '--dir', 'd']);
  const words = ['scan', '--gte', '00', '--lt', '02', '--key-encoding', 'hex', '--dir', 'd'];
  assert.is((await machine.run(words)).out, '01\tv\n');
});

test.run();
