/**
 * The process that the demo kills: writes and says what was acknowledged, until it dies.
 *
 * On stdout, a line each:  `opening`, `open`, then the lane and a full stop for every
 * acknowledged write. The pipe
 * is written synchronously, so a line that arrives was written after the acknowledgement, and an
 * acknowledgement whose line does not arrive counts as in flight, which is the safe side.
 */
import { must } from '../../../base/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { throwIfAborted, withStore } from '../with-store.js';
import { crashLanes, createCrashPlan } from './crash-writes.js';
import { runLanes } from './lanes.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const { settings, terminal, environment, signal } = context;
  const round = must(settings.number('round'), '--round');
  const plan = createCrashPlan(environment.random(must(settings.number('seed'), '--seed')));
  await terminal.write('opening\n');
  await withStore(context, { createIfMissing: false }, async (store) => {
    await terminal.write('open\n');
    await runLanes(crashLanes, Array(crashLanes).keys(), async (lane) => {
      for (let number = 0; ; number++) {
        throwIfAborted(signal);
        const { key, value } = plan(round, lane, number);
        const id = Buffer.from(key);
        if (value === null) await store.del(id);
        else await store.put(id, value);
        await terminal.write(`${lane}.\n`);
      }
    });
  });
  return exitCodes.ok;
}
