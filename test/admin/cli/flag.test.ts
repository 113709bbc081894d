/** One declaration, three names, and values of the right kind. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  environmentName,
  type Flag,
  flagDescription,
  flagName,
  flagSyntax,
  parseFlag,
  readParsed,
} from '../../../src/admin/cli/flag.js';

const onOff: Flag = { key: 'keysOnly', kind: 'switch', description: '' };
const text: Flag = { key: 'dir', kind: 'text', placeholder: 'folder', description: '' };
const choice: Flag = {
  key: 'output',
  letter: 'o',
  kind: 'choice',
  choices: ['table', 'json'],
  description: '',
};
const whole: Flag = {
  key: 'limit',
  kind: 'number',
  placeholder: 'n',
  isWhole: true,
  min: 1,
  max: 10,
  description: '',
};
const real: Flag = { ...whole, key: 'seconds', isWhole: false, max: Number.MAX_SAFE_INTEGER };

test('one key gives the names of flag and environment', () => {
  assert.is(flagName(onOff), '--keys-only');
  assert.is(environmentName(onOff), 'THEMIS_KEYS_ONLY');
  assert.is(flagSyntax(onOff), '--keys-only');
  assert.is(flagSyntax(text), '--dir <folder>');
  assert.is(flagSyntax(choice), '-o, --output <table|json>');
  assert.is(flagSyntax(whole), '--limit <n>');
});

test('values are parsed by kind, and wrong ones say what was expected', () => {
  const cases: [Flag, unknown, unknown][] = [
    [onOff, true, true],
    [onOff, 'true', true],
    [onOff, '1', true],
    [onOff, '0', false],
    [onOff, '', false],
    [onOff, 'yes', 'true or false'],
    [onOff, 1, 'true or false'],
    [text, 'x', 'x'],
    [text, 5, 'a text'],
    [choice, 'json', 'json'],
    [choice, 'yaml', 'one of table, json'],
    [whole, '7', 7],
    [whole, 7, 7],
    [whole, ' 7 ', 7],
    [whole, '7.5', 'a whole number from 1 to 10'],
    [whole, '0', 'a whole number from 1 to 10'],
    [whole, '11', 'a whole number from 1 to 10'],
    [whole, '', 'a whole number from 1 to 10'],
    [whole, '0x7', 'a whole number from 1 to 10'],
    [whole, '1e1', 'a whole number from 1 to 10'],
    [whole, true, 'a whole number from 1 to 10'],
    [whole, Number.NaN, 'a whole number from 1 to 10'],
    [real, '7.5', 7.5],
    [real, '-1', 'a number from 1'],
  ];
  for (const [flag, raw, expected] of cases) {
    const parsed = parseFlag(flag, raw);
    const found = 'value' in parsed ? parsed.value : parsed.expected;
    assert.is(found, expected, `${flag.key} ${JSON.stringify(raw)}`);
  }
});

test('choices that are too long for a column are described instead', () => {
  const long: Flag = { ...choice, choices: ['one', 'a-rather-long-choice', 'another-long-one'] };
  assert.is(flagSyntax(long), '-o, --output <output>');
  const text = 'how: one, a-rather-long-choice, another-long-one (default: one)';
  assert.is(flagDescription({ ...long, description: 'how', default: 'one' }), text);
  assert.is(flagDescription({ ...choice, description: 'how' }), 'how');
  assert.is(flagDescription({ ...whole, description: 'most', default: 5 }), 'most (default: 5)');
});

test('sizes take units', () => {
  const size: Flag = { key: 'cacheBytes', kind: 'size', min: 1024, max: 2 ** 30, description: '' };
  assert.is(flagSyntax(size), '--cache-bytes <size>');
  const cases: [unknown, unknown][] = [
    ['64MiB', 64 * 1024 ** 2],
    ['1 GiB', 2 ** 30],
    ['2048', 2048],
    [2048, 2048],
    ['64MB', 'bytes from 1024 to 1073741824, such as 64MiB'],
    ['1', 'bytes from 1024 to 1073741824, such as 64MiB'],
    [true, 'bytes from 1024 to 1073741824, such as 64MiB'],
    [1.5e6 + 0.5, 'bytes from 1024 to 1073741824, such as 64MiB'],
  ];
  for (const [raw, expected] of cases) {
    const parsed = parseFlag(size, raw);
    assert.is('value' in parsed ? parsed.value : parsed.expected, expected, String(raw));
  }
});

test('a flag that switches off is read from its positive twin', () => {
  const noColor: Flag = { key: 'noColor', kind: 'switch', description: '' };
  assert.is(readParsed(noColor, { color: false }), true);
  assert.is(readParsed(noColor, { color: true }), undefined);
  assert.is(readParsed(text, { dir: 'x' }), 'x');
  assert.is(readParsed({ ...text, key: 'node' }, { node: 'x' }), 'x', 'node is no negation');
});

test.run();
