/**
 * An audit of a LevelDB folder, of every byte that LevelDB would use, before it is opened and in
 * the background while it is open.
 *
 * classic-level does not offer LevelDB's `paranoid_checks` and `verify_checksums`, so LevelDB
 * itself would serve blocks that rotted, and would skip damaged records of its logs in silence.
 *
 *   CURRENT         names the MANIFEST                             exact form
 *   MANIFEST-n      which tables and logs are alive                leveldb-log.ts, -version.ts
 *   n.log           writes that are in no table yet                leveldb-log.ts
 *   n.ldb, n.sst    sorted tables                                  leveldb-table.ts
 *
 * Not looked at, because LevelDB does not use them and removes most of them: LOG, LOG.old, LOCK,
 * *.dbtmp, other MANIFESTs, tables that no edit names, logs below the log number.
 *
 * A process that dies while writing leaves the newest log and the MANIFEST `torn`, which LevelDB
 * handles; a torn log is legal only when all newer ones are empty, because otherwise writes in the
 * middle would be missing. What an audit cannot see: a log or MANIFEST that was cut exactly
 * between two records, and a newest log that vanished whole before an edit named it. The state
 * holds the index that it was applied to, which says so.
 */
import { codeOf, messageOf } from '../base/index.js';
import type { FileHandle, FileSystem } from '../io/index.js';
import { readWhole } from '../io/index.js';
import type { Kernel } from '../kernel/index.js';
import { checkLog } from './leveldb-log.js';
import { checkTable } from './leveldb-table.js';
import { LevelDbVersion } from './leveldb-version.js';

export type AuditResult =
  | { readonly kind: 'absent' }
  | { readonly kind: 'sound'; readonly files: number; readonly bytes: number }
  | {
      readonly kind: 'damaged';
      /** Name in the folder. */
      readonly file: string;
      readonly offset: number;
      readonly why: string;
    };

export interface AuditProgress {
  readonly file: string;
  /** Bytes checked so far, in all files. */
  readonly bytes: number;
}

export interface AuditOptions {
  /** Called after each read (about 1 MiB). It may throw, which ends the audit. */
  readonly onProgress?: (progress: AuditProgress) => void;
  /** Called after each read with its bytes; a background audit waits here for its share. */
  readonly budget?: (bytes: number) => void;
}

type Damaged = Extract<AuditResult, { kind: 'damaged' }>;

/** What the MANIFEST says is alive. */
interface Live {
  readonly kind: 'live';
  /** Tells whether an edit came since. */
  readonly stamp: string;
  /** Ascending; the last one is the newest. */
  readonly logs: readonly string[];
  /** Bytes by name. */
  readonly tables: ReadonlyMap<string, number>;
}

type FileVerdict =
  | { readonly kind: 'sound' }
  | { readonly kind: 'torn'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: string };

type Steps<T> = Generator<AuditProgress, T, undefined>;

/**
 * Audits the folder in one go. Blocks its thread: meant for a compute thread. Throws the system's
 * errors other than EIO, which is damage.
 */
export function auditLevelDb(
  fs: FileSystem,
  directory: string,
  kernel: Kernel,
  options: AuditOptions = {},
): AuditResult {
  const steps = auditLevelDbSteps(fs, directory, kernel);
  try {
    let before = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      options.onProgress?.(step.value);
      options.budget?.(step.value.bytes - before);
      before = step.value.bytes;
    }
  } finally {
    // Closes the file that was being read when a callback threw.
    steps.return({ kind: 'absent' });
  }
}

/** The same in steps of one read (about 1 MiB), for callers that do something in between. */
export function* auditLevelDbSteps(
  fs: FileSystem,
  directory: string,
  kernel: Kernel,
): Steps<AuditResult> {
  const audit = new Audit(fs, directory, kernel);
  if (!audit.present()) return { kind: 'absent' };
  const start = yield* audit.live();
  if (start.kind === 'damaged') return start;
  for (const name of [...start.logs, ...start.tables.keys()]) {
    const found = yield* audit.settled(start, (live) => audit.file(name, live));
    if (found !== null) return found;
  }
  return audit.sum();
}

class Audit {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #kernel: Kernel;
  readonly #files = new Set<string>();
  #bytes = 0;

  constructor(fs: FileSystem, directory: string, kernel: Kernel) {
    this.#fs = fs;
    this.#directory = directory;
    this.#kernel = kernel;
  }

  /** Before its first CURRENT a new database has neither logs nor tables: it holds nothing. */
  present(): boolean {
    if (this.#fs.stat(this.#directory) === null) return false;
    const names = this.#fs.list(this.#directory);
    return names.some((name) => name === 'CURRENT' || /^\d+\.(log|ldb|sst)$/.test(name));
  }

  sum(): AuditResult {
    return { kind: 'sound', files: this.#files.size, bytes: this.#bytes };
  }

  /**
   * Repeats a check that found damage until the MANIFEST did not change meanwhile. The folder may
   * be in use: LevelDB removes a file only after an edit in the MANIFEST says so.
   */
  *settled(start: Live, check: (live: Live) => Steps<Damaged | null>): Steps<Damaged | null> {
    let live = start;
    for (;;) {
      const found = yield* check(live);
      if (found === null || this.#stamp() === live.stamp) return found;
      const now = yield* this.live();
      if (now.kind === 'damaged') return now;
      live = now;
    }
  }

  /** What is alive now. */
  *live(): Steps<Live | Damaged> {
    for (;;) {
      const stamp = this.#stamp();
      const live = yield* this.#live(stamp);
      if (live.kind === 'live' || this.#stamp() === stamp) return live;
    }
  }

  /** Differs after every edit: CURRENT, and the length of the MANIFEST that it names. */
  #stamp(): string {
    const current = this.#current();
    if (current.kind === 'damaged') return current.why;
    const bytes = this.#fs.stat(`${this.#directory}/${current.manifest}`)?.bytes;
    return `${current.manifest} ${bytes}`;
  }

  /** Reads CURRENT and the MANIFEST that it names. */
  *#live(stamp: string): Steps<Live | Damaged> {
    const current = this.#current();
    if (current.kind === 'damaged') return current;
    const { manifest } = current;
    this.#count('CURRENT', manifest.length + 1);
    const version = new LevelDbVersion();
    let why: string | null = null;
    const verdict = yield* this.#check(manifest, (file) =>
      checkLog(file, this.#kernel, (record) => {
        why ??= version.apply(record);
      }),
    );
    if (verdict.kind === 'damaged') return { ...verdict, file: manifest };
    why ??= version.missing();
    if (why !== null) return { kind: 'damaged', file: manifest, offset: 0, why };
    return this.#alive(stamp, version);
  }

