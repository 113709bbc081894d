/** What is said of a machine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  memoryFinding,
  nodeFinding,
  platformFinding,
  processorFinding,
  threadPoolFinding,
} from '../../../../src/admin/cli/doctor/machine.js';

test('Node.js', () => {
  const cases: [string, string][] = [
    ['18.20.0', 'FAIL'],
    ['20.18.3', 'FAIL'],
    ['20.19.0', 'OK'],
    ['22.0.0', 'OK'],
    ['26.1.0-nightly', 'OK'],
  ];
  for (const [version, verdict] of cases) assert.is(nodeFinding(version).verdict, verdict, version);
});

test('platform, processors, memory', () => {
  assert.is(platformFinding('linux', 'x64').verdict, 'OK');
  assert.is(platformFinding('win32', 'x64').verdict, 'WARN');
  assert.is(processorFinding(1).verdict, 'WARN');
  assert.is(processorFinding(2).verdict, 'OK');
  assert.is(memoryFinding(512 * 2 ** 20).verdict, 'WARN');
  assert.is(memoryFinding(4 * 2 ** 30).verdict, 'OK');
});

test('the thread pool', () => {
  const cases: [string | undefined, number, string][] = [
    [undefined, 64, 'OK'],
    ['1', 8, 'WARN'],
    ['1', 1, 'OK'],
    ['16', 8, 'OK'],
    ['many', 8, 'FAIL'],
    ['0', 8, 'FAIL'],
  ];
  for (const [setting, processors, verdict] of cases) {
    assert.is(threadPoolFinding(setting, processors).verdict, verdict, String(setting));
  }
});

test('whatever is not fine says what to do', () => {
  const findings = [nodeFinding('18.0.0'), platformFinding('win32', 'x64'), processorFinding(1)];
  for (const { advice } of findings) assert.ok(advice.length > 10);
});

test.run();
