/**
 * Waits for a job of the repair engine, with a line of progress, and says how it ended.
 *
 *   Repairing  ██████░░░░░░  34 of 120 values, 40 MiB of 150 MiB  87 MiB/s  1.3 s left
 */
import type { RepairJob } from '../../shard/index.js';
import type { CommandContext } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { startProgress } from './progress.js';
import type { Store } from './store.js';
import { bytesText, countText, durationText, plural, throughputText } from './units-text.js';
import { untilAborted } from './with-store.js';

/** `scrub`: reads everything; `survey`: compares what must be there with the index. */
export type RepairWork =
  | { readonly kind: 'scrub' | 'survey' }
  | { readonly kind: 'key'; readonly key: Uint8Array };

export interface RepairOutcome {
  readonly job: RepairJob;
  readonly durationMs: number;
}

/** On Ctrl-C it stops waiting with THEMIS_ABORTED; whoever closes the store ends the job. */
export async function runRepair(
  context: CommandContext,
  store: Store,
  work: RepairWork,
): Promise<RepairOutcome> {
  const { clock } = context.environment;
  const label = work.kind === 'scrub' ? 'Verifying' : 'Repairing';
  const progress = startProgress(context.terminal, clock, label);
  const startedAt = clock.monotonicMs();
  const elapsed = (): number => clock.monotonicMs() - startedAt;
  const onProgress = (job: RepairJob): void => {
    progress.update(ratioOf(job), () => progressText(job, elapsed()));
  };
  try {
    const job = await untilAborted(context.signal, begin(store, work, onProgress));
    return { job, durationMs: elapsed() };
  } finally {
    progress.clear();
  }
}

function begin(
  store: Store,
  work: RepairWork,
  onProgress: (job: RepairJob) => void,
): Promise<RepairJob> {
  switch (work.kind) {
    case 'scrub':
      return store.scrub(onProgress);
    case 'survey':
      return store.repair(null, onProgress);
    case 'key':
      return store.repair(work.key, onProgress);
  }
}

/** By bytes while it reads, then by values while it waits for repairs. */
function ratioOf(job: RepairJob): number {
  if (job.bytesTotal > 0 && job.bytes < job.bytesTotal) return job.bytes / job.bytesTotal;
  const tried = job.documentsRepaired + job.documentsFailed;
  return tried + job.documentsLeft === 0 ? 0 : tried / (tried + job.documentsLeft);
}

export function progressText(job: RepairJob, elapsedMs: number): string {
  const { documentsRepaired, documentsLeft, bytes, bytesTotal, etaSeconds } = job;
  const parts: string[] = [];
  if (bytesTotal > 0) {
    parts.push(`${bytesText(bytes)} of ${bytesText(bytesTotal)}`);
    parts.push(throughputText(bytes, elapsedMs));
  }
  if (documentsRepaired + documentsLeft > 0) {
    parts.push(
      `${countText(documentsRepaired)} values made whole, ${countText(documentsLeft)} left`,
    );
  }
  if (etaSeconds !== null && etaSeconds > 0) parts.push(`${durationText(etaSeconds * 1000)} left`);
  return parts.length === 0 ? 'looking' : parts.join('  ');
}

/** Prints how it ended: JSON for programs, one sentence for people. */
export async function tellRepair(
  { terminal, isJson }: CommandContext,
  { job, durationMs }: RepairOutcome,
): Promise<ExitCode> {
  const text = isJson
    ? `${JSON.stringify({ ...job, durationMs }, null, 2)}\n`
    : `${(job.success ? terminal.style.good : terminal.style.bad)(outcomeText(job, durationMs))}\n`;
  await terminal.write(text);
  return job.success ? exitCodes.ok : exitCodes.unhealthy;
}

export function outcomeText(job: RepairJob, durationMs: number): string {
  const { documentsScanned, documentsRepaired, documentsFailed, bytes, errorMessage } = job;
  const values = plural(documentsScanned, 'large value');
  const took = durationText(durationMs);
  const read = job.isFullScan
    ? `read and verified ${values}, ${bytesText(bytes)}, in ${took} (${throughputText(bytes, durationMs)})`
    : `looked at ${values} in ${took}`;
  const repaired = `${plural(documentsRepaired, 'value')} made whole`;
  if (!job.success) {
    const failed = documentsFailed === 0 ? '' : `, ${plural(documentsFailed, 'value')} not`;
    return `${read}; ${repaired}${failed}: ${errorMessage ?? 'nobody knows why'}`;
  }
  if (documentsScanned === 0) return 'there are no large values';
  return documentsRepaired === 0 ? `${read}: all are whole` : `${read}: ${repaired}`;
}
