/** Repair waits while the foreground works, but never for long, and not at all once stopped. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../../src/base/index.js';
import { limits } from '../../src/config/index.js';
import { ManualClock, memoryTimers } from '../../src/io/index.js';
import { RepairPace } from '../../src/shard/repair-pace.js';

function played(isBusy: boolean) {
  const clock = new ManualClock();
  const foreground = { isBusy };
  const timers = memoryTimers(clock);
  const pace = new RepairPace({ clock, timers, isBusy: () => foreground.isBusy });
  const turn = { ended: null as string | null };
  const take = (): void => {
    pace.turn().then(
      () => {
        turn.ended = 'ok';
      },
      (error: unknown) => {
        turn.ended = codeOf(error) ?? '';
      },
    );
  };
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at++) {
      clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { pace, foreground, take, turn, pass };
}

test('with nothing else to do, repair goes on at once', async () => {
  const { take, turn, pass } = played(false);
  take();
  await pass(1);
  assert.is(turn.ended, 'ok');
});

test('it waits while the foreground is busy, and goes on soon after', async () => {
  const { take, turn, pass, foreground } = played(true);
  take();
  await pass(limits.repairYieldMs - 3);
  assert.is(turn.ended, null);
  foreground.isBusy = false;
  await pass(1);
  assert.is(turn.ended, 'ok');
});

test('a foreground that is always busy does not stop repair', async () => {
  const { take, turn, pass } = played(true);
  take();
  await pass(limits.repairYieldMs - 2);
  assert.is(turn.ended, null);
  await pass(3);
  assert.is(turn.ended, 'ok');
});

test('a stop ends the wait at once, and every later one', async () => {
  const { pace, take, turn, pass } = played(true);
  take();
  await pass(2);
  pace.stop();
  await pass(1);
  assert.is(turn.ended, 'THEMIS_CLOSED');
  assert.is(await pace.turn().catch(codeOf), 'THEMIS_CLOSED');
  pace.start();
  take();
  await pass(2 * limits.repairYieldMs);
  assert.is(turn.ended, 'ok');
});

test.run();
