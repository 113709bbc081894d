/** The command line from end to end, with commands made for the test. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command, RunCommand } from '../../../src/admin/cli/command.js';
import { PipeClosed } from '../../../src/admin/cli/terminal.js';
import { ThemisError } from '../../../src/base/index.js';
import { Machine, type RunOptions } from './in-process.js';

function command(path: readonly string[], run: RunCommand, more: Partial<Command> = {}): Command {
  return {
    path,
    summary: `what ${path.join(' ')} does`,
    about: 'About it.',
    arguments: [],
    flags: [],
    examples: [],
    exits: [0],
    load: async () => run,
    ...more,
  };
}

async function run(commands: readonly Command[], words: string[], options: RunOptions = {}) {
  return new Machine().run(words, { ...options, commands });
}

const fine: RunCommand = async ({ terminal, words }) => {
  await terminal.write(`ran ${words.join(',')}\n`);
  return 0;
};

test('nouns and verbs nest as deep as their paths', async () => {
  const commands = [
    command(['object', 'put'], fine),
    command(['object', 'list'], fine),
    command(['node', 'peer', 'list'], fine),
    command(['plain'], fine),
  ];
  for (const words of [
    ['object', 'put'],
    ['object', 'list'],
    ['node', 'peer', 'list'],
    ['plain'],
  ]) {
    const { exit, out } = await run(commands, words);
    assert.is(exit, 0, words.join(' '));
    assert.is(out, 'ran \n');
  }
  const help = await run(commands, ['object', '--help']);
  assert.is(help.exit, 0);
  assert.match(help.out, /put.+what object put does/);
  assert.is((await run(commands, ['object'])).exit, 2);
  assert.is((await run(commands, ['object', 'lst'])).exit, 2);
});

test('flags are understood before and after the command', async () => {
  const json: RunCommand = async ({ isJson, terminal }) => {
    await terminal.write(String(isJson));
    return 0;
  };
  const commands = [command(['c'], json)];
  assert.is((await run(commands, ['c', '-o', 'json'])).out, 'true');
  assert.is((await run(commands, ['-o', 'json', 'c'])).out, 'true');
  assert.is((await run(commands, ['-o', 'json', 'c', '-o', 'table'])).out, 'false');
  assert.is((await run(commands, ['c'], { env: { THEMIS_OUTPUT: 'json' } })).out, 'true');
  assert.is((await run(commands, ['c', '--output=json'])).out, 'true');
});

test('every way to fail is one line and an exit code, never a stack', async () => {
  const fails = (error: unknown): Command[] => [
    command(['c'], async () => {
      throw error;
    }),
  ];
  const cases: [unknown, number, string][] = [
    [new ThemisError('THEMIS_IO', 'broken'), 1, 'themis: THEMIS_IO: broken\n'],
    [new ThemisError('THEMIS_LOG_CORRUPT', 'bits'), 3, 'themis: THEMIS_LOG_CORRUPT: bits\n'],
    [
      new ThemisError('THEMIS_ABORTED', 'interrupted'),
      130,
      'themis: THEMIS_ABORTED: interrupted\n',
    ],
    [new RangeError('odd'), 1, 'themis: odd\n'],
  ];
  for (const [error, exit, line] of cases) {
    const found = await run(fails(error), ['c']);
    assert.is(found.exit, exit);
    assert.is(found.err, line);
    assert.is(found.out, '');
  }
});

test('with -o json errors are JSON, also those of the command line itself', async () => {
  const commands = [command(['c'], fine)];
  const cases: [string[], Record<string, string>][] = [
    [['c', '--wrong', '-o', 'json'], {}],
    [['-ojson', 'wrong'], {}],
    [['--output=json'], {}],
    [['--json', 'wrong'], {}],
    [['wrong'], { THEMIS_JSON: '1' }],
    [['wrong'], { THEMIS_OUTPUT: 'json' }],
    [['c', '-o', 'json', '--config', '/absent.json'], {}],
  ];
  for (const [words, env] of cases) {
    const { exit, err } = await run(commands, words, { env });
    assert.is(exit, 2, words.join(' '));
    const { error } = JSON.parse(err);
    assert.is(error.exitCode, 2);
    assert.match(error.code, /^THEMIS_(USAGE|CONFIG_INVALID)$/);
  }
  assert.match((await run(commands, ['wrong', '--', '-o', 'json'])).err, /^themis: /);
});

test('--debug adds the stack', async () => {
  const commands = [
    command(['c'], async () => {
      throw new ThemisError('THEMIS_IO', 'broken', new RangeError('cause'));
    }),
  ];
  assert.not.match((await run(commands, ['c'])).err, /\n\s+at /);
  assert.match((await run(commands, ['c', '--debug'])).err, /\n\s+at [\s\S]*caused by RangeError/);
  assert.match((await run(commands, ['c'], { env: { THEMIS_DEBUG: '1' } })).err, /\n\s+at /);
});

test('a reader that goes away is no error', async () => {
  const commands = [
    command(['c'], async () => {
      throw new PipeClosed();
    }),
  ];
  const { exit, err } = await run(commands, ['c']);
  assert.is(exit, 0);
  assert.is(err, '');
});

test('typing errors are met with a suggestion', async () => {
  const commands = [
    command(['scan'], fine, {
      flags: [{ key: 'limit', kind: 'text', placeholder: 'n', description: '' }],
      arguments: [{ name: 'suite', description: '', isOptional: true, choices: ['micro', 'wal'] }],
    }),
  ];
  assert.match((await run(commands, ['scn'])).err, /Did you mean scan/);
  assert.match((await run(commands, ['scan', '--limt', '1'])).err, /Did you mean --limit/);
  assert.match((await run(commands, ['scan', 'micr'])).err, /did you mean "micro"/);
  assert.is((await run(commands, ['scan', 'wal'])).exit, 0);
});

test('the settings of a file reach the command, and unknown ones are refused', async () => {
  const flags = [
    { key: 'limit', kind: 'text', placeholder: 'n', description: '' },
    { key: 'round', kind: 'text', placeholder: 'n', description: '', hidden: true },
  ] as const;
  const show: RunCommand = async ({ settings, terminal }) => {
    await terminal.write(`${settings.text('limit')} ${settings.text('dir')}`);
    return 0;
  };
  const machine = new Machine();
  machine.write('/work/t.json', '{"limit": "5", "dir": "/data"}');
  machine.write('/work/u.json', '{"limt": "5"}');
  machine.write('/work/c.json', '{"config": "t.json"}');
  const commands = [command(['c'], show, { flags })];
  const named = await machine.run(['c', '--config', '/work/t.json'], { commands });
  assert.is(named.out, '5 /data');
  const env = { THEMIS_CONFIG: '/work/t.json', THEMIS_DIR: '/other' };
  assert.is((await machine.run(['c'], { commands, env })).out, '5 /other');
  const unknown = await machine.run(['c', '--config', '/work/u.json'], { commands });
  assert.is(unknown.exit, 2);
  assert.match(unknown.err, /THEMIS_CONFIG_INVALID: "limt" .+did you mean "limit"/);
  assert.is((await machine.run(['c', '--config', '/work/c.json'], { commands })).exit, 2);
});

test('help and version load nothing and end with 0', async () => {
  const commands = [
    command(['c'], fine, {
      load: () => {
        throw new ThemisError('THEMIS_ASSERTION', 'loaded for help');
      },
    }),
    command(['secret'], fine, { isHidden: true }),
  ];
  for (const words of [['--help'], ['c', '--help'], ['help', 'c'], ['help'], ['-h']]) {
    const { exit, out, err } = await run(commands, words);
    assert.is(exit, 0, words.join(' '));
    assert.match(out, /Exit codes:/);
    assert.is(err, '');
    assert.not.match(out, /secret/);
  }
  assert.is((await run(commands, ['--version'])).out, '1.2.3\n');
  assert.is((await run(commands, ['secret'])).exit, 0, 'hidden, not absent');
});

test.run();
