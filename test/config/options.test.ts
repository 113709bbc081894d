/** Options: each value is checked, each mistake names option, value and range. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import {
  optionTable,
  redundancyInWords,
  redundancyOf,
  resolveOptions,
  validateOptions,
} from '../../src/config/index.js';

/** The message of the refusal, or the value that was accepted. */
function attempt(
  name: string,
  value: unknown,
): { readonly refused?: string; readonly value?: unknown } {
  const flags = { location: '/data', [name]: value };
  try {
    const { options } = resolveOptions({ flags });
    return { value: Object.entries(options).find(([key]) => key === name)?.[1] };
  } catch (error) {
    if (isThemisError(error, 'THEMIS_CONFIG_INVALID')) return { refused: error.message };
    throw error;
  }
}

const MiB = 1024 * 1024;

test('absent options have the defaults of the table, and the result is frozen', () => {
  const options = validateOptions('/data');
  assert.equal(options, {
    location: '/data',
    createIfMissing: true,
    errorIfExists: false,
    passive: false,
    durability: 'sync',
    syncMode: 'auto',
    recovery: 'refuse',
    redundancy: { mode: 'PARITY', data: 4, parity: 2 },
    inlineBytesMax: 64 * 1024,
    blobMemoryBytes: 64 * MiB,
    scrubBytesPerSecond: 10 * MiB,
    deviceThreads: 2,
    cacheBytes: 64 * MiB,
    computeThreads: 2,
    segmentBytes: 64 * MiB,
    ringBytes: 64 * MiB,
    snapshotLogBytes: 1024 * MiB,
    metricsHost: '127.0.0.1',
  });
  assert.ok(Object.isFrozen(options));
  assert.equal(validateOptions('/data', { kernel: undefined, metricsPort: undefined }), options);
});

test('every default is a value that its own option accepts', () => {
  for (const { name, default: value } of optionTable) {
    if (value !== null) assert.equal(attempt(name, value), { value });
  }
});

test('every option refuses wrong types and ranges, naming itself, the value and the range', () => {
  for (const { name, range } of optionTable) {
    const wrong: unknown[] = [null, '', Symbol('x'), []];
    if (range.kind === 'encoding') wrong.splice(3);
    if (range.kind === 'boolean') wrong.push(0, 1, 'yes', 'TRUE');
    if (range.kind === 'text') wrong.push(1, true, {});
    if (range.kind === 'paths') wrong.push(1, {}, [''], ['a', 'a'], ['a', 1], 'a,');
    if (range.kind.startsWith('redundancy')) wrong.push(1, true, 'x', { data: 0, parity: 1 });
    if (range.kind === 'choice') wrong.push(1, `${range.choices[0]} `, range.choices);
    if (range.kind === 'integer' || range.kind === 'bytes') {
      wrong.push(range.min - 1, range.max + 1, range.min + 0.5, Number.NaN, true, '-1', '1e3', 'x');
      assert.equal(attempt(name, range.min), { value: range.min });
      assert.equal(attempt(name, range.max), { value: range.max });
    }
    for (const value of wrong) {
      const { refused } = attempt(name, value);
      assert.ok(refused !== undefined, `${name} accepted ${String(value)}`);
      assert.ok(refused.startsWith(`${name} is `), `${name} accepted ${String(value)}`);
      const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
      assert.ok(refused.includes(shown) && refused.includes('; it must be '), refused);
    }
  }
});

test('choices accept exactly the words of the table', () => {
  for (const { name, range } of optionTable) {
    if (range.kind !== 'choice') continue;
    for (const choice of range.choices) {
      assert.equal(attempt(name, choice), { value: choice });
      assert.ok(attempt(name, choice.toUpperCase()).refused);
    }
  }
});

test('segments are whole steps of 64 KiB, rings powers of two', () => {
  assert.equal(attempt('segmentBytes', 192 * 1024), { value: 192 * 1024 });
  assert.match(
    attempt('segmentBytes', 100_000).refused ?? '',
    /64 KiB to 1 GiB, a multiple of 64 KiB/,
  );
  assert.equal(attempt('ringBytes', 128 * MiB), { value: 128 * MiB });
  assert.match(attempt('ringBytes', 96 * MiB).refused ?? '', /power of two/);
});

