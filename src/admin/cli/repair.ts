/** themis repair [key]: makes whole now what lacks fragments. */
import { ThemisError } from '../../base/index.js';
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { keyOf } from './key-argument.js';
import { type RepairOutcome, runRepair, tellRepair } from './repair-run.js';
import type { Store } from './store.js';
import { withStore } from './with-store.js';

export async function run(context: CommandContext): Promise<ExitCode> {
  const word = context.words[0];
  const outcome = await withStore(context, { createIfMissing: false }, (store) =>
    word === undefined
      ? runRepair(context, store, { kind: 'survey' })
      : repairKey(context, store, word),
  );
  if (outcome !== null) return tellRepair(context, outcome);
  const message = 'nothing to repair: this value lies in the log and the state, not on devices';
  const text = context.isJson ? JSON.stringify({ key: word, large: null }) : message;
  await context.terminal.write(`${text}\n`);
  return exitCodes.ok;
}

/** Null for a value that is not on devices. */
async function repairKey(
  context: CommandContext,
  store: Store,
  word: string,
): Promise<RepairOutcome | null> {
  const key = keyOf(context, word);
  const stat = await store.stat(key);
  if (stat === undefined) {
    throw new ThemisError('THEMIS_KEY_NOT_FOUND', `there is no key ${JSON.stringify(word)}`);
  }
  return stat.large === null ? null : runRepair(context, store, { kind: 'key', key });
}
