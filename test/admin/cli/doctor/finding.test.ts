/** Findings. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fail, good, isFinding, warn, worst } from '../../../../src/admin/cli/doctor/finding.js';

test('the worst verdict counts', () => {
  const [ok, bad, odd] = [good('a', 'x'), fail('b', 'x', 'y'), warn('c', 'x', 'y')];
  assert.is(worst([]), 'OK');
  assert.is(worst([ok]), 'OK');
  assert.is(worst([ok, odd]), 'WARN');
  assert.is(worst([odd, bad, ok]), 'FAIL');
});

test('findings of another process are recognised, other things are not', () => {
  const finding = fail('topic', 'text', 'advice');
  assert.ok(isFinding(JSON.parse(JSON.stringify(finding))));
  for (const other of [null, 'x', {}, { ...finding, verdict: 'BAD' }, { ...finding, text: 5 }]) {
    assert.not.ok(isFinding(other));
  }
});

test.run();
