/** The declarations of `themis object ...`; what all commands must have is in ../commands.test.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../../src/admin/cli/commands.js';
import { objectCommands } from '../../../../src/admin/cli/object/commands.js';
import { Machine } from '../in-process.js';

test('all of them are commands of the program, each once', () => {
  for (const command of objectCommands) {
    assert.is(commands.filter((one) => one === command).length, 1, command.path.join(' '));
  }
});

test('the group has a help of its own that names its verbs', async () => {
  const { exit, out } = await new Machine().run(['object', '--help']);
  assert.is(exit, 0);
  for (const { path } of objectCommands) {
    if (path[0] === 'object') assert.match(out, new RegExp(`^ +${path[1]}\\b`, 'm'));
  }
});

test.run();
