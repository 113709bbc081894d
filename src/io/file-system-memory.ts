/**
 * A file system in memory that forgets what was not synced: the twin of the node one, for tests
 * and for the simulator. What a power cut may leave is defined in memory-file.ts (contents and
 * lengths) and memory-directory.ts (names).
 *
 * Invariants:
 * - The same calls and the same random stream give the same states.
 * - clone() and crash() leave their source as it is and share unchanged pages with it.
 * - A file takes the space of its whole length, rounded up to pages.
 */
import { posix } from 'node:path';
import { alignUp, assert, must } from '../base/index.js';
import type { FileHandle, FileStat, FileSystem, OpenOptions, Space } from './file-system.js';
import { MemoryDirectory, type MemoryNode, NameJournal } from './memory-directory.js';
import { type CrashChoice, MemoryFile, type SettledChoice } from './memory-file.js';
import { MemoryFileHandle, type SpaceAccount } from './memory-file-handle.js';
import type { RandomStream } from './random.js';
import { pageBytes, pageSectorBytes } from './sparse-image.js';
import { SystemError, type SystemErrorCode } from './system-error.js';

export interface MemoryFileSystemOptions {
  /** Space in all, in bytes; writes beyond it are cut short, then fail with ENOSPC. */
  readonly capacityBytes?: number;
}

/** One of these is drawn per crash unless the choice names a probability. */
const keepProbabilities = [0.1, 0.5, 0.9] as const;

interface Place {
  readonly directory: MemoryDirectory;
  readonly name: string;
  readonly node: MemoryNode | undefined;
  readonly ancestors: ReadonlySet<MemoryDirectory>;
}

