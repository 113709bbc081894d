/** Flags that several commands share; that every command teaches them is in commands.test.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../../src/admin/cli/commands.js';
import { keyEncodingFlag, rangeFlags } from '../../../src/admin/cli/shared-flags.js';

test('whoever takes a key can say how it is written, and whoever lists takes ranges', () => {
  for (const { path, arguments: words, flags } of commands) {
    const hasKey = words.some(({ name }) => name === 'key');
    if (hasKey) assert.ok(flags.includes(keyEncodingFlag), path.join(' '));
    const lists = path.join(' ') === 'scan' || path.join(' ') === 'object list';
    for (const flag of rangeFlags) assert.is(flags.includes(flag), lists, path.join(' '));
  }
});

test.run();
