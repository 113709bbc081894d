/**
 * A file system that counts the calls to another one, shows each to a test, and fails the calls
 * that rules name.
 *
 * Rules are data: `{ operation: 'sync', path: '/log/', nth: 3, error: 'EIO' }` fails the third sync
 * below `/log/`, once; with `sticky`, every one from the third on. A test that must survive a
 * fault anywhere runs its workload with nth = 1, 2, 3, ... until `fired()` stays 0.
 */
import { assert } from '../base/index.js';
import type { FileHandle, FileStat, FileSystem, OpenOptions, Space } from './file-system.js';
import { MemoryFileHandle } from './memory-file-handle.js';
import { SystemError, type SystemErrorCode } from './system-error.js';

export const fileOperations = [
  'open',
  'read',
  'write',
  'sync',
  'list',
  'stat',
  'makeDirectory',
  'rename',
  'unlink',
  'removeTree',
  'syncDirectory',
  'truncate',
  'close',
  'space',
] as const;

export type FileOperation = (typeof fileOperations)[number];

/** The operations between which a power cut leaves different states. */
export const crashPointOperations: readonly FileOperation[] = [
  'write',
  'sync',
  'rename',
  'truncate',
  'unlink',
  'removeTree',
  'makeDirectory',
  'syncDirectory',
  'open',
];

export interface FaultRule {
  /** Default: every operation. */
  readonly operation?: FileOperation;
  /** A part of the path; of either path in a rename. Default: every path. */
  readonly path?: string;
  /** Which of the matching calls fails, from 1. Default 1. */
  readonly nth?: number;
  /** Fails all matching calls from the nth on. Default: that one only. */
  readonly sticky?: boolean;
  /** `short-read` and `short-write` do about half of the work and return normally. */
  readonly error: SystemErrorCode | 'short-read' | 'short-write';
  /** Performs the call, then fails: the caller cannot know. Default false. */
  readonly afterEffect?: boolean;
  /**
   * For a failing sync of a file in memory: its unsynced writes are lost, and later syncs succeed
   * without them, as kernels do after a failed write-back. Default true.
   */
  readonly loses?: boolean;
}

export interface FileCall {
  /** From 0, in order of the calls. */
  readonly index: number;
  readonly operation: FileOperation;
  /** For a rename, the old path. */
  readonly path: string;
  /** For a rename, the new path. */
  readonly target?: string;
  /** The bytes of a write, valid during onCall only. */
  readonly write?: { readonly bytes: Uint8Array; readonly position: number };
}

export interface FaultyFileSystemOptions {
  readonly rules?: readonly FaultRule[];
  /**
   * Called before each call, and after each that returned. It may throw, which ends the caller's
   * work there as a crash would.
   */
  readonly onCall?: (call: FileCall, phase: 'before' | 'after') => void;
}

interface ArmedRule {
  readonly rule: FaultRule;
  matched: number;
}

export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  readonly #onCall: (call: FileCall, phase: 'before' | 'after') => void;
  readonly #calls: FileCall[] = [];
  #rules: ArmedRule[] = [];
  #fired = 0;

  constructor(inner: FileSystem, options: FaultyFileSystemOptions = {}) {
    this.#inner = inner;
    this.#onCall = options.onCall ?? (() => undefined);
    for (const rule of options.rules ?? []) this.inject(rule);
  }

  /** Adds a rule; it counts matching calls from now on. */
  inject(rule: FaultRule): void {
    assert((rule.nth ?? 1) >= 1, 'calls are counted from 1');
    const read = rule.error !== 'short-read' || rule.operation === 'read';
    const write = rule.error !== 'short-write' || rule.operation === 'write';
    assert(read && write, 'a short read or write names its operation');
    this.#rules.push({ rule, matched: 0 });
  }

  /** Removes all rules: the disk is healthy again. */
  heal(): void {
    this.#rules = [];
  }

  /** All calls so far, without the bytes of writes. */
  calls(): readonly FileCall[] {
    return this.#calls;
  }

  /** How often a rule made a call fail or fall short. */
  fired(): number {
    return this.#fired;
  }

  open(path: string, options: OpenOptions): FileHandle {
    const handle = this.#run('open', path, () => this.#inner.open(path, options));
    return new FaultyFileHandle(handle, path, this.#gate);
  }

  list(path: string): string[] {
    return this.#run('list', path, () => this.#inner.list(path));
  }

  stat(path: string): FileStat | null {
    return this.#run('stat', path, () => this.#inner.stat(path));
  }

  makeDirectory(path: string): void {
    this.#run('makeDirectory', path, () => this.#inner.makeDirectory(path));
  }

  rename(from: string, to: string): void {
    this.#gate({ operation: 'rename', path: from, target: to }, () => this.#inner.rename(from, to));
  }

  unlink(path: string): void {
    this.#run('unlink', path, () => this.#inner.unlink(path));
  }

  removeTree(path: string): void {
    this.#run('removeTree', path, () => this.#inner.removeTree(path));
  }

  syncDirectory(path: string): void {
    this.#run('syncDirectory', path, () => this.#inner.syncDirectory(path));
  }

  space(path: string): Space {
    return this.#run('space', path, () => this.#inner.space(path));
  }

  #run<T>(operation: FileOperation, path: string, perform: () => T): T {
    return this.#gate({ operation, path }, perform);
  }

  readonly #gate: Gate = (unnumbered, perform, abilities = {}) => {
    const call: FileCall = { ...unnumbered, index: this.#calls.length };
    const { write: _bytes, ...logged } = call;
    this.#calls.push(logged);
    this.#onCall(call, 'before');
    const rule = this.#ruleFor(call);
    const result = this.#perform(call, rule, perform, abilities);
    this.#onCall(call, 'after');
    return result;
  };

  #perform<T>(
    call: FileCall,
    rule: FaultRule | null,
    perform: () => T,
    abilities: Abilities<T>,
  ): T {
    if (rule === null) return perform();
    this.#fired += 1;
    if (rule.error === 'short-read' || rule.error === 'short-write') {
      return (abilities.short ?? perform)();
    }
    // A close that fails has closed all the same, as on Linux.
    if (rule.afterEffect === true || call.operation === 'close') perform();
    else if (rule.loses !== false) abilities.lose?.();
    throw new SystemError(rule.error, call.operation, call.path, true);
  }

  /** Every rule that matches counts the call; the first that is due decides. */
  #ruleFor(call: FileCall): FaultRule | null {
    let due: FaultRule | null = null;
    for (const armed of this.#rules) {
      const { rule } = armed;
      if (rule.operation !== undefined && rule.operation !== call.operation) continue;
      const part = rule.path ?? '';
      if (!call.path.includes(part) && call.target?.includes(part) !== true) continue;
      armed.matched += 1;
      const nth = rule.nth ?? 1;
      const fires = rule.sticky === true ? armed.matched >= nth : armed.matched === nth;
      if (fires) due ??= rule;
    }
    return due;
  }
}

