/** Verdicts: a table of measurements and the grades that they get; advice for all but passes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  judgeCopy,
  judgeFileSystem,
  judgeKernel,
  judgeMachine,
  judgePool,
  judgeSync,
  judgeWakeUp,
} from '../../bench/check/index.js';
import type { Verdict } from '../../bench/harness/index.js';

const GiB = 2 ** 30;

const sync = (p50Us: number, p99Us: number): Verdict => {
  const latency = { p50Us, p99Us, count: 100 };
  return judgeSync([{ mode: 'direct', latency }])[0] as Verdict;
};
const pool = (aloneP50Us: number, busyP50Us: number): Verdict =>
  judgePool({ aloneP50Us, aloneP99Us: aloneP50Us, busyP50Us, busyP99Us: busyP50Us }, 4);

const cases: readonly (readonly [string, Verdict, Verdict['grade']])[] = [
  ['a quick disk', sync(100, 200), 'PASS'],
  ['a cloud disk', sync(2_000, 9_000), 'PASS'],
  ['a disk with pauses', sync(2_000, 11_000), 'WARN'],
  ['a slow disk', sync(30_000, 60_000), 'FAIL'],
  ['a disk that does not sync', sync(3, 9), 'WARN'],
  ['no O_DIRECT', judgeSync([{ mode: 'direct', latency: null }])[0] as Verdict, 'WARN'],
  ['ext4', judgeFileSystem('ext4 (/dev/sda, rw)', 100 * GiB), 'PASS'],
  ['memory as a disk', judgeFileSystem('tmpfs (tmpfs, rw)', 100 * GiB), 'FAIL'],
  ['a network disk', judgeFileSystem('nfs4 (host:/x, rw)', 100 * GiB), 'WARN'],
  ['little room', judgeFileSystem('ext4 (/dev/sda, rw)', GiB / 2), 'WARN'],
  ['no room', judgeFileSystem('ext4 (/dev/sda, rw)', GiB / 8), 'FAIL'],
  ['the addon', judgeKernel('addon/sse42', 'best', 20), 'PASS'],
  ['a slow addon', judgeKernel('addon/scalar', 'best', 1), 'WARN'],
  ['the portable kernel', judgeKernel('portable', 'no addon', 3), 'WARN'],
  ['good memory', judgeCopy(10), 'PASS'],
  ['slow memory', judgeCopy(0.5), 'WARN'],
  ['quick threads', judgeWakeUp({ p50Us: 25, p99Us: 100 }), 'PASS'],
  ['slow threads', judgeWakeUp({ p50Us: 500, p99Us: 900 }), 'WARN'],
  ['threads without a core', judgeWakeUp({ p50Us: 4_000, p99Us: 9_000 }), 'FAIL'],
  ['a free pool', pool(170, 1_000), 'PASS'],
  ['a starved pool', pool(170, 5_400), 'WARN'],
  ['a slow disk, not a starved pool', pool(3_000, 5_400), 'PASS'],
  ['a quiet machine', judgeMachine(0.05, null), 'PASS'],
  ['a busy machine', judgeMachine(0.9, 'performance'), 'WARN'],
  ['a machine that saves power', judgeMachine(0, 'powersave'), 'WARN'],
  ['a machine that does not tell', judgeMachine(null, null), 'PASS'],
];

for (const [what, verdict, grade] of cases) {
  test(`${what} gets ${grade}${grade === 'PASS' ? '' : ' and advice'}`, () => {
    assert.is(verdict.grade, grade);
    assert.is(verdict.advice === '', grade === 'PASS');
    assert.not.equal(verdict.measured, '');
  });
}

test('advice about the pool names a size that is larger than the present one', () => {
  assert.match(pool(170, 5_400).advice, 'UV_THREADPOOL_SIZE=16');
});

test.run();
