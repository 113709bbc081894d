/**
 * The real data of the demo: the files below a folder, and records cut from them.
 *
 * A record is a fact that an application could store: one field of a package.json, or one line of
 * source with its file and number. Order and content depend on the files alone.
 */
import { join } from 'node:path';
import type { FileSystem } from '../../../io/index.js';

export interface CorpusFile {
  readonly path: string;
  /** Below the corpus folder, with forward slashes. */
  readonly name: string;
  readonly bytes: number;
}

/** Deeper folders are left out: package managers link folders into cycles. */
const depthMax = 24;
const filesMax = 200_000;
/** Records are cut from texts up to this size; larger ones are data or bundles. */
const recordSourceBytesMax = 256 * 1024;
const lineBytesMin = 24;

/** Files below a folder in the order of their names. Other kinds (sockets, ...) are left out. */
export function* walk(fileSystem: FileSystem, folder: string): Generator<CorpusFile> {
  let count = 0;
  const visit = function* (path: string, name: string, depth: number): Generator<CorpusFile> {
    for (const entry of fileSystem.list(path)) {
      // `.bin` holds links to files that are visited anyway.
      if (entry === '.bin' || entry === '.git') continue;
      const child = join(path, entry);
      const childName = name === '' ? entry : `${name}/${entry}`;
      const found = fileSystem.stat(child);
      if (found?.kind === 'file' && count < filesMax) {
        count++;
        yield { path: child, name: childName, bytes: found.bytes };
      } else if (found?.kind === 'directory' && depth < depthMax) {
        yield* visit(child, childName, depth + 1);
      }
    }
  };
  yield* visit(folder, '', 0);
}

/** At most `most` records of one file, evenly spaced; none for what is no text. */
export function cutRecords(file: CorpusFile, bytes: Buffer, most: number): string[] {
  if (bytes.length > recordSourceBytesMax) return [];
  if (file.name.endsWith('package.json')) return fieldsOf(file, bytes, most);
  const isSource = /\.(?:[cm]?[jt]s|md|h|cc|c|css|html)$/.test(file.name);
  return isSource ? linesOf(file, bytes, most) : [];
}

function fieldsOf(file: CorpusFile, bytes: Buffer, most: number): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    // Packages ship broken package.json files as test data: those are stored as files alone.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return [];
  return thinned(Object.entries(parsed), most).map(([field, value]) =>
    JSON.stringify({ file: file.name, field, value }),
  );
}

function linesOf(file: CorpusFile, bytes: Buffer, most: number): string[] {
  const lines = bytes.toString('utf8').split('\n');
  const long = [...lines.keys()].filter((at) => (lines[at] as string).length >= lineBytesMin);
  return thinned(long, most).map((at) =>
    JSON.stringify({ file: file.name, line: at + 1, text: (lines[at] as string).trim() }),
  );
}

/** Evenly spaced, so that the records of a long file come from all of it. */
function thinned<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  const picked: T[] = [];
  for (let at = 0; at < all.length; at += step) picked.push(all[Math.floor(at)] as T);
  return picked;
}