export class MemoryFileSystem implements FileSystem {
  readonly #capacityBytes: number;
  #root = new MemoryDirectory();
  #journal = new NameJournal();
  #usedBytes = 0;
  readonly #account: SpaceAccount = {
    fit: (file, length) => {
      const freeBytes = this.#capacityBytes - this.#usedBytes;
      const freePages = Math.max(0, Math.floor(freeBytes / pageBytes));
      return Math.min(length, alignUp(file.length, pageBytes) + freePages * pageBytes);
    },
    resized: (fromLength, toLength) => {
      this.#usedBytes += alignUp(toLength, pageBytes) - alignUp(fromLength, pageBytes);
    },
    names: (path, file) => this.#find(path, 'stat') === file,
  };

  constructor(options: MemoryFileSystemOptions = {}) {
    this.#capacityBytes = options.capacityBytes ?? 2 ** 40;
  }

  open(path: string, options: OpenOptions): FileHandle {
    const place = this.#lookUp(path, 'open');
    if (options.create === true) {
      if (place.node !== undefined) throw new SystemError('EEXIST', 'open', path);
      const file = new MemoryFile();
      this.#create(place, file);
      return new MemoryFileHandle(this.#account, file, path, options);
    }
    if (place.node === undefined) throw new SystemError('ENOENT', 'open', path);
    if (place.node.kind === 'directory') throw new SystemError('EISDIR', 'open', path);
    return new MemoryFileHandle(this.#account, place.node, path, options);
  }

  list(path: string): string[] {
    return [...this.#directoryAt(path, 'scandir').live.keys()].sort();
  }

  stat(path: string): FileStat | null {
    const node = this.#find(path, 'stat');
    if (node === undefined) return null;
    return { kind: node.kind, bytes: node.kind === 'file' ? node.length : 0 };
  }

  makeDirectory(path: string): void {
    const place = this.#lookUp(path, 'mkdir');
    if (place.node !== undefined) throw new SystemError('EEXIST', 'mkdir', path);
    this.#create(place, new MemoryDirectory());
  }

  rename(from: string, to: string): void {
    const source = this.#lookUp(from, 'rename');
    const target = this.#lookUp(to, 'rename');
    const subject = source.node;
    if (subject === undefined) throw new SystemError('ENOENT', 'rename', from);
    if (subject === target.node) return;
    const refusal = whyNotRename(source, target, subject);
    if (refusal !== null) throw new SystemError(refusal, 'rename', to);
    this.#journal.record({
      kind: 'rename',
      effects: [
        { directory: source.directory, name: source.name, node: null },
        { directory: target.directory, name: target.name, node: subject },
      ],
      subject,
      replaced: target.node ?? null,
      ancestors: new Set([...source.ancestors, ...target.ancestors]),
    });
    if (target.node?.kind === 'file') this.#unlinked(target.node);
  }

  unlink(path: string): void {
    const place = this.#lookUp(path, 'unlink');
    if (place.node === undefined) throw new SystemError('ENOENT', 'unlink', path);
    if (place.node.kind === 'directory') throw new SystemError('EISDIR', 'unlink', path);
    this.#remove(place, place.node);
  }

  removeTree(path: string): void {
    if (this.#find(path, 'rm') === undefined) return;
    const place = this.#lookUp(path, 'rm');
    if (place.node !== undefined) this.#removeTree(place, place.node);
  }

  syncDirectory(path: string): void {
    this.#journal.sync(this.#directoryAt(path, 'open'));
  }

  space(path: string): Space {
    if (this.#find(path, 'statfs') === undefined) throw new SystemError('ENOENT', 'statfs', path);
    const totalBytes = this.#capacityBytes;
    const freeBytes = Math.max(0, totalBytes - this.#usedBytes);
    return { freeBytes, totalBytes, fileSystemId: 'memory' };
  }

  /** What a killed process leaves: everything written, synced or not. Open handles stay here. */
  clone(): MemoryFileSystem {
    const copies = new Map<MemoryNode, MemoryNode>();
    const copyOf = (node: MemoryNode): MemoryNode => {
      const known = copies.get(node);
      if (known !== undefined) return known;
      const copy = node.kind === 'file' ? node.clone() : new MemoryDirectory();
      copies.set(node, copy);
      if (node.kind === 'directory' && copy.kind === 'directory') {
        for (const [name, child] of node.live) copy.live.set(name, copyOf(child));
        for (const [name, child] of node.durable) copy.durable.set(name, copyOf(child));
      }
      return copy;
    };
    const result = new MemoryFileSystem({ capacityBytes: this.#capacityBytes });
    const root = copyOf(this.#root);
    assert(root.kind === 'directory', 'the root is a folder');
    result.#root = root;
    result.#journal = this.#journal.clone(copyOf);
    result.#countSpace();
    return result;
  }

  /** A legal state after a power cut now. */
  crash(choice: CrashChoice): MemoryFileSystem {
    const result = this.clone();
    const settled = drawKeep(choice);
    result.#journal.settle(settled);
    settleNames(result.#root);
    for (const [, file] of filesBelow(result.#root, '')) file.settle(settled);
    result.#countSpace();
    return result;
  }

  /**
   * Adds a write that a power cut may tear, whatever the file was opened with. On a clone taken
   * before a write to a `dsync` or `direct` file, it makes the states in the middle of that write.
   */
  writeUnsynced(path: string, bytes: Uint8Array, position: number): void {
    const file = this.#fileAt(path);
    const lengthBefore = file.length;
    file.write(bytes, position);
    this.#account.resized(lengthBefore, file.length);
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    return filesBelow(this.#root, '')
      .map(([path]) => path)
      .sort();
  }

  /** A copy of what reads return. */
  bytesOf(path: string): Uint8Array {
    const file = this.#fileAt(path);
    const bytes = new Uint8Array(file.length);
    file.read(bytes, 0, bytes.length, 0);
    return bytes;
  }

  /** Damage: inverts one bit (0 to 7) of a byte. */
  flipBit(path: string, byteOffset: number, bit: number): void {
    assert(bit >= 0 && bit < 8, 'a bit of a byte');
    const file = this.#fileAt(path);
    assert(byteOffset >= 0 && byteOffset < file.length, 'the byte is in the file');
    file.flip(byteOffset, 1 << bit);
  }

  /** Damage: replaces bytes, durably; with bytes of another place, a misdirected write. */
  overwrite(path: string, bytes: Uint8Array, position: number): void {
    const file = this.#fileAt(path);
    assert(position >= 0 && position + bytes.length <= file.length, 'the bytes are in the file');
    file.overwrite(bytes, position);
  }

  /** Damage: fills a sector (512 bytes) with random bytes. */
  corruptSector(path: string, sector: number, random: RandomStream): void {
    const start = sector * pageSectorBytes;
    const bytes = new Uint8Array(Math.min(pageSectorBytes, this.#fileAt(path).length - start));
    random.fill(bytes);
    this.overwrite(path, bytes, start);
  }

  /** Damage: gives the file back the contents it has in another (older) state of this disk. */
  restoreStale(path: string, older: MemoryFileSystem): void {
    this.#fileAt(path).become(older.#fileAt(path));
    this.#countSpace();
  }

  #countSpace(): void {
    this.#usedBytes = 0;
    for (const [, file] of filesBelow(this.#root, '')) {
      this.#usedBytes += alignUp(file.length, pageBytes);
    }
  }

  #create(place: Place, subject: MemoryNode): void {
    const effects = [{ directory: place.directory, name: place.name, node: subject }];
    const { ancestors } = place;
    this.#journal.record({ kind: 'create', effects, subject, replaced: null, ancestors });
  }

  #remove(place: Place, subject: MemoryNode): void {
    const effects = [{ directory: place.directory, name: place.name, node: null }];
    const { ancestors } = place;
    this.#journal.record({ kind: 'remove', effects, subject, replaced: null, ancestors });
    if (subject.kind === 'file') this.#unlinked(subject);
  }

  #removeTree(place: Place, node: MemoryNode): void {
    if (node.kind === 'directory') {
      const ancestors = new Set([...place.ancestors, node]);
      for (const [name, child] of [...node.live]) {
        this.#removeTree({ directory: node, name, node: child, ancestors }, child);
      }
    }
    this.#remove(place, node);
  }

  #unlinked(file: MemoryFile): void {
    file.linked = false;
    if (file.openHandles === 0) this.#usedBytes -= alignUp(file.length, pageBytes);
  }

  /** The place a path names, whether something is there or not. */
  #lookUp(path: string, syscall: string): Place {
    const parts = partsOf(path, syscall);
    const name = parts.pop();
    if (name === undefined) throw new SystemError('EBUSY', syscall, path);
    const ancestors = new Set([this.#root]);
    let directory = this.#root;
    for (const part of parts) {
      const next = directory.live.get(part);
      if (next === undefined) throw new SystemError('ENOENT', syscall, path);
      if (next.kind !== 'directory') throw new SystemError('ENOTDIR', syscall, path);
      directory = next;
      ancestors.add(directory);
    }
    return { directory, name, node: directory.live.get(name), ancestors };
  }

  #find(path: string, syscall: string): MemoryNode | undefined {
    if (partsOf(path, syscall).length === 0) return this.#root;
    try {
      return this.#lookUp(path, syscall).node;
    } catch (error) {
      if (error instanceof SystemError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #directoryAt(path: string, syscall: string): MemoryDirectory {
    const node = this.#find(path, syscall);
    if (node === undefined) throw new SystemError('ENOENT', syscall, path);
    if (node.kind !== 'directory') throw new SystemError('ENOTDIR', syscall, path);
    return node;
  }

  #fileAt(path: string): MemoryFile {
    const node = must(this.#find(path, 'open'), `a file at ${path}`);
    assert(node.kind === 'file', `${path} is a file`);
    return node;
  }
}

function partsOf(path: string, syscall: string): string[] {
  if (!path.startsWith('/')) throw new SystemError('EINVAL', syscall, path);
  return posix
    .normalize(path)
    .split('/')
    .filter((part) => part !== '');
}

/** The refusals of rename(2), in its order. */
function whyNotRename(source: Place, target: Place, subject: MemoryNode): SystemErrorCode | null {
  if (subject.kind === 'directory' && target.ancestors.has(subject)) return 'EINVAL';
  const replaced = target.node;
  if (replaced === undefined) return null;
  if (replaced.kind === 'directory') {
    if (source.ancestors.has(replaced)) return 'ENOTEMPTY';
    if (subject.kind === 'file') return 'EISDIR';
    return replaced.live.size > 0 ? 'ENOTEMPTY' : null;
  }
  return subject.kind === 'directory' ? 'ENOTDIR' : null;
}

function drawKeep(choice: CrashChoice): SettledChoice {
  if (typeof choice === 'string') return choice;
  const { random } = choice;
  const drawn = keepProbabilities[random.below(keepProbabilities.length)] ?? 0.5;
  return { random, keep: choice.keep ?? drawn };
}

/** Makes the names that survived the ones that are seen. */
function settleNames(directory: MemoryDirectory): void {
  directory.live.clear();
  for (const [name, node] of directory.durable) {
    directory.live.set(name, node);
    if (node.kind === 'directory') settleNames(node);
    else node.linked = true;
  }
}

function filesBelow(directory: MemoryDirectory, path: string): [string, MemoryFile][] {
  const found: [string, MemoryFile][] = [];
  for (const [name, node] of directory.live) {
    if (node.kind === 'file') found.push([`${path}/${name}`, node]);
    else found.push(...filesBelow(node, `${path}/${name}`));
  }
  return found;
}
