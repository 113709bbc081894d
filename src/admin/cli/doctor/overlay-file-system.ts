/**
 * A file system that shows another one and keeps every change to itself, in memory.
 *
 * The doctor runs recovery itself over it, repairs included: what it reports is exactly what the
 * next open would do, and the disk stays as it is. Made for checks that change little: changed
 * pages are held in memory.
 *
 * Invariant: nothing but `open` for reading, `list`, `stat` and `space` reaches the file system
 * below.
 */
import { dirname } from 'node:path';
import { assert } from '../../../base/index.js';
import {
  type FileHandle,
  type FileStat,
  type FileSystem,
  type OpenOptions,
  type Space,
  SystemError,
} from '../../../io/index.js';
import { OverlayFile } from './overlay-file.js';

type Node = OverlayFile | 'directory' | 'absent';

export function overlayFileSystem(below: FileSystem): FileSystem {
  return new OverlayFileSystem(below);
}

class OverlayFileSystem implements FileSystem {
  readonly #below: FileSystem;
  /** What differs from the file system below, by path. */
  readonly #changed = new Map<string, Node>();

  constructor(below: FileSystem) {
    this.#below = below;
  }

  open(path: string, options: OpenOptions): FileHandle {
    const found = this.stat(path);
    if (options.create === true) {
      if (found !== null) throw new SystemError('EEXIST', 'open', path);
      if (this.stat(dirname(path)) === null) throw new SystemError('ENOENT', 'open', path);
      this.#changed.set(path, new OverlayFile(null, 0));
    } else if (found === null) throw new SystemError('ENOENT', 'open', path);
    if (found?.kind === 'directory') throw new SystemError('EISDIR', 'open', path);
    const node = this.#changed.get(path);
    if (node === undefined && options.access === 'read') return this.#below.open(path, options);
    return this.#file(path).open(path, options.access);
  }

  list(path: string): string[] {
    const found = this.stat(path);
    if (found === null) throw new SystemError('ENOENT', 'scandir', path);
    if (found.kind !== 'directory') throw new SystemError('ENOTDIR', 'scandir', path);
    const isOwn = this.#changed.has(path);
    const names = new Set(isOwn ? [] : this.#below.list(path));
    for (const [changed, node] of this.#changed) {
      if (dirname(changed) !== path) continue;
      const name = changed.slice(path.length + 1);
      if (node === 'absent') names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  stat(path: string): FileStat | null {
    const node = this.#changed.get(path);
    if (node === 'absent') return null;
    if (node === 'directory') return { kind: 'directory', bytes: 0 };
    if (node !== undefined) return { kind: 'file', bytes: node.length };
    return this.#isBelowRemoved(path) ? null : this.#below.stat(path);
  }

  makeDirectory(path: string): void {
    if (this.stat(path) !== null) throw new SystemError('EEXIST', 'mkdir', path);
    if (this.stat(dirname(path)) === null) throw new SystemError('ENOENT', 'mkdir', path);
    this.#changed.set(path, 'directory');
  }

  /** Files alone: nothing that the doctor runs renames a folder. */
  rename(from: string, to: string): void {
    const found = this.stat(from);
    if (found === null) throw new SystemError('ENOENT', 'rename', from);
    assert(found.kind === 'file', 'recovery renames files, never folders');
    if (this.stat(to)?.kind === 'directory') throw new SystemError('EISDIR', 'rename', to);
    const file = this.#file(from);
    this.#changed.set(from, 'absent');
    this.#changed.set(to, file);
  }

  unlink(path: string): void {
    const found = this.stat(path);
    if (found === null) throw new SystemError('ENOENT', 'unlink', path);
    if (found.kind === 'directory') throw new SystemError('EISDIR', 'unlink', path);
    this.#changed.set(path, 'absent');
  }

  removeTree(path: string): void {
    for (const changed of this.#changed.keys()) {
      if (changed.startsWith(`${path}/`)) this.#changed.delete(changed);
    }
    this.#changed.set(path, 'absent');
  }

  syncDirectory(path: string): void {
    if (this.stat(path) === null) throw new SystemError('ENOENT', 'open', path);
  }

  space(path: string): Space {
    let there = path;
    while (this.#below.stat(there) === null && dirname(there) !== there) there = dirname(there);
    return this.#below.space(there);
  }

  /** The file to change; from now on it is this one, not the one below. */
  #file(path: string): OverlayFile {
    const node = this.#changed.get(path);
    if (node instanceof OverlayFile) return node;
    const bytes = this.stat(path)?.bytes ?? 0;
    const file = new OverlayFile(() => this.#below.open(path, { access: 'read' }), bytes);
    this.#changed.set(path, file);
    return file;
  }

  /** Whether a folder above was removed or made anew here: then the disk says nothing of it. */
  #isBelowRemoved(path: string): boolean {
    for (let at = dirname(path); dirname(at) !== at; at = dirname(at)) {
      const node = this.#changed.get(at);
      if (node === 'absent' || node === 'directory') return true;
    }
    return false;
  }
}
