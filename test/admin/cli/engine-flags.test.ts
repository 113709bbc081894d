/** The engine's options as flags. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  demoEngineFlags,
  engineFlags,
  engineOptions,
} from '../../../src/admin/cli/engine-flags.js';
import { environmentName } from '../../../src/admin/cli/flag.js';
import { resolveSettings } from '../../../src/admin/cli/settings.js';
import { optionTable, validateOptions } from '../../../src/config/index.js';

test('every option that a person can decide is a flag, with the engine’s own variable', () => {
  for (const flag of engineFlags) {
    const option = optionTable.find(({ name }) => name === flag.key);
    assert.is(environmentName(flag), option?.environment, flag.key);
  }
  const keys = engineFlags.map(({ key }) => key);
  for (const name of ['durability', 'syncMode', 'kernel', 'recovery', 'segmentBytes']) {
    assert.ok(keys.includes(name), name);
  }
  assert.not.ok(keys.includes('location'));
});

test('what was given reaches the engine in a form that it accepts, and nothing else does', () => {
  const settings = resolveSettings(engineFlags, engineFlags, {
    flags: { durability: 'buffered', cacheBytes: '128MiB' },
    env: { THEMIS_COMPUTE_THREADS: '3' },
    file: { metricsHost: '127.0.0.2' },
    filePath: 'x',
  });
  const options = engineOptions(settings);
  assert.equal(options, {
    durability: 'buffered',
    cacheBytes: 128 * 1024 ** 2,
    computeThreads: 3,
    metricsHost: '127.0.0.2',
  });
  assert.is(validateOptions('/x', options).cacheBytes, 128 * 1024 ** 2);
});

test('defaults are shown in the unit in which they are given', () => {
  const segment = engineFlags.find(({ key }) => key === 'segmentBytes');
  assert.match(segment?.description ?? '', /\(default: 64 MiB\)$/);
});

test('the demo takes no device and no redundancy of anybody', () => {
  const keys = demoEngineFlags.map(({ key }) => key);
  for (const name of ['devices', 'spares', 'redundancy', 'redundancyByPrefix', 'inlineBytesMax']) {
    assert.not.ok(keys.includes(name), name);
  }
  assert.is(keys.length, engineFlags.length - 5);
});

test.run();
