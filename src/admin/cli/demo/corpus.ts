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

/** Records of one file; none for what is no text. */
export function* cutRecords(file: CorpusFile, bytes: Buffer): Generator<string> {
  if (bytes.length > recordSourceBytesMax) return;
  if (file.name.endsWith('package.json')) yield* fieldsOf(file, bytes);
  else if (/\.(?:[cm]?[jt]s|md|h|cc|c|css|html)$/.test(file.name)) yield* linesOf(file, bytes);
}

function* fieldsOf(file: CorpusFile, bytes: Buffer): Generator<string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    // Packages ship broken package.json files as test data: those are stored as files alone.
    if (error instanceof SyntaxError) return;
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return;
  for (const [field, value] of Object.entries(parsed)) {
    yield JSON.stringify({ file: file.name, field, value });
  }
}

function* linesOf(file: CorpusFile, bytes: Buffer): Generator<string> {
  let number = 0;
  for (const line of bytes.toString('utf8').split('\n')) {
    number++;
    const text = line.trim();
    if (text.length < lineBytesMin) continue;
    yield JSON.stringify({ file: file.name, line: number, text });
  }
}
