/** Settings: which source wins, and what is refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flag } from '../../../src/admin/cli/flag.js';
import { readConfigFile, resolveSettings, settingWords } from '../../../src/admin/cli/settings.js';
import { codeOf, messageOf } from '../../../src/base/index.js';
import { Machine } from './in-process.js';

const limit: Flag = {
  key: 'limit',
  kind: 'number',
  placeholder: 'n',
  isWhole: true,
  min: 0,
  max: 100,
  default: 10,
  description: '',
};
const dir: Flag = { key: 'dir', kind: 'text', placeholder: 'folder', description: '' };
const reverse: Flag = { key: 'reverse', kind: 'switch', description: '' };
const flags = [limit, dir, reverse];

interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly file?: Record<string, unknown> | null;
}

function resolve(given: Given, known: readonly Flag[] = flags) {
  return resolveSettings(flags, known, {
    flags: given.flags ?? {},
    env: given.env ?? {},
    file: given.file ?? null,
    filePath: 'themis.json',
  });
}

function failure(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return `${codeOf(error)}: ${messageOf(error)}`;
  }
  return 'nothing was refused';
}

test('default < file < environment < flag, in every combination', () => {
  for (let mask = 0; mask < 8; mask++) {
    const [inFile, inEnv, inFlag] = [mask & 1, mask & 2, mask & 4];
    const settings = resolve({
      file: inFile ? { limit: 1 } : {},
      env: inEnv ? { THEMIS_LIMIT: '2' } : {},
      flags: inFlag ? { limit: '3' } : {},
    });
    const expected = inFlag ? 3 : inEnv ? 2 : inFile ? 1 : 10;
    assert.is(settings.number('limit'), expected, `combination ${mask}`);
    const source = inFlag ? 'flag' : inEnv ? 'environment' : inFile ? 'file' : 'default';
    assert.is(settings.source('limit'), source);
  }
});

test('what was not given anywhere is null, or off', () => {
  const settings = resolve({});
  assert.is(settings.text('dir'), null);
  assert.is(settings.source('dir'), null);
  assert.is(settings.isOn('reverse'), false);
  assert.is(resolve({ env: { THEMIS_REVERSE: '1' } }).isOn('reverse'), true);
  const off = { file: { reverse: true }, env: { THEMIS_REVERSE: 'false' } };
  assert.is(resolve(off).isOn('reverse'), false, 'the environment can switch off');
});

test('wrong values name the place they came from', () => {
  const cases: [Given, string][] = [
    [
      { flags: { limit: 'x' } },
      'THEMIS_USAGE: --limit needs a whole number from 0 to 100, not "x"',
    ],
    [
      { env: { THEMIS_LIMIT: '-1' } },
      'THEMIS_CONFIG_INVALID: THEMIS_LIMIT needs a whole number from 0 to 100, not "-1"',
    ],
    [
      { file: { limit: 101 } },
      'THEMIS_CONFIG_INVALID: "limit" in themis.json needs a whole number from 0 to 100, not 101',
    ],
    [{ file: { dir: 5 } }, 'THEMIS_CONFIG_INVALID: "dir" in themis.json needs a text, not 5'],
    [
      { file: { limt: 5 } },
      'THEMIS_CONFIG_INVALID: "limt" in themis.json is not a setting (did you mean "limit"?); ' +
        'remove or correct it',
    ],
  ];
  for (const [given, message] of cases)
    assert.is(
      failure(() => resolve(given)),
      message,
    );
});

test('the file may hold settings of other commands, and they are checked too', () => {
  const wide: Flag = { ...limit, max: 1000 };
  const other: Flag = { ...limit, key: 'seconds' };
  assert.is(resolve({ file: { seconds: 5 } }, [...flags, other]).number('limit'), 10);
  assert.match(
    failure(() => resolve({ file: { seconds: 'x' } }, [...flags, other])),
    'CONFIG',
  );
  assert.is(
    resolve({ file: { limit: 500 }, flags: { limit: '7' } }, [...flags, wide]).number('limit'),
    7,
    'a value that suits another command is no error while this one does not use it',
  );
});

test('a setting that is needed says all three ways to give it', () => {
  const message = 'THEMIS_USAGE: --dir is needed (or THEMIS_DIR, or "dir" in --config)';
  assert.is(
    failure(() => resolve({}).requiredText('dir', flags)),
    message,
  );
  assert.is(
    failure(() => resolve({ flags: { dir: '' } }).requiredText('dir', flags)),
    message,
  );
  assert.is(resolve({ flags: { dir: 'x' } }).requiredText('dir', flags), 'x');
});

test('settings can be handed to another process as words', () => {
  const given = { flags: { dir: 'a b' }, env: { THEMIS_REVERSE: '1' }, file: { limit: 7 } };
  const words = ['--limit', '7', '--dir', 'a b', '--reverse'];
  assert.equal(settingWords(resolve(given), flags), words);
  assert.equal(settingWords(resolve({ flags: { reverse: false } }), [reverse, dir]), []);
});

test('a configuration file is one JSON object', () => {
  const machine = new Machine();
  const cases: [string, string, RegExp | null][] = [
    ['/work/good.json', '{"limit": 5}', null],
    ['/work/broken.json', '{"limit": ', /broken\.json cannot be read as a JSON file/],
    ['/work/list.json', '[1]', /list\.json must hold one JSON object/],
    ['/work/null.json', 'null', /null\.json must hold one JSON object/],
  ];
  for (const [path, text, expected] of cases) {
    machine.write(path, text);
    if (expected === null) assert.equal(readConfigFile(machine.files, path), { limit: 5 });
    else
      assert.match(
        failure(() => readConfigFile(machine.files, path)),
        expected,
      );
  }
  const absent = failure(() => readConfigFile(machine.files, '/work/absent.json'));
  assert.match(absent, /^THEMIS_CONFIG_INVALID: \/work\/absent\.json cannot be read/);
});

test.run();
