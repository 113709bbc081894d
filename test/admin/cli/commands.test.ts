/** The declarations of all commands: complete, teaching, and the same flag everywhere the same. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../src/admin/cli/commands.js';
import { exitCodeMeanings } from '../../../src/admin/cli/exit-codes.js';
import { flagName } from '../../../src/admin/cli/flag.js';
import { globalFlags } from '../../../src/admin/cli/global-flags.js';
import { Machine } from './in-process.js';

const shown = commands.filter((command) => command.isHidden !== true);

test('the commands of the manual are there', () => {
  const names = shown.map(({ path }) => path.join(' ')).sort();
  const plain = ['bench', 'delete', 'demo', 'doctor', 'get', 'put', 'repair', 'scan', 'scrub'];
  const objects = ['get', 'list', 'put', 'stat'].map((verb) => `object ${verb}`);
  const devices = ['add', 'list', 'remove', 'replace'].map((verb) => `device ${verb}`);
  assert.equal(names, [...plain, 'status', ...objects, ...devices].sort());
});

test('every command teaches: a paragraph, examples that call it, exit codes', async () => {
  for (const command of shown) {
    const name = command.path.join(' ');
    assert.ok(command.about.length > 120, `${name}: a paragraph`);
    assert.ok(command.examples.length >= 2 && command.examples.length <= 4, `${name}: examples`);
    for (const { line } of command.examples) assert.match(line, `themis ${name}`);
    const { out, exit } = await new Machine().run([...command.path, '--help']);
    assert.is(exit, 0);
    for (const code of [...command.exits, 130] as const) {
      assert.match(
        out,
        `${String(code).padStart(3)}  ${exitCodeMeanings[code]}`,
        `${name} ${code}`,
      );
    }
    for (const flag of [...globalFlags, ...command.flags]) {
      if (flag.hidden !== true) assert.match(out, flagName(flag), `${name} ${flag.key}`);
    }
    for (const { line } of command.examples) assert.match(out, line);
  }
});

test('examples use flags that exist', () => {
  for (const command of shown) {
    const known = [...globalFlags, ...command.flags].map(flagName);
    for (const { line } of command.examples) {
      for (const [flag] of line.matchAll(/--[a-z-]+/g)) {
        assert.ok(known.includes(flag), `${line}: ${flag}`);
      }
    }
  }
});

test('a key means the same kind of value wherever it is used', () => {
  const kinds = new Map<string, string>();
  for (const flag of [...globalFlags, ...shown.flatMap((command) => command.flags)]) {
    assert.is(kinds.get(flag.key) ?? flag.kind, flag.kind, flag.key);
    kinds.set(flag.key, flag.kind);
  }
});

test('no command has a flag twice, or one that all commands have', () => {
  for (const command of commands) {
    const keys = [...globalFlags, ...command.flags].map((flag) => flag.key);
    assert.is(new Set(keys).size, keys.length, command.path.join(' '));
  }
});

test('every command can be loaded', async () => {
  for (const command of commands) assert.type(await command.load(), 'function');
});

/** Wrong command lines: what they end with, and the code in the message. */
const wrong: [words: string[], exit: number, code: string][] = [
  [[], 2, 'THEMIS_USAGE'],
  [['nonsense'], 2, 'THEMIS_USAGE'],
  [['get'], 2, 'THEMIS_USAGE'],
  [['get', 'a'], 2, 'THEMIS_USAGE'],
  [['get', 'a', 'b', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['get', 'a', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['get', 'a', '--dir'], 2, 'THEMIS_USAGE'],
  [['get', 'zz', '--key-encoding', 'hex', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['get', 'a', '--key-encoding', 'raw', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['get', 'a', '--encoding', 'utf-16', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['get', 'a', '--unknown'], 2, 'THEMIS_USAGE'],
  [['get', 'a', '-o', 'yaml', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put'], 2, 'THEMIS_USAGE'],
  [['put', 'a', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put', 'a', 'b'], 2, 'THEMIS_USAGE'],
  [['put', 'a', 'b', '--file', 'f', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put', 'a', '--file', 'absent', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put', 'a', '--file', '.', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put', 'a', 'xyz', '--encoding', 'hex', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['put', 'a', 'b', '--durability', 'none', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['delete'], 2, 'THEMIS_USAGE'],
  [['delete', 'a', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['object'], 2, 'THEMIS_USAGE'],
  [['object', 'nonsense'], 2, 'THEMIS_USAGE'],
  [['object', 'put'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', '-', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', 'absent', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', '.', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', 'there', 'extra', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'put', 'k', 'there'], 2, 'THEMIS_USAGE'],
  [['object', 'get'], 2, 'THEMIS_USAGE'],
  [['object', 'get', 'k', 'f', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['object', 'get', 'k', 'f', '--dir', 'full'], 4, 'THEMIS_KEY_NOT_FOUND'],
  [['object', 'get', 'a', '/work', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['object', 'get', 'a', 'no/where', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['object', 'get', 'a', 'f', '--range', 'x', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['object', 'get', 'a', 'f', '--range', '9-', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['object', 'list', 'extra', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['object', 'list', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['object', 'list', '--prefix', 'a', '--gte', 'b', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['object', 'stat'], 2, 'THEMIS_USAGE'],
  [['object', 'stat', 'k', '--dir', 'full'], 4, 'THEMIS_KEY_NOT_FOUND'],
  [['device'], 2, 'THEMIS_USAGE'],
  [['device', 'list', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['device', 'add', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['device', 'add', 'p', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['device', 'replace', '1', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['device', 'replace', '1', 'p', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['device', 'remove', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['device', 'remove', 'first', '--dir', 'full'], 2, 'THEMIS_USAGE'],
  [['scrub', 'extra', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scrub', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['repair', 'k', '--dir', 'full'], 4, 'THEMIS_KEY_NOT_FOUND'],
  [['repair', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['demo', '--devices', '/mnt/a'], 2, 'THEMIS_USAGE'],
  [['scan', 'extra', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scan', '--limit', 'many', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scan', '--limit', '-1', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scan', '--limit', '1.5', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scan', '--prefix', 'a', '--lt', 'b', '--dir', 'd'], 2, 'THEMIS_USAGE'],
  [['scan', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['status'], 2, 'THEMIS_USAGE'],
  [['status', '--dir', 'absent'], 1, 'THEMIS_FOLDER_INVALID'],
  [['status', '--config', 'absent.json'], 2, 'THEMIS_CONFIG_INVALID'],
  [['demo', '--seconds', '0'], 2, 'THEMIS_USAGE'],
  [['demo', '--seconds', 'soon'], 2, 'THEMIS_USAGE'],
  [['demo', '--seed', '-1'], 2, 'THEMIS_USAGE'],
  [['demo', '--from', 'absent'], 2, 'THEMIS_USAGE'],
  [['demo', '--from', '.', '--dir', '/work'], 2, 'THEMIS_USAGE'],
  [['doctor', 'extra'], 2, 'THEMIS_USAGE'],
  [['bench'], 2, 'THEMIS_USAGE'],
  [['bench', 'nonsense'], 2, 'THEMIS_USAGE'],
];

test('every wrong command line ends with its code and one line', async () => {
  for (const [words, exit, code] of wrong) {
    const machine = new Machine();
    machine.write('/work/there', 'so that /work is not empty');
    await machine.run(['put', 'a', 'value', '--dir', 'full']);
    const line = words.join(' ');
    const plain = await machine.run(words);
    assert.is(plain.exit, exit, `${line}: ${plain.err}`);
    assert.match(plain.err, new RegExp(`^themis: ${code}: .+\n$`), line);
    assert.is(plain.out, '', line);
    if (words.includes('-o')) continue;
    const json = await machine.run([...words, '-o', 'json']);
    if (words.at(-1) === '--dir') continue;
    assert.is(json.exit, exit, `${line} -o json`);
    assert.is(JSON.parse(json.err).error.code, code, `${line} -o json`);
  }
});

test.run();
