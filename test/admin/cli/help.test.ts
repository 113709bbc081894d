/** The teaching part of help. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command } from '../../../src/admin/cli/command.js';
import { afterHelp, afterProgramHelp } from '../../../src/admin/cli/help.js';
import { textWidth } from '../../../src/admin/cli/text-width.js';

const command: Command = {
  path: ['c'],
  summary: '',
  about: '',
  arguments: [],
  flags: [{ key: 'keysOnly', kind: 'switch', description: '' }],
  examples: [{ line: 'themis c', what: 'does it' }],
  exits: [0, 4],
  load: async () => async () => 0,
};

test('examples, how flags are named elsewhere, and exit codes with Ctrl-C’s', () => {
  assert.is(
    afterHelp(command),
    [
      '',
      'Examples:',
      '  themis c',
      '      does it',
      '',
      'Settings: --keys-only = THEMIS_KEYS_ONLY = "keysOnly" in --config, and so on.',
      '',
      'Exit codes:',
      '    0  done',
      '    4  the key is not there',
      '  130  interrupted (Ctrl-C)',
    ].join('\n'),
  );
  assert.not.match(afterHelp({ ...command, flags: [] }), /Settings:/);
});

test('the program’s own help names the order of the sources and fits a terminal', () => {
  const text = afterProgramHelp({ key: 'output', kind: 'switch', description: '' });
  assert.match(text, /--output = THEMIS_OUTPUT = "output"/);
  for (const line of text.split('\n')) assert.ok(textWidth(line) <= 80, line);
});

test.run();
