/**
 * Every check of a closed store, by the code that opens it, over a file system that keeps all
 * changes to itself: what is said here is what the next open would find and do, and nothing on
 * the disk is changed but the lock that is held meanwhile.
 *
 *   identity    both copies, format, permissions
 *   superblock  its four copies
 *   log         every record of every segment: torn tail, repairs, damage
 *   snapshots   every byte
 *   state       every block of LevelDB
 *   devices     their table, their identities, every fragment
 */
import { codeOf, messageOf } from '../../../base/index.js';
import { limits } from '../../../config/index.js';
import { acquireFolderLock, openFolder } from '../../../engine/index.js';
import { alignedBytes, type FileSystem } from '../../../io/index.js';
import { type LoadedKernel, loadKernel } from '../../../kernel/index.js';
import { auditLevelDb } from '../../../metadata/index.js';
import { type Identity, listSnapshots, readSuperblock, recoverLog } from '../../../wal/index.js';
import type { CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { bytesText, countText, plural } from '../units-text.js';
import { storeFolder } from '../with-store.js';
import { checkDevices } from './device-checks.js';
import { type Finding, fail, good, warn } from './finding.js';
import { overlayFileSystem } from './overlay-file-system.js';

/** Blocks its process; started by `themis doctor --dir`. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const folder = storeFolder(context);
  const findings = await checkFolder(context, folder);
  await context.terminal.write(`${JSON.stringify(findings)}\n`);
  return exitCodes.ok;
}

async function checkFolder(context: CommandContext, folder: string): Promise<Finding[]> {
  const { fileSystem } = context.environment;
  if (fileSystem.stat(`${folder}/identity`) === null) {
    return [fail('identity', 'there is none', 'this is no store of Themis; check --dir')];
  }
  try {
    const lock = await acquireFolderLock(folder);
    try {
      return [good('lock', 'nobody has it open'), ...checkClosed(context, folder)];
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (codeOf(error) !== 'LEVEL_LOCKED') throw error;
    const text = 'another process has it open; its files change, so they were not checked';
    return [warn('lock', text, 'close it there and ask again')];
  }
}

interface Check {
  readonly folder: string;
  readonly files: FileSystem;
  readonly kernel: LoadedKernel;
  readonly segmentBytes: number;
}

function checkClosed(context: CommandContext, folder: string): Finding[] {
  const { settings, environment } = context;
  const check: Check = {
    folder,
    files: overlayFileSystem(environment.fileSystem),
    kernel: loadKernel({ force: settings.text('kernel') ?? undefined }),
    segmentBytes: settings.number('segmentBytes') ?? limits.segmentBytes,
  };
  const { clock, random } = environment;
  let identity: Identity | null = null;
  const findings = [
    attempt('identity', () => {
      const ports = { fileSystem: check.files, clock, random: random(0), kernel: check.kernel };
      const options = { location: folder, createIfMissing: false, errorIfExists: false };
      const found = openFolder(ports, options);
      identity = found;
      const since = new Date(found.createdMs).toISOString().slice(0, 10);
      return copiesFinding('identity', found.repaired, `created ${since}`);
    }),
  ];
  if (identity === null) return findings;
  return [...findings, ...checkContents(check, identity)];
}

function checkContents(check: Check, identity: Identity): Finding[] {
  const { folder, files, kernel } = check;
  let incarnation = 0;
  return [
    attempt('superblock', () => {
      const found = readSuperblock(files, `${folder}/superblock`, kernel.kernel, identity);
      if (found.kind === 'absent') return missingSuperblock(files, folder);
      incarnation = found.superblock.incarnation;
      return copiesFinding('superblock', found.repaired, `start ${countText(incarnation)}`);
    }),
    attempt('log', () => logFinding(check, identity, incarnation + 1)),
    attempt('snapshots', () => snapshotsFinding(check, identity)),
    attempt('state', () => stateFinding(check)),
    ...attemptAll('devices', () => checkDevices({ files, folder, kernel: kernel.kernel })),
  ];
}

/** An error of a check is its finding: the others are still made. */
function attempt(topic: string, work: () => Finding): Finding {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || code === 'THEMIS_ASSERTION') throw error;
    return fail(topic, `${code}: ${messageOf(error)}`, 'the store does not open like this');
  }
}