/** What a call can do besides succeeding: fall short, or lose what it should have synced. */
interface Abilities<T> {
  readonly short?: () => T;
  readonly lose?: () => void;
}

type Gate = <T>(call: Omit<FileCall, 'index'>, perform: () => T, abilities?: Abilities<T>) => T;

class FaultyFileHandle implements FileHandle {
  readonly #inner: FileHandle;
  readonly #path: string;
  readonly #gate: Gate;

  constructor(inner: FileHandle, path: string, gate: Gate) {
    this.#inner = inner;
    this.#path = path;
    this.#gate = gate;
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const read = (part: number): number => this.#inner.read(target, targetOffset, part, position);
    const abilities = { short: () => read(shorter(length)) };
    return this.#gate({ operation: 'read', path: this.#path }, () => read(length), abilities);
  }

  write(source: Uint8Array, sourceOffset: number, length: number, position: number): number {
    const write = (part: number): number => this.#inner.write(source, sourceOffset, part, position);
    const bytes = source.subarray(sourceOffset, sourceOffset + length);
    const call = { operation: 'write', path: this.#path, write: { bytes, position } } as const;
    return this.#gate(call, () => write(length), { short: () => write(shorter(length)) });
  }

  readVector(targets: readonly Uint8Array[], position: number): number {
    const read = (part: readonly Uint8Array[]): number => this.#inner.readVector(part, position);
    const abilities = { short: () => read(shorterVector(targets)) };
    return this.#gate({ operation: 'read', path: this.#path }, () => read(targets), abilities);
  }

  writeVector(sources: readonly Uint8Array[], position: number): number {
    const write = (part: readonly Uint8Array[]): number => this.#inner.writeVector(part, position);
    const call = {
      operation: 'write',
      path: this.#path,
      write: { bytes: Buffer.concat(sources), position },
    } as const;
    return this.#gate(call, () => write(sources), { short: () => write(shorterVector(sources)) });
  }

  sync(): void {
    const inner = this.#inner;
    const lose = (): void => {
      if (inner instanceof MemoryFileHandle) inner.loseUnsynced();
    };
    this.#gate({ operation: 'sync', path: this.#path }, () => inner.sync(), { lose });
  }

  truncate(length: number): void {
    this.#gate({ operation: 'truncate', path: this.#path }, () => this.#inner.truncate(length));
  }

  size(): number {
    return this.#gate({ operation: 'stat', path: this.#path }, () => this.#inner.size());
  }

  isNamed(): boolean {
    return this.#gate({ operation: 'stat', path: this.#path }, () => this.#inner.isNamed());
  }

  close(): void {
    this.#gate({ operation: 'close', path: this.#path }, () => this.#inner.close());
  }
}

/** About half, in whole blocks or sectors where there are any; never nothing. */
function shorter(length: number): number {
  const unit = length > 4_096 ? 4_096 : length > 512 ? 512 : 1;
  return Math.min(length, Math.max(unit, Math.floor(length / 2 / unit) * unit));
}

/** The beginning of a vector, as long as a short call would move. */
function shorterVector(vector: readonly Uint8Array[]): Uint8Array[] {
  let left = shorter(vector.reduce((sum, part) => sum + part.length, 0));
  const kept: Uint8Array[] = [];
  for (const part of vector) {
    if (left === 0) break;
    kept.push(part.subarray(0, left));
    left -= Math.min(left, part.length);
  }
  return kept;
}
