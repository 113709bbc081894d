/** The table of options is complete and can be printed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optionTable, rangeText } from '../../src/config/index.js';

test('environment names are the names in capitals, and no two are alike', () => {
  const names = new Map(optionTable.map(({ name, environment }) => [String(name), environment]));
  assert.is(names.get('snapshotLogBytes'), 'THEMIS_SNAPSHOT_LOG_BYTES');
  assert.is(names.get('errorIfExists'), 'THEMIS_ERROR_IF_EXISTS');
  assert.is(new Set(names.values()).size, optionTable.length);
  for (const name of names.values()) assert.match(name, /^THEMIS_[A-Z]+(_[A-Z]+)*$/);
});

test('help is one line of at most 80 characters', () => {
  for (const { name, help } of optionTable) {
    assert.ok(help.length > 10 && help.length <= 80 && !help.includes('\n'), name);
  }
});

test('ranges read as sentences do', () => {
  const text = (name: string) => {
    const option = optionTable.find((one) => one.name === name);
    return option && rangeText(option.range);
  };
  assert.is(text('durability'), 'one of sync, buffered');
  assert.is(text('metricsPort'), '0 to 65535');
  assert.is(text('ringBytes'), '64 MiB to 1 GiB, a power of two');
  assert.is(text('createIfMissing'), 'true or false');
  assert.is(text('location'), 'a text that is not empty');
  assert.is(text('keyEncoding'), 'the name of an encoding, or an encoding');
});

test.run();