test('unknown options are refused with what was probably meant', () => {
  for (const [typed, meant] of [
    ['durabilty', 'durability'],
    ['CacheBytes', 'cacheBytes'],
    ['errorIfExist', 'errorIfExists'],
    ['metricPort', 'metricsPort'],
  ]) {
    assert.match(
      attempt(typed ?? '', 1).refused ?? '',
      `${typed}, given in the options, is not an option. Did you mean ${meant}?`,
    );
  }
  assert.match(attempt('xyz', 1).refused ?? '', 'Options are location, ');
});

test('a missing location is refused', () => {
  assert.throws(
    () => resolveOptions({}),
    (error: unknown) => isThemisError(error, 'THEMIS_CONFIG_INVALID'),
  );
});

/** A value in the words in which it is given on a command line. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const redundancy = redundancyOf(value);
  if (redundancy !== null) return redundancyInWords(redundancy);
  if (Array.isArray(value)) return value.join(',');
  return Object.entries(value)
    .map(([prefix, one]) => `${prefix}=${textOf(one)}`)
    .join(',');
}

test('for every option, flags win over environment, file and default in turn', () => {
  // Two different accepted values of each kind; the sources take them in turn.
  const values = (range: (typeof optionTable)[number]['range']): readonly [string, string] => {
    switch (range.kind) {
      case 'boolean':
        return ['true', 'false'];
      case 'choice':
        return [range.choices[0] ?? '', range.choices[1] ?? ''];
      case 'integer':
      case 'bytes':
        return [String(range.min), String(range.max)];
      case 'redundancy':
        return ['MIRROR:2', 'NONE'];
      case 'redundancyByPrefix':
        return ['a=NONE', 'a=8+3'];
      default:
        return ['one', 'two'];
    }
  };
  for (const { name, range, environment } of optionTable) {
    const [one, two] = values(range);
    const base = name === 'location' ? {} : { location: '/data' };
    const get = (inputs: Parameters<typeof resolveOptions>[0]) => {
      const { options, sources } = resolveOptions({ ...inputs, file: { ...base, ...inputs.file } });
      const value = Object.entries(options).find(([key]) => key === name)?.[1];
      return [textOf(value), sources[name]];
    };
    const flags = { [name]: one };
    const env = { [environment]: two };
    const file = { [name]: one };
    assert.equal(get({ flags, env, file: { [name]: two } }), [one, 'flag']);
    assert.equal(get({ env, file }), [two, 'environment']);
    assert.equal(get({ file }), [one, 'file']);
    if (name !== 'location') assert.is(get({})[1], 'default');
  }
});

test('mistakes in the environment and in the file are named by their place', () => {
  const message = (inputs: Parameters<typeof resolveOptions>[0]) => {
    try {
      return String(resolveOptions({ flags: { location: '/data' }, ...inputs }));
    } catch (error) {
      return isThemisError(error, 'THEMIS_CONFIG_INVALID') ? error.message : String(error);
    }
  };
  assert.match(
    message({ env: { THEMIS_SYNC_MODE: 'fast' } }),
    /^THEMIS_SYNC_MODE is "fast"; it must be one of auto, /,
  );
  assert.match(message({ file: { syncMode: 3 } }), /^syncMode in the configuration file is 3;/);
  assert.match(message({ file: { sync: 'auto' } }), /^sync, given in the configuration file/);
  const overridden = {
    flags: { location: '/data', syncMode: 'auto' },
    env: { THEMIS_SYNC_MODE: 'x' },
  };
  assert.match(message(overridden), /^THEMIS_SYNC_MODE/);
});

test('sizes are read with their units, counts without', () => {
  assert.equal(attempt('cacheBytes', '2MiB'), { value: 2 * MiB });
  assert.equal(attempt('cacheBytes', '3 GiB'), { value: 3072 * MiB });
  assert.equal(attempt('cacheBytes', String(MiB)), { value: MiB });
  assert.ok(attempt('cacheBytes', '2MB').refused);
  assert.ok(attempt('computeThreads', '2KiB').refused);
  assert.equal(attempt('computeThreads', '4'), { value: 4 });
});

test('encodings go through as they are', () => {
  const encoding = { name: 'own', format: 'view', encode: () => new Uint8Array(), decode: String };
  assert.is(attempt('keyEncoding', encoding).value, encoding);
  assert.is(attempt('valueEncoding', 'json').value, 'json');
});

test('any text given for any option is taken or refused, never a crash', () => {
  fc.assert(
    fc.property(fc.constantFrom(...optionTable), fc.string(), ({ name }, text) => {
      const { refused, value } = attempt(name, text);
      assert.ok(refused !== undefined || value !== undefined);
    }),
  );
});

test.run();
