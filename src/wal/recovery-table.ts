/**
 * What recovery does about the first bad place X of a log: a table, so that it can be read and
 * proved complete (every combination of inputs matches exactly one row).
 *
 *   place       is X in the last segment, or in one that a later segment follows?
 *   proof       does a later valid batch or segment header say "synced past X"?
 *   unreadable  did reading X, or anything behind it in the last segment, fail (EIO, short file)?
 *   rest        is everything from X to the end of the segment zero?
 *   missing     is a 512-byte sector of the batch at X zero? No batch contains one (batch.ts), so
 *               it was never written: the write was torn, and was never reported durable.
 *   bad         which part of the batch fails its checks; `mark` when it can only be an idle mark
 *
 *   end      nothing was written at X: the clean end of the log
 *   torn     a write that never completed: saved aside, zeroed, and the log goes on at X
 *   repair   an idle mark, whose content is known: rewritten in place
 *   corrupt  synced data is damaged
 *   unknown  damaged, and it may have held acknowledged records
 *
 * Segments are synced before the next one is opened, hence a sealed segment is never torn.
 */
import { assert } from '../base/index.js';

export interface RecoveryInputs {
  readonly place: 'last' | 'sealed';
  readonly proof: 'yes' | 'no';
  readonly unreadable: 'yes' | 'no';
  readonly rest: 'zero' | 'nonzero';
  readonly missing: 'yes' | 'no';
  readonly bad: 'batch header' | 'record header' | 'payload' | 'mark';
}

export type RecoveryDecision = 'end' | 'torn' | 'repair' | 'corrupt' | 'unknown';

/** Every value that each input can have. */
export const recoveryInputs = {
  place: ['last', 'sealed'],
  proof: ['yes', 'no'],
  unreadable: ['yes', 'no'],
  rest: ['zero', 'nonzero'],
  missing: ['yes', 'no'],
  bad: ['batch header', 'record header', 'payload', 'mark'],
} as const satisfies { readonly [K in keyof RecoveryInputs]: readonly RecoveryInputs[K][] };

type Cell<K extends keyof RecoveryInputs> = readonly RecoveryInputs[K][];

export type RecoveryRow = readonly [
  Cell<'place'>,
  Cell<'proof'>,
  Cell<'unreadable'>,
  Cell<'rest'>,
  Cell<'missing'>,
  Cell<'bad'>,
  RecoveryDecision,
];

const last = ['last'] as const;
const sealed = ['sealed'] as const;
const yes = ['yes'] as const;
const no = ['no'] as const;
const either = ['yes', 'no'] as const;
const zero = ['zero'] as const;
const nonzero = ['nonzero'] as const;
const mark = ['mark'] as const;
const data = ['batch header', 'record header', 'payload'] as const;
const { place: anywhere, rest: anyRest, bad: anything } = recoveryInputs;

// biome-ignore format: a table
export const recoveryTable: readonly RecoveryRow[] = [
  // place    proof   unreadable rest     missing bad        decision
  [last,      no,     no,        zero,    either, anything,  'end'],
  [last,      yes,    no,        zero,    either, anything,  'corrupt'],
  [sealed,    either, no,        zero,    either, anything,  'corrupt'],
  [anywhere,  either, no,        nonzero, either, mark,      'repair'],
  [sealed,    either, no,        nonzero, either, data,      'corrupt'],
  [last,      yes,    no,        nonzero, either, data,      'corrupt'],
  [last,      no,     no,        nonzero, yes,    data,      'torn'],
  [last,      no,     no,        nonzero, no,     data,      'unknown'],
  [sealed,    either, yes,       anyRest, either, anything,  'corrupt'],
  [last,      yes,    yes,       anyRest, either, anything,  'corrupt'],
  [last,      no,     yes,       anyRest, either, anything,  'unknown'],
];

export function matchesRow(row: RecoveryRow, inputs: RecoveryInputs): boolean {
  const [place, proof, unreadable, rest, missing, bad] = row;
  return (
    place.includes(inputs.place) &&
    proof.includes(inputs.proof) &&
    unreadable.includes(inputs.unreadable) &&
    rest.includes(inputs.rest) &&
    missing.includes(inputs.missing) &&
    bad.includes(inputs.bad)
  );
}

export function decideRecovery(inputs: RecoveryInputs): RecoveryDecision {
  const row = recoveryTable.find((candidate) => matchesRow(candidate, inputs));
  assert(row !== undefined, 'the recovery table has a row for every input');
  return row[6];
}
