/** The declarations of `themis device ...`; what all commands must have is in ../commands.test.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../../src/admin/cli/commands.js';
import { deviceCommands } from '../../../../src/admin/cli/device/commands.js';
import { Machine } from '../in-process.js';

test('all of them are commands of the program, each once', () => {
  for (const command of deviceCommands) {
    assert.is(commands.filter((one) => one === command).length, 1, command.path.join(' '));
  }
});

test('the group has a help of its own that names its verbs', async () => {
  const { exit, out } = await new Machine().run(['device', '--help']);
  assert.is(exit, 0);
  for (const { path } of deviceCommands) {
    if (path[0] === 'device') assert.match(out, new RegExp(`^ +${path[1]}\\b`, 'm'));
  }
});

test.run();
