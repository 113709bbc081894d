/** Node’s timers: the contract, and that they keep no process alive. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeClock, nodeTimers } from '../../src/io/index.js';
import { timersContract } from '../contract/timers.js';

timersContract(test, 'node', () => {
  const passUntil = async (done: Promise<void>): Promise<void> => {
    // Timers under test keep no process alive, so something else has to.
    const keepAlive = setInterval(() => undefined, 1_000);
    await done.finally(() => clearInterval(keepAlive));
  };
  return { clock: nodeClock(), timers: nodeTimers(), passUntil };
});

test('waiting timers let the process end', () => {
  const module = new URL('../../src/io/index.js', import.meta.url).href;
  const source = `
    import { nodeTimers } from '${module}';
    nodeTimers().after(60_000, () => console.log('fired'));
    nodeTimers().every(60_000, () => console.log('fired'));
  `;
  const arguments_ = ['--input-type=module', '--eval', source];
  // A process that waited for its timers would be killed here, and have no exit status.
  const ended = spawnSync(process.execPath, arguments_, { timeout: 30_000, encoding: 'utf8' });
  assert.is(ended.status, 0, ended.stderr);
  assert.is(ended.stdout, '');
});

test.run();