function attemptAll(topic: string, work: () => Finding[]): Finding[] {
  let findings: Finding[] = [];
  const failed = attempt(topic, () => {
    findings = work();
    return good(topic, '');
  });
  return failed.verdict === 'FAIL' ? [failed] : findings;
}

function copiesFinding(topic: string, repaired: number, text: string): Finding {
  if (repaired === 0) return good(topic, `all copies are equal; ${text}`);
  const what = `${plural(repaired, 'copy', 'copies')} damaged or old; ${text}`;
  return warn(topic, what, 'the next open repairs it from the others');
}

function missingSuperblock(files: FileSystem, folder: string): Finding {
  const hasLog = files.list(`${folder}/log`).some((name) => name.endsWith('.wal'));
  if (!hasLog) return good('superblock', 'none yet: the store was never started');
  return fail('superblock', 'it is missing, and there is a log', 'restore it from a backup');
}

function logFinding(check: Check, identity: Identity, incarnation: number): Finding {
  const { folder, files, kernel, segmentBytes } = check;
  const hasLog = files.list(`${folder}/log`).some((name) => name.endsWith('.wal'));
  if (!hasLog) return good('log', 'empty');
  const { damages, torn, repaired, records, bytes } = recoverLog({
    fileSystem: files,
    directory: folder,
    kernel: kernel.kernel,
    segmentBytes,
    ballastBytes: 0,
    identity: { clusterId: identity.clusterId, nodeId: identity.nodeId, incarnation },
    staging: alignedBytes(limits.commandBytesMax + limits.batchBytesMax + 64 * 1024),
    onRecord: () => undefined,
  });
  const text = `${plural(records, 'record')}, ${bytesText(bytes)}`;
  const first = damages[0];
  if (first !== undefined) {
    const more = damages.length === 1 ? '' : ` (and ${damages.length - 1} more)`;
    const where = `${first.file} at ${first.offset}: ${first.what}${more}`;
    const advice =
      'the store opens only if its state holds these records already; otherwise restore a ' +
      'backup, or give up what is lost with --recovery accept-loss';
    return fail('log', `${text}; damaged: ${where}`, advice);
  }
  if (torn !== null) {
    const what = `${text}; a torn write of ${bytesText(torn.bytes)} at the end of ${torn.file}`;
    return warn('log', what, 'never acknowledged; the next open cuts it and keeps it aside');
  }
  if (repaired.length === 0) return good('log', text);
  const what = `${text}; ${plural(repaired.length, 'block')} damaged whose content is known`;
  return warn('log', what, 'the next open rewrites them');
}

function snapshotsFinding(check: Check, identity: Identity): Finding {
  const { folder, files, kernel } = check;
  if (files.stat(`${folder}/snapshots`) === null) return good('snapshots', 'none yet');
  const { valid, setAside } = listSnapshots(files, folder, kernel.kernel, { identity });
  const newest = valid[0]?.manifest.index;
  const text =
    newest === undefined
      ? 'none yet'
      : `${plural(valid.length, 'snapshot')}, the newest of record ${countText(newest)}`;
  const first = setAside[0];
  if (first === undefined) return good('snapshots', text);
  const advice = 'the next open moves it aside and uses another one or the log; check the disk';
  return fail('snapshots', `${text}; damaged: ${first.why}`, advice);
}

function stateFinding(check: Check): Finding {
  const audit = auditLevelDb(check.files, `${check.folder}/state`, check.kernel.kernel);
  switch (audit.kind) {
    case 'absent':
      return warn('state', 'there is none', 'the next open rebuilds it from snapshot and log');
    case 'sound':
      return good('state', `${plural(audit.files, 'file')}, ${bytesText(audit.bytes)}`);
    case 'damaged': {
      const text = `damaged: ${audit.file} at ${audit.offset}: ${audit.why}`;
      const advice = 'the next open rebuilds it from snapshot and log; check the disk';
      return fail('state', text, advice);
    }
  }
}
