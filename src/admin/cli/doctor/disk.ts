/** The doctor's look at the disk: file system, free space, and what a sync costs. */
import { codeOf, GiB, MiB, messageOf, must, ThemisError } from '../../../base/index.js';
import type { FileSystem } from '../../../io/index.js';
import type { CommandContext } from '../command.js';
import { readWholeFile } from '../read-file.js';
import { runSelf } from '../run-self.js';
import { bytesText, durationText } from '../units-text.js';
import { type Finding, fail, good, warn } from './finding.js';
import { type SyncCost, syncModes } from './sync-cost.js';

const freeBytesFail = 256 * MiB;
const freeBytesWarn = 2 * GiB;
const slowSyncMs = 20;
/** No medium answers a sync faster than its own write: such a disk has not synced. */
const impossibleSyncMs = 0.003;

export async function examineDisk(context: CommandContext, folder: string): Promise<Finding[]> {
  const { fileSystem } = context.environment;
  const costs = await syncCosts(context, folder);
  return [fileSystemFinding(fileSystem, folder), spaceFinding(fileSystem, folder), ...costs];
}

const volatile: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'devtmpfs']);
const remote: ReadonlySet<string> = new Set(['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'fuse.sshfs']);

export function fileSystemFinding(fileSystem: FileSystem, folder: string): Finding {
  const topic = 'file system';
  const kind = mountedKind(fileSystem, folder);
  if (kind === null) return good(topic, `of ${folder}: its kind is not known on this platform`);
  const text = `${kind} at ${folder}`;
  if (volatile.has(kind)) {
    return warn(topic, text, 'everything in it is lost with the power; choose a disk');
  }
  if (remote.has(kind)) {
    return warn(
      topic,
      text,
      'locks and syncs over a network are not to be relied on; choose a disk',
    );
  }
  return good(topic, text);
}

/** The kind of the mount that holds a path, by Linux's table; null elsewhere. */
export function mountedKind(fileSystem: FileSystem, path: string): string | null {
  let table: string;
  try {
    table = readWholeFile(fileSystem, '/proc/self/mounts').toString('utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  let best = '';
  let kind: string | null = null;
  for (const line of table.split('\n')) {
    const [, where = '', what = ''] = line.split(' ');
    // Spaces and the like in a path are written as octal escapes.
    const mount = where.replace(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    const holds = mount === '/' || path === mount || path.startsWith(`${mount}/`);
    // A later mount on the same place hides the earlier one.
    if (mount === '' || !holds || mount.length < best.length) continue;
    best = mount;
    kind = what;
  }
  return kind;
}

export function spaceFinding(fileSystem: FileSystem, folder: string): Finding {
  const { freeBytes, totalBytes } = fileSystem.space(folder);
  const topic = 'free space';
  const text = `${bytesText(freeBytes)} of ${bytesText(totalBytes)}`;
  if (freeBytes < freeBytesFail)
    return fail(topic, text, 'free some: the log alone needs this much');
  if (freeBytes < freeBytesWarn)
    return warn(topic, text, 'log and snapshots want 2 GiB to breathe');
  return good(topic, text);
}

/** Measured in a child process: this one must stay able to answer Ctrl-C. */
async function syncCosts(context: CommandContext, folder: string): Promise<Finding[]> {
  const { output, errors } = await runSelf(context, ['doctor-sync', '--dir', folder]);
  try {
    return parseCosts(output).map(syncFinding);
  } catch (error) {
    const why = errors === '' ? messageOf(error) : errors;
    return [fail('sync', `could not be measured: ${why}`, 'check that the folder can be written')];
  }
}

/** Reads what the measuring process prints. Throws when it is something else. */
export function parseCosts(output: string): SyncCost[] {
  const parsed: unknown = JSON.parse(output);
  if (!Array.isArray(parsed)) throw new ThemisError('THEMIS_TASK_FAILED', 'no list of costs');
  return parsed.map((one: Record<string, unknown>) => {
    const mode = must(
      syncModes.find((known) => known === one['mode']),
      'a known mode',
    );
    const { problem, p50Ms, p99Ms } = one;
    if (typeof p50Ms === 'number' && typeof p99Ms === 'number') return { mode, p50Ms, p99Ms };
    return { mode, problem: String(problem) };
  });
}

export function syncFinding(cost: SyncCost): Finding {
  const topic = `sync by ${cost.mode}`;
  if ('problem' in cost) {
    if (cost.mode === 'fdatasync') return fail(topic, cost.problem, 'the folder must be writable');
    return good(topic, `not possible here (${cost.problem}); the log uses the next one`);
  }
  const { p50Ms, p99Ms } = cost;
  const text = `p50 ${durationText(p50Ms)}, p99 ${durationText(p99Ms)} for 4 KiB`;
  if (p50Ms < impossibleSyncMs) {
    return warn(topic, text, 'too fast to be true: this disk keeps writes in memory');
  }
  if (p50Ms > slowSyncMs) {
    return warn(
      topic,
      text,
      'slow: a single writer waits this long for each write; write in parallel',
    );
  }
  return good(topic, text);
}
