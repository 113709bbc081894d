/** The choice among candidates, and the reasons that are given for it. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isThemisError } from '../../src/base/index.js';
import { select } from '../../src/kernel/selection.js';

const kernels = [{ name: 'addon/a' }, { name: 'addon/b' }, { name: 'own' }];
const perfect = { kernels, obstacles: [], faulty: false };
const faulty = { kernels: kernels.slice(1), obstacles: ['a is broken', 'z too'], faulty: true };

test('the first candidate is the best, and the reason says what stands before it', () => {
  assert.equal(select('thing', perfect, {}), {
    kernel: kernels[0],
    reason: 'addon/a: the best tier there is',
    tiers: ['addon/a', 'addon/b', 'own'],
  });
  assert.is(select('thing', faulty, {}).reason, 'addon/b: a is broken; z too');
});

test('faults are reported, unless a tier was forced', () => {
  const lines: string[] = [];
  const report = (line: string): number => lines.push(line);
  select('thing', perfect, { report });
  select('thing', { ...faulty, faulty: false }, { report });
  select('thing', faulty, { report, force: 'own' });
  assert.equal(lines, []);
  select('thing', faulty, { report });
  assert.equal(lines, ['addon/b: a is broken; z too']);
});

test('a name forces its tier, `addon` the best of the addon', () => {
  assert.is(select('thing', perfect, { force: 'own' }).kernel, kernels[2]);
  assert.is(select('thing', perfect, { force: 'addon' }).kernel, kernels[0]);
  assert.is(select('thing', perfect, { force: 'addon/b' }).reason, 'addon/b, as forced');
});

test('a forced tier that cannot run is refused with the obstacles and what can', () => {
  assert.throws(
    () => select('thing', faulty, { force: 'addon/a' }),
    (error: unknown) =>
      isThemisError(error, 'THEMIS_KERNEL_UNAVAILABLE') &&
      error.message.startsWith(
        'The thing addon/a cannot run here (a is broken; z too); addon/b, own can.',
      ),
  );
  assert.throws(() => select('thing', perfect, { force: 'c' }), 'The thing c cannot run here; ');
});

test.run();