  /** Checks one log or table; null when it is sound, or not alive. */
  *file(name: string, live: Live): Steps<Damaged | null> {
    const bytes = live.tables.get(name);
    if (bytes === undefined) return yield* this.#log(name, live);
    const size = this.#fs.stat(`${this.#directory}/${name}`)?.bytes;
    if (size !== undefined && size !== bytes) {
      const why = `it has ${size} bytes and should have ${bytes}`;
      return { kind: 'damaged', file: name, offset: Math.min(size, bytes), why };
    }
    const verdict = yield* this.#check(name, (file) => checkTable(file, this.#kernel));
    return verdict.kind === 'damaged' ? { ...verdict, file: name } : null;
  }

  *#log(name: string, live: Live): Steps<Damaged | null> {
    const at = live.logs.indexOf(name);
    if (at < 0) return null;
    const verdict = yield* this.#check(name, (file) => checkLog(file, this.#kernel));
    if (verdict.kind === 'sound') return null;
    if (verdict.kind === 'damaged') return { ...verdict, file: name };
    const newer = live.logs.slice(at + 1);
    const sizes = newer.map((log) => this.#fs.stat(`${this.#directory}/${log}`)?.bytes ?? 0);
    if (sizes.every((size) => size === 0)) return null;
    const why = 'a record is cut short, and a newer log has records';
    return { kind: 'damaged', file: name, offset: verdict.offset, why };
  }

  #current(): { readonly kind: 'current'; readonly manifest: string } | Damaged {
    const bytes = new Uint8Array(64);
    let length = 0;
    try {
      const file = this.#fs.open(`${this.#directory}/CURRENT`, { access: 'read' });
      try {
        length = readWhole(file, bytes, bytes.length, 0);
      } finally {
        file.close();
      }
    } catch (error) {
      const why = lostWhy(error);
      return { kind: 'damaged', file: 'CURRENT', offset: 0, why };
    }
    const text = Buffer.from(bytes.subarray(0, length)).toString('latin1');
    const manifest = /^(MANIFEST-\d{6,})\n$/.exec(text)?.[1];
    if (manifest !== undefined) return { kind: 'current', manifest };
    return { kind: 'damaged', file: 'CURRENT', offset: 0, why: 'it names no MANIFEST' };
  }

  #alive(stamp: string, version: LevelDbVersion): Live | Damaged {
    const names = this.#fs.list(this.#directory);
    const least = version.logNumber ?? 0;
    const logs = names
      .flatMap((name) =>
        /^\d+\.log$/.test(name) ? [{ name, number: Number.parseInt(name, 10) }] : [],
      )
      .filter(({ number }) => number >= least || number === version.previousLog)
      .sort((a, b) => a.number - b.number);
    // LevelDB makes a log before an edit names it, and would not miss it: its writes would be lost.
    if (least > 0 && !logs.some(({ number }) => number === least)) {
      const file = `${String(least).padStart(6, '0')}.log`;
      return { kind: 'damaged', file, offset: 0, why: 'it is missing' };
    }
    const present = new Set(names);
    const tables = new Map<string, number>();
    for (const [number, bytes] of version.tables()) {
      const stem = String(number).padStart(6, '0');
      tables.set(present.has(`${stem}.sst`) ? `${stem}.sst` : `${stem}.ldb`, bytes);
    }
    return { kind: 'live', stamp, logs: logs.map(({ name }) => name), tables };
  }

  /** Runs a check over an open file; a file that is missing or unreadable is damaged. */
  *#check(
    name: string,
    check: (file: FileHandle) => Generator<number, FileVerdict, undefined>,
  ): Steps<FileVerdict> {
    try {
      const file = this.#fs.open(`${this.#directory}/${name}`, { access: 'read' });
      try {
        const steps = check(file);
        for (let step = steps.next(); ; step = steps.next()) {
          if (step.done === true) return step.value;
          this.#count(name, step.value);
          yield { file: name, bytes: this.#bytes };
        }
      } finally {
        file.close();
      }
    } catch (error) {
      return { kind: 'damaged', offset: 0, why: lostWhy(error) };
    }
  }

  #count(name: string, bytes: number): void {
    this.#files.add(name);
    this.#bytes += bytes;
  }
}

/** Why a file that must be there cannot be read; other errors say nothing about it: thrown on. */
function lostWhy(error: unknown): string {
  if (codeOf(error) === 'ENOENT') return 'it is missing';
  if (codeOf(error) === 'EIO') return `the disk cannot read it: ${messageOf(error)}`;
  throw error;
}
