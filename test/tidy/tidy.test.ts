/** The repository against its own rules; checks.test.ts shows that each rule can fail. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyExceptions, checks } from './checks.js';
import { exceptions } from './exceptions.js';
import { readTree } from './tree.js';

// dist/test/tidy -> the root of the repository
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const tree = readTree(root);

for (const { says, run, rule } of checks) {
  test(says, () => {
    const problems = run(tree);
    const left = rule === undefined ? problems : applyExceptions(rule, problems, exceptions);
    assert.is(left.join('\n'), '');
  });
}

test('every exception has a reason', () => {
  for (const { subject, reason } of exceptions) assert.ok(reason.length > 20, subject);
});

test.run();
