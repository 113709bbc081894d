/**
 * The process that the demo kills: writes and says what was acknowledged, until it dies.
 *
 * On stdout, a line each: `opening`, `open`, then the lane and a full stop for every acknowledged
 * write. A lane begins its next write only when the system has that line: whatever the moment of
 * the kill, at most one write of each lane is done, or half done, without being told. (A pipe
 * alone does not give that: while its reader is slow, lines wait in the memory of this process.)
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
  await terminal.writeThrough('opening\n');
  await withStore(context, { createIfMissing: false }, async (store) => {
    await terminal.writeThrough('open\n');
    await runLanes(crashLanes, Array(crashLanes).keys(), async (lane) => {
      for (let number = 0; ; number++) {
        throwIfAborted(signal);
        const { key, value } = plan(round, lane, number);
        const id = Buffer.from(key);
        if (value === null) await store.del(id);
        else await store.put(id, value);
        await terminal.writeThrough(`${lane}.\n`);
      }
    });
  });
  return exitCodes.ok;
}
