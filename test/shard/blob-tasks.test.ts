/** The tasks as threads run them: answers that cross a border, the same as inline. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcomeValue } from '../../src/pool/index.js';
import { inlineCompute, runBlobTask, runBlobTaskOn } from '../../src/shard/index.js';
import { randomValue, small } from './blob-fixture.js';
import { planRange, storedValue } from './piece-fixture.js';

const value = randomValue(small);

test('a task gives the same on what it is given and inline', async () => {
  const { argument, setting, bytesOf } = planRange(await storedValue(value), 0, small);
  const outcome = await runBlobTaskOn({ task: 'read-pieces', argument }, setting);
  const results = outcomeValue(outcome, 'read-pieces');
  assert.equal(results, [{ kind: 'ok', findings: [] }]);
  assert.ok(bytesOf(0).equals(value));
  assert.equal(await inlineCompute(setting).run('read-pieces', argument), results);
});

test('in a thread it runs on the files of the machine and the kernel of that name', async () => {
  const { argument } = planRange(await storedValue(value), 0, small);
  const run = (kernel: string, coder: string) => {
    const names = { kernel, coder };
    return runBlobTask({ task: 'read-pieces', argument: { names, argument } });
  };
  const outcome = await run('portable', 'portable');
  const [result] = outcomeValue(outcome, 'read-pieces') as { kind: string; findings: unknown[] }[];
  assert.is(result?.kind, 'lost', 'its volumes are not on this machine');
  assert.is(result?.findings.length, 6);
  const unknown = await run('abacus', 'portable');
  assert.is(unknown.kind === 'failed' ? unknown.code : '', 'THEMIS_KERNEL_UNAVAILABLE');
});

test.run();
