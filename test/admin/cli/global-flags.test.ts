/** Flags of every command. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { globalFlags } from '../../../src/admin/cli/global-flags.js';
import { Machine } from './in-process.js';

test('every command takes them, by flag, variable and file', async () => {
  assert.equal(
    globalFlags.map(({ key }) => key),
    ['output', 'json', 'dir', 'config', 'noColor', 'debug'],
  );
  const machine = new Machine();
  machine.write('/work/c.json', '{"dir": "d", "output": "json", "noColor": true, "json": true}');
  const put = await machine.run(['put', 'k', 'v', '--config', '/work/c.json', '--debug']);
  assert.is(put.exit, 0, put.err);
  assert.equal(JSON.parse(put.out), { key: 'k', bytes: 1 });
});

test('colours go with --no-color and with NO_COLOR', async () => {
  const machine = new Machine();
  const put = (words: string[], env: Record<string, string>) =>
    machine.run(['put', 'k', 'v', '--dir', 'd', ...words], { env, tty: 80 });
  const escapeCharacter = String.fromCharCode(27);
  assert.ok((await put([], {})).out.includes(escapeCharacter));
  assert.not.ok((await put(['--no-color'], {})).out.includes(escapeCharacter));
  assert.not.ok((await put([], { NO_COLOR: '1' })).out.includes(escapeCharacter));
  assert.not.ok((await put([], { THEMIS_NO_COLOR: '1' })).out.includes(escapeCharacter));
});

test.run();
