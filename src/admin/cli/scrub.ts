/** themis scrub: reads and verifies everything on the devices now. */
import type { CommandContext } from './command.js';
import type { ExitCode } from './exit-codes.js';
import { runRepair, tellRepair } from './repair-run.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const outcome = await withStore(context, { createIfMissing: false }, (store) =>
    runRepair(context, store, { kind: 'scrub' }),
  );
  return tellRepair(context, outcome);
}
